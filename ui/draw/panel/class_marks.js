/** The marks of classes: one shape for each, so that colour is not the only difference. */

const SVG = "http://www.w3.org/2000/svg";

/** SVG paths about two units wide. */
const SHAPES = [
  "M1,0A1,1 0 1 1 -1,0A1,1 0 1 1 1,0Z",
  "M-.9,-.9H.9V.9H-.9Z",
  "M0,-1.15L1.1,.85H-1.1Z",
  "M0,-1.25L1.25,0L0,1.25L-1.25,0Z",
  "M-1,-.55L-.55,-1L0,-.45L.55,-1L1,-.55L.45,0L1,.55L.55,1L0,.45L-.55,1L-1,.55L-.45,0Z",
  "M0,1.15L1.1,-.85H-1.1Z",
  "M-.35,-1.15H.35V-.35H1.15V.35H.35V1.15H-.35V.35H-1.15V-.35H-.35Z",
  "M0,-1.3L.32,-.44L1.24,-.4L.52,.17L.76,1.05L0,.55L-.76,1.05L-.52,.17L-1.24,-.4L-.32,-.44Z",
];

/** The shapes for a canvas. */
export const MARK_PATHS = SHAPES.map((shape) => new Path2D(shape));

/**
 * Return a class's mark as a small picture.
 *
 * @param {number} label
 * @param {string} colour
 */
export function markPicture(label, colour) {
  const picture = document.createElementNS(SVG, "svg");
  picture.setAttribute("viewBox", "-1.5 -1.5 3 3");
  picture.setAttribute("class", "hl-mark");
  picture.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", SHAPES[label]);
  path.setAttribute("fill", colour);
  picture.append(path);
  return picture;
}
