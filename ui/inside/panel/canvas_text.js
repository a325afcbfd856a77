/** Text on a canvas that fits its room. */

/** @typedef {Pick<CanvasRenderingContext2D, "measureText">} Measuring */

/**
 * Return a text in one line if it fits or is a single word, else in two: as many words as fit, and the rest.
 *
 * @param {Measuring} brush
 * @param {string} text
 * @param {number} room   pixels
 */
export function inTwoLines(brush, text, room) {
  const words = text.split(/(?<=[ _])/);
  if (words.length < 2 || brush.measureText(text).width <= room) return [text];
  let count = words.length - 1;
  while (count > 1 && brush.measureText(words.slice(0, count).join("")).width > room) count -= 1;
  return [words.slice(0, count).join("").trimEnd(), words.slice(count).join("")];
}

/**
 * Return a text, cut with an ellipsis if it does not fit.
 *
 * @param {Measuring} brush
 * @param {string} text
 * @param {number} room   pixels
 */
export function cutToFit(brush, text, room) {
  if (brush.measureText(text).width <= room) return text;
  let length = text.length;
  while (length > 1 && brush.measureText(`${text.slice(0, length)}…`).width > room) length -= 1;
  return `${text.slice(0, length)}…`;
}
