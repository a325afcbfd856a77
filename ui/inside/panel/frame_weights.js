/** The weights of a frame, as core/analysis/packed_weights.py packs them, into one tensor each. */

let halves = null; // the value of every half float

/** @returns {Float32Array} of IEEE half floats, given by their bits. */
export function fromHalves(bits) {
  halves ??= Float32Array.from({ length: 65536 }, (_, pattern) => halfValue(pattern));
  const values = new Float32Array(bits.length);
  for (let at = 0; at < bits.length; at++) values[at] = halves[bits[at]];
  return values;
}

function halfValue(pattern) {
  const sign = pattern & 0x8000 ? -1 : 1;
  const exponent = (pattern >> 10) & 31;
  const fraction = pattern & 1023;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -14 * (fraction / 1024));
}

/**
 * Return the weights of a frame, or null where it has none that fit.
 *
 * @param {{mode: string, shapes: [string, number[]][], sizes: number[]}} network
 * @param {Object<string, {data, shape}>} arrays   of the frame
 * @returns {?{tensors: Object<string, Float32Array>, units: number[][], sizes: number[]}}
 *   `units` says of every level which of its units the tensors hold, rising, `sizes` how many that are: all of
 *   them, or in a summary the strongest
 */
export function readWeights(network, arrays) {
  if (!arrays.weights) return null;
  if (network.mode === "summary" && !arrays.shown) return null;
  const units = network.mode === "summary" ? shownUnits(arrays.shown) : network.sizes.map((size) => range(size));
  const sizes = units.map((shown) => shown.length);
  const shapes = network.mode === "summary" ? cutShapes(network, sizes) : network.shapes;
  const values = network.mode === "byte" ? fromBytes(arrays, shapes) : fromHalves(arrays.weights.data);
  const tensors = {};
  let start = 0;
  for (const [name, shape] of shapes) {
    const length = product(shape);
    tensors[name] = values.subarray(start, start + length);
    start += length;
  }
  return start === values.length ? { tensors, units, sizes } : null;
}

function shownUnits({ data, shape: [levels, most] }) {
  return range(levels).map((level) => [...data.subarray(level * most, (level + 1) * most)].filter((unit) => unit >= 0));
}

/** Return the tensors' names and shapes with so many units of every level. */
function cutShapes({ shapes }, sizes) {
  let level = 0;
  return shapes.map(([name, shape]) => {
    if (shape.length === 2) level += 1;
    return [name, shape.length === 2 ? [sizes[level - 1], sizes[level]] : [sizes[level]]];
  });
}

function fromBytes({ weights, scales }, shapes) {
  const values = new Float32Array(weights.data.length);
  let start = 0;
  shapes.forEach(([, shape], place) => {
    const end = start + product(shape);
    for (let at = start; at < end; at++) values[at] = ((weights.data[at] - 128) / 127) * scales.data[place];
    start = end;
  });
  return values;
}

export const range = (count) => Array.from({ length: count }, (_, index) => index);

const product = (shape) => shape.reduce((one, other) => one * other, 1);

/**
 * Return how strong every unit of every level is: for inputs the norm of what goes out, for hidden units that of
 * what comes in plus that of what goes out, for outputs that of what comes in.
 *
 * @returns {Float64Array[]}
 */
export function strengths(layers, { tensors, sizes }) {
  const strong = sizes.map((size) => new Float64Array(size));
  layers.forEach(({ name }, place) => {
    const kernel = tensors[`${name}/kernel`];
    const [rows, columns] = [sizes[place], sizes[place + 1]];
    const [out, into] = [new Float64Array(rows), new Float64Array(columns)];
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const square = kernel[row * columns + column] ** 2;
        out[row] += square;
        into[column] += square;
      }
    }
    out.forEach((sum, unit) => (strong[place][unit] += Math.sqrt(sum)));
    into.forEach((sum, unit) => (strong[place + 1][unit] += Math.sqrt(sum)));
  });
  return strong;
}

/** Return the places of the `most` strongest, rising. */
export function strongest(strong, most) {
  if (strong.length <= most) return range(strong.length);
  return range(strong.length)
    .sort((one, other) => strong[other] - strong[one])
    .slice(0, most)
    .sort((one, other) => one - other);
}
