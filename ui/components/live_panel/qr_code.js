/** A QR code as a drawing. */

const SVG = "http://www.w3.org/2000/svg";
const MARGIN = 4; // dots of white around a code, without which nothing reads it

/**
 * Draw a QR code, dark on white in every theme: not all readers know the opposite.
 *
 * @param {string[]} rows   each as the digits 1 (dark) and 0
 */
export function drawQrCode(rows) {
  const side = rows.length + 2 * MARGIN;
  const picture = document.createElementNS(SVG, "svg");
  picture.setAttribute("viewBox", `0 0 ${side} ${side}`);
  picture.setAttribute("shape-rendering", "crispEdges");
  const ground = document.createElementNS(SVG, "rect");
  for (const [name, value] of Object.entries({ width: side, height: side, fill: "#fff" })) ground.setAttribute(name, String(value));
  const dots = document.createElementNS(SVG, "path");
  const runs = rows.flatMap((row, y) => [...row.matchAll(/1+/g)].map(({ 0: { length }, index }) => runOfDots(index, y, length)));
  dots.setAttribute("d", runs.join(""));
  dots.setAttribute("fill", "#000");
  picture.append(ground, dots);
  return picture;
}

/**
 * @param {number} x
 * @param {number} y
 * @param {number} length
 */
function runOfDots(x, y, length) {
  return `M${x + MARGIN} ${y + MARGIN}h${length}v1h-${length}z`;
}
