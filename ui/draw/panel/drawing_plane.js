/** The plane on its canvas: where a place of the one lies on the other, and how points look. */

import { element } from "./dom.js";

const EDGE = 1000; // of the plane, in thousandths
const MARGIN = { left: 38, right: 12, top: 12, bottom: 26 }; // CSS pixels
const TICKS = [-1, -0.5, 0, 0.5, 1];
const SVG = "http://www.w3.org/2000/svg";

// A shape for every class, as SVG paths some two units wide: classes are told apart without colour too.
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

/** Return a class's mark as a small picture. */
export function markOf(label, colour) {
  const picture = document.createElementNS(SVG, "svg");
  picture.setAttribute("viewBox", "-1.5 -1.5 3 3");
  picture.setAttribute("class", "hl-mark");
  picture.setAttribute("aria-hidden", "true");
  const path = picture.appendChild(document.createElementNS(SVG, "path"));
  path.setAttribute("d", SHAPES[label]);
  path.setAttribute("fill", colour);
  return picture;
}

export class Plane {
  #paths = SHAPES.map((shape) => new Path2D(shape));

  constructor() {
    this.canvas = element("canvas", "hl-canvas", {
      tabindex: "0",
      role: "application",
      "aria-label":
        "The plane to draw on, x1 across and x2 up, each from -1 to 1. Arrow keys move a cross, Enter draws there, " +
        "1 to 8 choose a class, P, B and E a tool, Ctrl+Z undoes.",
    });
    this.brush = this.canvas.getContext("2d");
  }

  /** Pixels of half the plane. */
  get #half() {
    return Math.max(this.canvas.clientWidth - MARGIN.left - MARGIN.right, 1) / 2;
  }

  /** @returns {number[]} where on the plane a pointer is, in thousandths, also outside it. */
  place(event) {
    const box = this.canvas.getBoundingClientRect();
    const half = this.#half;
    const x = (event.clientX - box.left - MARGIN.left - half) / half;
    const y = (event.clientY - box.top - MARGIN.top - half) / half;
    return [Math.round(x * EDGE), Math.round(-y * EDGE)];
  }

  /** Thousandths of so many pixels. */
  thousandths(pixels) {
    return (pixels / this.#half) * EDGE;
  }

  /**
   * Paint everything.
   *
   * @param points [x1, x2, class] each
   * @param pointer null, or {place, radius, cross} in thousandths: what the tool would reach, and whether keys move it
   * @param theme of theme.js
   * @param colours of the classes
   */
  paint(points, pointer, theme, colours) {
    const { canvas, brush } = this;
    const scale = window.devicePixelRatio || 1;
    const half = this.#half;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight].map((side) => Math.round(side * scale));
    if (canvas.width !== width) canvas.width = width;
    if (canvas.height !== height) canvas.height = height;
    brush.setTransform(scale, 0, 0, scale, 0, 0);
    brush.clearRect(0, 0, canvas.clientWidth, canvas.clientHeight);
    this.#paintAxes(half, theme);

    const origin = [MARGIN.left + half, MARGIN.top + half];
    const at = ([x1, x2]) => [origin[0] + (x1 / EDGE) * half, origin[1] - (x2 / EDGE) * half];
    const size = Math.max(3.2, half / 66);
    brush.lineWidth = 0.8 / size;
    brush.strokeStyle = theme.background;
    for (const point of points) {
      const [x, y] = at(point);
      brush.setTransform(scale * size, 0, 0, scale * size, scale * x, scale * y);
      brush.fillStyle = colours[point[2]];
      brush.fill(this.#paths[point[2]]);
      brush.stroke(this.#paths[point[2]]);
    }
    brush.setTransform(scale, 0, 0, scale, 0, 0);
    if (pointer) this.#paintPointer(at(pointer.place), (pointer.radius / EDGE) * half, pointer.cross, theme);
  }

  #paintAxes(half, theme) {
    const { brush } = this;
    const { left, top } = MARGIN;
    const side = 2 * half;
    brush.lineWidth = 1;
    brush.font = `12px ${theme.font}`;
    brush.fillStyle = theme.muted;
    for (const tick of TICKS) {
      const along = Math.round((tick + 1) * half) + 0.5;
      brush.strokeStyle = tick === 0 ? theme.border : theme.grid;
      brush.beginPath();
      brush.moveTo(left + along, top);
      brush.lineTo(left + along, top + side);
      brush.moveTo(left, top + side - along + 1);
      brush.lineTo(left + side, top + side - along + 1);
      brush.stroke();
      const text = String(tick).replace("-", "−");
      brush.textAlign = "center";
      brush.textBaseline = "top";
      brush.fillText(text, left + along, top + side + 6);
      brush.textAlign = "right";
      brush.textBaseline = "middle";
      brush.fillText(text, left - 6, top + side - along);
    }
    // The axes' names stand between their last two ticks.
    brush.fillStyle = theme.text;
    brush.textAlign = "center";
    brush.textBaseline = "top";
    brush.fillText("x1", left + half * 1.75, top + side + 6);
    brush.textAlign = "right";
    brush.textBaseline = "middle";
    brush.fillText("x2", left - 6, top + half * 0.25);
  }

  #paintPointer([x, y], radius, cross, theme) {
    const { brush } = this;
    brush.strokeStyle = theme.muted;
    brush.lineWidth = 1.25;
    brush.beginPath();
    if (radius > 0) brush.arc(x, y, radius, 0, 2 * Math.PI);
    if (cross) {
      brush.moveTo(x - 8, y);
      brush.lineTo(x + 8, y);
      brush.moveTo(x, y - 8);
      brush.lineTo(x, y + 8);
    }
    brush.stroke();
  }
}
