/** The browser's half of core/messages/frames.py: binary frames into plain objects. */

const TYPES = { u1: Uint8Array, "<u2": Uint16Array, "<i4": Int32Array, "<f4": Float32Array };
const padded = (length) => Math.ceil(length / 4) * 4;

/**
 * Read a frame; the arrays are views of the buffer.
 *
 * @param {ArrayBuffer} buffer
 * @returns {{header: object, arrays: Object<string, {data: ArrayLike<number>, shape: number[], history: boolean}>}}
 * @throws {Error} where the buffer is no frame.
 */
export function decodeFrame(buffer) {
  const headerLength = new DataView(buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, headerLength)));
  let start = padded(4 + headerLength);
  const arrays = {};
  for (const { name, dtype, shape } of header.arrays) {
    const Type = TYPES[dtype];
    if (!Type) throw new Error(`unknown dtype ${dtype}`);
    const data = new Type(buffer, start, shape.reduce((product, size) => product * size, 1));
    arrays[name] = { data, shape, history: dtype === "<f4" && shape.length === 1 };
    start += padded(data.byteLength);
  }
  return { header, arrays };
}
