/** The forward pass of a network in the browser, equal to `core.trained.network.TrainedNetwork`'s. */

/** Keras's default epsilon of both normalizations. */
export const EPSILON = 0.001;
const SELU_SCALE = 1.0507009873554805;
const SELU_ALPHA = 1.6732632423543772;

/** @param {number} z */
const sigmoid = (z) => (z >= 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z)));

/** @param {number} z */
const softplus = (z) => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));

/**
 * By the names of core/experiment/menus.py, as Keras's documentation defines them; softmax is a function below.
 *
 * @type {Record<string, (z: number) => number>}
 */
export const ACTIVATIONS = {
  relu: (z) => Math.max(z, 0),
  tanh: Math.tanh,
  sigmoid,
  elu: (z) => (z > 0 ? z : Math.expm1(z)),
  selu: (z) => SELU_SCALE * (z > 0 ? z : SELU_ALPHA * Math.expm1(z)),
  gelu: (z) => z * normalCdf(z),
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
 * Return the cumulative distribution function of the normal distribution, to 1e-7.
 * Source: Numerical Recipes in C, 2nd edition, section 6.2: `erfcc`, a Chebyshev fit.
 *
 * @param {number} z
 */
function normalCdf(z) {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 2 / (2 + x);
  let sum = 0.17087277;
  for (const coefficient of [
    -0.82215223, 1.48851587, -1.13520398, 0.27886807, -0.18628806, 0.09678418, 0.37409196, 1.00002368, -1.26551223,
  ]) {
    sum = sum * t + coefficient;
  }
  const above = (t * Math.exp(-x * x + sum)) / 2;
  return z > 0 ? 1 - above : above;
}

/**
 * Return what every layer computes for rows of inputs.
 *
 * @param {Pick<Network, "sizes" | "layers">} network
 * @param {Tensors} tensors   by name, kernels (inputs, units) row by row
 * @param {ArrayLike<number>} inputs   scaled inputs, row by row
 * @param {number} rows
 * @returns {LayerValues[]}
 */
export function forward(network, tensors, inputs, rows) {
  let values = inputs;
  return network.layers.map((layer, index) => {
    const shape = { rows, inputs: network.sizes[index], units: network.sizes[index + 1] };
    const sums = weightedSums(values, tensors[`${layer.name}/kernel`], tensors[`${layer.name}/bias`], shape);
    const normalized = normalize(layer, tensors, sums, shape);
    const outputs = activate(layer.activation, normalized, shape);
    values = outputs;
    return { sums, normalized, outputs };
  });
}

/** @typedef {{rows: number, inputs: number, units: number}} LayerShape */

/**
 * @param {ArrayLike<number>} values
 * @param {Float32Array} kernel
 * @param {Float32Array} bias
 * @param {LayerShape} shape
 */
function weightedSums(values, kernel, bias, { rows, inputs, units }) {
  const sums = new Float64Array(rows * units);
  for (let row = 0; row < rows; row++) {
    const start = row * units;
    for (let unit = 0; unit < units; unit++) sums[start + unit] = bias[unit];
    for (let input = 0; input < inputs; input++) {
      const value = values[row * inputs + input];
      if (value === 0) continue;
      const weights = input * units;
      for (let unit = 0; unit < units; unit++) sums[start + unit] += value * kernel[weights + unit];
    }
  }
  return sums;
}

/**
 * @param {NetworkLayer} layer
 * @param {Tensors} tensors
 * @param {Float64Array} sums
 * @param {LayerShape} shape
 */
function normalize(layer, tensors, sums, { rows, units }) {
  if (layer.normalization === "none") return sums;
  const normalized = new Float64Array(sums.length);
  for (let row = 0; row < rows; row++) {
    const statistics = layer.normalization === "layer" ? layerStatistics(sums, row * units, units) : null;
    for (let unit = 0; unit < units; unit++) {
      const at = row * units + unit;
      const { mean, variance, gamma, beta } = normalizationOf(layer, tensors, unit, statistics);
      normalized[at] = (sums[at] - mean) * (gamma / Math.sqrt(variance + EPSILON)) + beta;
    }
  }
  return normalized;
}

/** @typedef {{mean: number, variance: number}} Statistics */
/** @typedef {Statistics & {gamma: number, beta: number}} Normalization */

/**
 * Return how one unit's sum is normalized.
 *
 * @param {NetworkLayer} layer
 * @param {Tensors} tensors
 * @param {number} unit
 * @param {?Statistics} statistics   of the row, for layer normalization; null for the unit's moving statistics
 * @returns {Normalization}
 */
export function normalizationOf({ normalizationName: name }, tensors, unit, statistics) {
  return {
    mean: statistics ? statistics.mean : tensors[`${name}/moving_mean`][unit],
    variance: statistics ? statistics.variance : tensors[`${name}/moving_variance`][unit],
    gamma: tensors[`${name}/gamma`][unit],
    beta: tensors[`${name}/beta`][unit],
  };
}

/**
 * Return mean and variance of one row's sums over the units of a layer.
 *
 * @param {Float64Array} sums
 * @param {number} start
 * @param {number} units
 * @returns {Statistics}
 */
export function layerStatistics(sums, start, units) {
  let mean = 0;
  for (let unit = 0; unit < units; unit++) mean += sums[start + unit] / units;
  let variance = 0;
  for (let unit = 0; unit < units; unit++) variance += (sums[start + unit] - mean) ** 2 / units;
  return { mean, variance };
}

/**
 * @param {string} name
 * @param {Float64Array} values
 * @param {{rows: number, units: number}} shape
 */
function activate(name, values, { rows, units }) {
  return name === "softmax" ? softmax(values, rows, units) : values.map(ACTIVATIONS[name]);
}

/**
 * @param {Float64Array} values
 * @param {number} rows
 * @param {number} units
 */
function softmax(values, rows, units) {
  const shares = new Float64Array(values.length);
  for (let row = 0; row < rows; row++) {
    const start = row * units;
    const most = Math.max(...values.subarray(start, start + units));
    let total = 0;
    for (let unit = 0; unit < units; unit++) {
      shares[start + unit] = Math.exp(values[start + unit] - most);
      total += shares[start + unit];
    }
    for (let unit = 0; unit < units; unit++) shares[start + unit] /= total;
  }
  return shares;
}

/**
 * Return the probabilities of the classes, Float64Array (rows, classes), from the outputs of the network.
 *
 * @param {Pick<Network, "classes" | "hinge">} network
 * @param {Float64Array} outputs
 * @param {number} rows
 */
export function probabilities({ classes, hinge }, outputs, rows) {
  if (classes > 2) return hinge ? softmax(outputs, rows, classes) : outputs;
  const shares = new Float64Array(rows * 2);
  for (let row = 0; row < rows; row++) {
    const second = hinge ? sigmoid(outputs[row]) : outputs[row];
    shares.set([1 - second, second], row * 2);
  }
  return shares;
}
