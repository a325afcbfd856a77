/** The weights of a frame, which core/analysis/packed_weights.py packs, unpacked into one tensor each. */

/** @type {?Float32Array} the value of every half float, made at the first use */
let halfValues = null;

/**
 * Convert IEEE half floats, given by their bits.
 *
 * @param {ArrayLike<number>} bits
 */
export function fromHalves(bits) {
  halfValues ??= Float32Array.from({ length: 65536 }, (_, pattern) => halfValue(pattern));
  const values = new Float32Array(bits.length);
  for (let at = 0; at < bits.length; at++) values[at] = halfValues[bits[at]];
  return values;
}

/** @param {number} pattern */
function halfValue(pattern) {
  const sign = pattern & 0x8000 ? -1 : 1;
  const exponent = (pattern >> 10) & 31;
  const fraction = pattern & 1023;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -14 * (fraction / 1024));
}

/**
 * Return the weights of a frame, or null if it has none of the network's shapes.
 *
 * @param {Pick<Network, "mode" | "shapes" | "sizes">} network
 * @param {FrameArrays} arrays
 * @returns {?Weights}   of all units; in a summary, of the strongest
 */
export function readWeights(network, { weights, scales, shown }) {
  const isSummary = network.mode === "summary";
  if (!weights || (isSummary && !shown) || (network.mode === "byte" && !scales)) return null;
  const units = isSummary && shown ? shownUnits(shown) : network.sizes.map((size) => range(size));
  const sizes = units.map((numbers) => numbers.length);
  const shapes = isSummary ? summaryShapes(network.shapes, sizes) : network.shapes;
  const values = network.mode === "byte" && scales ? fromBytes(weights, scales, shapes) : fromHalves(weights.data);
  /** @type {Tensors} */
  const tensors = {};
  let start = 0;
  for (const [name, shape] of shapes) {
    const length = product(shape);
    tensors[name] = values.subarray(start, start + length);
    start += length;
  }
  return start === values.length ? { tensors, units, sizes } : null;
}

/** @param {FrameArray} shown   int32 (levels, most): unit numbers, filled up with -1 */
function shownUnits({ data, shape: [levels, most] }) {
  return range(levels).map((level) => [...data.subarray(level * most, (level + 1) * most)].filter((unit) => unit >= 0));
}

/**
 * Return the tensors' names and shapes in a summary.
 *
 * @param {Network["shapes"]} shapes
 * @param {number[]} sizes   units of every level
 * @returns {Network["shapes"]}
 */
function summaryShapes(shapes, sizes) {
  let level = 0;
  return shapes.map(([name, shape]) => {
    if (shape.length === 2) level += 1;
    return [name, shape.length === 2 ? [sizes[level - 1], sizes[level]] : [sizes[level]]];
  });
}

/**
 * @param {FrameArray} weights   uint8, of which 128 is 0
 * @param {FrameArray} scales   float32, one for each tensor
 * @param {Network["shapes"]} shapes
 */
function fromBytes(weights, scales, shapes) {
  const values = new Float32Array(weights.data.length);
  let start = 0;
  shapes.forEach(([, shape], tensor) => {
    const end = start + product(shape);
    for (let at = start; at < end; at++) values[at] = ((weights.data[at] - 128) / 127) * scales.data[tensor];
    start = end;
  });
  return values;
}

/**
 * Return the numbers from 0 to count - 1.
 *
 * @param {number} count
 */
export const range = (count) => Array.from({ length: count }, (_, index) => index);

/** @param {number[]} shape */
const product = (shape) => shape.reduce((one, other) => one * other, 1);

/**
 * Return how strong every unit is, by level: the norm of its incoming weights plus that of its outgoing weights.
 *
 * @param {NetworkLayer[]} layers
 * @param {Weights} weights
 * @returns {Float64Array[]}
 */
export function unitStrengths(layers, { tensors, sizes }) {
  const strengths = sizes.map((size) => new Float64Array(size));
  layers.forEach(({ name }, level) => {
    const kernel = tensors[`${name}/kernel`];
    const [rows, columns] = [sizes[level], sizes[level + 1]];
    const [outgoing, incoming] = [new Float64Array(rows), new Float64Array(columns)];
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const square = kernel[row * columns + column] ** 2;
        outgoing[row] += square;
        incoming[column] += square;
      }
    }
    outgoing.forEach((sum, unit) => (strengths[level][unit] += Math.sqrt(sum)));
    incoming.forEach((sum, unit) => (strengths[level + 1][unit] += Math.sqrt(sum)));
  });
  return strengths;
}

/**
 * Return the indices of the `most` largest strengths, rising.
 *
 * @param {Float64Array} strengths
 * @param {number} most
 */
export function strongest(strengths, most) {
  if (strengths.length <= most) return range(strengths.length);
  return range(strengths.length)
    .toSorted((one, other) => strengths[other] - strengths[one])
    .slice(0, most)
    .toSorted((one, other) => one - other);
}
