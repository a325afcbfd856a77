/** The browser's half of core/messages/frames.py: from binary frames to plain objects. */

/**
 * Decode a frame; the arrays are views of the buffer. One-dimensional float32 arrays are columns of the history.
 *
 * @param {ArrayBuffer} buffer
 * @returns {{header: FrameHeader, arrays: Record<string, FrameArray>, history: Record<string, Float32Array>}}
 * @throws {Error} if the buffer is not a frame.
 */
export function decodeFrame(buffer) {
  const headerLength = new DataView(buffer).getUint32(0, true);
  /** @type {FrameHeader} */
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, headerLength)));
  /** @type {Record<string, FrameArray>} */
  const arrays = {};
  /** @type {Record<string, Float32Array>} */
  const history = {};
  let start = padded(4 + headerLength);
  for (const { name, dtype, shape, bits, epoch = null } of header.arrays) {
    const length = shape.reduce((product, size) => product * size, 1);
    const size = bits ? packedSize(bits, length) : 0;
    const data = bits ? unpack(new Uint8Array(buffer, start, size), length, bits) : view(dtype, buffer, start, length);
    if (data instanceof Float32Array && shape.length === 1) history[name] = data;
    else arrays[name] = { data, shape, epoch };
    start += padded(bits ? size : data.byteLength);
  }
  return { header, arrays, history };
}

/**
 * Return the bytes that an array takes whose planes are packed.
 *
 * @param {number[]} bits   that a number takes, for each plane
 * @param {number} length   of the whole array
 */
function packedSize(bits, length) {
  return bits.reduce((sum, number) => sum + Math.ceil((length / bits.length) * (number / 8)), 0);
}

/**
 * Return the numbers of an array whose planes are packed.
 *
 * @param {Uint8Array} packed
 * @param {number} length
 * @param {number[]} bits
 */
function unpack(packed, length, bits) {
  const numbers = new Uint8Array(length);
  const size = length / bits.length;
  let start = 0;
  bits.forEach((number, plane) => {
    const [each, mask] = [8 / number, 2 ** number - 1];
    const end = start + Math.ceil(size / each);
    if (number === 8) numbers.set(packed.subarray(start, end), plane * size);
    else {
      for (let index = 0; index < size; index++) {
        numbers[plane * size + index] = (packed[start + Math.floor(index / each)] >> ((index % each) * number)) & mask;
      }
    }
    start = end;
  });
  return numbers;
}

/**
 * @param {string} dtype
 * @param {ArrayBuffer} buffer
 * @param {number} start
 * @param {number} length
 * @returns {FrameNumbers}
 */
function view(dtype, buffer, start, length) {
  switch (dtype) {
    case "u1":
      return new Uint8Array(buffer, start, length);
    case "<u2":
      return new Uint16Array(buffer, start, length);
    case "<i4":
      return new Int32Array(buffer, start, length);
    case "<f4":
      return new Float32Array(buffer, start, length);
    default:
      throw new Error(`A frame's array has the unknown dtype ${dtype}.`);
  }
}

/** @param {number} length */
function padded(length) {
  return Math.ceil(length / 4) * 4;
}
