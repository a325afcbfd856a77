/**
 * A network's forward pass, as `core.trained.network.TrainedNetwork` has it: what every unit gives for given inputs.
 *
 * A network is described as the page is given it:
 *
 *   sizes    units of every level: inputs, hidden layers, output
 *   layers   {name, normalization, normalizationName, activation} of every hidden layer and, last, the output layer
 *   classes  number of classes, 0 where it predicts a number
 *   hinge    whether its outputs are scores and no probabilities
 */

const EPSILON = 0.001; // Keras's default in both normalizations
const SELU_SCALE = 1.0507009873554805;
const SELU_ALPHA = 1.6732632423543772;

const sigmoid = (z) => (z >= 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z)));
const softplus = (z) => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));

/** By the names of core/experiment/menus.py, as Keras's documentation defines them; softmax is `softmax` below. */
export const ACTIVATIONS = {
  relu: (z) => Math.max(z, 0),
  tanh: Math.tanh,
  sigmoid,
  elu: (z) => (z > 0 ? z : Math.expm1(z)),
  selu: (z) => SELU_SCALE * (z > 0 ? z : SELU_ALPHA * Math.expm1(z)),
  gelu: (z) => z * normalShare(z),
  swish: (z) => z * sigmoid(z),
  mish: (z) => z * Math.tanh(softplus(z)),
  leaky_relu: (z) => Math.max(z, 0.2 * z),
  softplus,
  softsign: (z) => z / (1 + Math.abs(z)),
  hard_sigmoid: (z) => Math.min(Math.max(z / 6 + 0.5, 0), 1),
  sine: Math.sin,
  linear: (z) => z,
};

/**
 * Return the share of the normal distribution below z, to 1e-7.
 * Source: Numerical Recipes in C, 2nd edition, section 6.2: `erfcc`, a Chebyshev fit.
 */
function normalShare(z) {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 2 / (2 + x);
  let sum = 0.17087277;
  for (const factor of [
    -0.82215223, 1.48851587, -1.13520398, 0.27886807, -0.18628806, 0.09678418, 0.37409196, 1.00002368, -1.26551223,
  ]) {
    sum = sum * t + factor;
  }
  const above = (t * Math.exp(-x * x + sum)) / 2;
  return z > 0 ? 1 - above : above;
}

/**
 * Return what every layer gives for rows of inputs.
 *
 * @param network   as above
 * @param {Object<string, Float32Array>} tensors   weights by name, kernels (inputs, units) row by row
 * @param {ArrayLike<number>} inputs   scaled inputs, row by row
 * @param {number} rows
 * @returns {{sums, normalized, outputs}[]}   of every layer Float64Array (rows, units): inputs times weights plus
 *   bias, what its normalization makes of them, and what it gives
 */
export function forward(network, tensors, inputs, rows) {
  let values = inputs;
  return network.layers.map((layer, place) => {
    const [width, units] = [network.sizes[place], network.sizes[place + 1]];
    const sums = weightedSums(values, rows, width, tensors[`${layer.name}/kernel`], tensors[`${layer.name}/bias`], units);
    const normalized = normalize(layer, tensors, sums, rows, units);
    const outputs = activate(layer.activation, normalized, rows, units);
    values = outputs;
    return { sums, normalized, outputs };
  });
}

function weightedSums(values, rows, width, kernel, bias, units) {
  const sums = new Float64Array(rows * units);
  for (let row = 0; row < rows; row++) {
    const start = row * units;
    for (let unit = 0; unit < units; unit++) sums[start + unit] = bias[unit];
    for (let input = 0; input < width; input++) {
      const value = values[row * width + input];
      if (value === 0) continue;
      const weights = input * units;
      for (let unit = 0; unit < units; unit++) sums[start + unit] += value * kernel[weights + unit];
    }
  }
  return sums;
}

function normalize({ normalization, normalizationName: name }, tensors, sums, rows, units) {
  if (normalization === "none") return sums;
  const normalized = new Float64Array(sums.length);
  for (let row = 0; row < rows; row++) {
    const statistics = normalization === "layer" ? layerStatistics(sums, row * units, units) : null;
    for (let unit = 0; unit < units; unit++) {
      const at = row * units + unit;
      const { mean, variance, gamma, beta } = normalizing(name, tensors, unit, statistics);
      normalized[at] = (sums[at] - mean) * (gamma / Math.sqrt(variance + EPSILON)) + beta;
    }
  }
  return normalized;
}

/** Return what one unit's sum is normalized with; `statistics` are those of its layer, null where they are its own. */
export function normalizing(name, tensors, unit, statistics) {
  return {
    mean: statistics ? statistics.mean : tensors[`${name}/moving_mean`][unit],
    variance: statistics ? statistics.variance : tensors[`${name}/moving_variance`][unit],
    gamma: tensors[`${name}/gamma`][unit],
    beta: tensors[`${name}/beta`][unit],
  };
}

/** Return mean and variance of one row's sums over the units of a layer. */
export function layerStatistics(sums, start, units) {
  let mean = 0;
  for (let unit = 0; unit < units; unit++) mean += sums[start + unit] / units;
  let variance = 0;
  for (let unit = 0; unit < units; unit++) variance += (sums[start + unit] - mean) ** 2 / units;
  return { mean, variance };
}

function activate(name, values, rows, units) {
  if (name === "softmax") return softmax(values, rows, units);
  const outputs = new Float64Array(values.length);
  const activation = ACTIVATIONS[name];
  for (let at = 0; at < values.length; at++) outputs[at] = activation(values[at]);
  return outputs;
}

function softmax(values, rows, units) {
  const shares = new Float64Array(values.length);
  for (let row = 0; row < rows; row++) {
    const scores = values.subarray(row * units, (row + 1) * units);
    const most = scores.reduce((one, other) => Math.max(one, other), -Infinity);
    let total = 0;
    for (let unit = 0; unit < units; unit++) total += shares[row * units + unit] = Math.exp(scores[unit] - most);
    for (let unit = 0; unit < units; unit++) shares[row * units + unit] /= total;
  }
  return shares;
}

/** Return the probabilities of the classes, Float64Array (rows, classes), of what the output layer gives. */
export function probabilities({ classes, hinge }, outputs, rows) {
  if (classes > 2) return hinge ? softmax(outputs, rows, classes) : outputs;
  const shares = new Float64Array(rows * 2);
  for (let row = 0; row < rows; row++) {
    const second = hinge ? sigmoid(outputs[row]) : outputs[row];
    shares.set([1 - second, second], row * 2);
  }
  return shares;
}
