/** The canvas of the plane: from places to pixels and back, and how everything is painted. */

import { MARK_PATHS } from "./class_marks.js";
import { clearedContext, context2d, createElement } from "./dom.js";

const EDGE = 1000; // of the plane, in thousandths
const MARGIN = { left: 38, right: 12, top: 12, bottom: 26 }; // CSS pixels
const TICKS = [-1, -0.5, 0, 0.5, 1];
const CROSS = 8; // pixels of an arm of the keyboard's cross

/** @typedef {import("./drawn_points.js").DrawnPoint} DrawnPoint */
/** @typedef {import("./drawn_points.js").Place} Place */
/** @typedef {{place: Place, radius: number, hasCross: boolean}} ShownPointer
 *   where the tool is, its radius in thousandths, and whether the keyboard moves it */

/** @typedef {(x1: number, x2: number) => {x: number, y: number}} ToPixels */

export class DrawingPlane {
  canvas = createElement("canvas", "hl-canvas", {
    tabindex: 0,
    role: "application",
    "aria-label":
      "Drawing area, x1 from left to right and x2 from bottom to top, each from -1 to 1. Arrow keys move a cross, " +
      "Enter draws there, 1 to 8 choose a class, P, B and E a tool, Ctrl+Z undoes.",
  });
  #brush = context2d(this.canvas);

  /** Half the side of the plane, in pixels. */
  get #half() {
    return Math.max(this.canvas.clientWidth - MARGIN.left - MARGIN.right, 1) / 2;
  }

  /**
   * Return the place of a pointer.
   *
   * @param {PointerEvent} event
   * @returns {Place}
   */
  place({ clientX, clientY }) {
    const box = this.canvas.getBoundingClientRect();
    const half = this.#half;
    const x = (clientX - box.left - MARGIN.left - half) / half;
    const y = (clientY - box.top - MARGIN.top - half) / half;
    return [Math.round(x * EDGE), Math.round(-y * EDGE)];
  }

  /**
   * Convert pixels to thousandths.
   *
   * @param {number} pixels
   */
  thousandths(pixels) {
    return (pixels / this.#half) * EDGE;
  }

  /**
   * @param {DrawnPoint[]} points
   * @param {?ShownPointer} pointer
   * @param {Theme} theme
   * @param {string[]} colours   of the classes
   */
  paint(points, pointer, theme, colours) {
    const half = this.#half;
    this.#brush = clearedContext(this.canvas, this.canvas.clientWidth, this.canvas.clientHeight);
    this.#paintAxes(half, theme);
    /** @type {ToPixels} */
    const toPixels = (x1, x2) => ({
      x: MARGIN.left + half + (x1 / EDGE) * half,
      y: MARGIN.top + half - (x2 / EDGE) * half,
    });
    this.#paintMarks(points, toPixels, theme, colours);
    if (pointer) this.#paintPointer(toPixels(...pointer.place), (pointer.radius / EDGE) * half, pointer.hasCross, theme);
  }

  /**
   * @param {DrawnPoint[]} points
   * @param {ToPixels} toPixels
   * @param {Theme} theme
   * @param {string[]} colours
   */
  #paintMarks(points, toPixels, theme, colours) {
    const brush = this.#brush;
    const size = Math.max(3.2, this.#half / 66);
    const ratio = window.devicePixelRatio || 1;
    brush.save();
    Object.assign(brush, { lineWidth: 0.8 / size, strokeStyle: theme.background });
    for (const [x1, x2, label] of points) {
      const { x, y } = toPixels(x1, x2);
      brush.setTransform(ratio * size, 0, 0, ratio * size, ratio * x, ratio * y);
      brush.fillStyle = colours[label];
      brush.fill(MARK_PATHS[label]);
      brush.stroke(MARK_PATHS[label]);
    }
    brush.restore();
  }

  /**
   * @param {number} half
   * @param {Theme} theme
   */
  #paintAxes(half, theme) {
    const brush = this.#brush;
    const { left, top } = MARGIN;
    const side = 2 * half;
    Object.assign(brush, { lineWidth: 1, font: `12px ${theme.font}`, fillStyle: theme.muted });
    const below = (/** @type {string} */ text, /** @type {number} */ x) => {
      Object.assign(brush, { textAlign: "center", textBaseline: "top" });
      brush.fillText(text, x, top + side + 6);
    };
    const beside = (/** @type {string} */ text, /** @type {number} */ y) => {
      Object.assign(brush, { textAlign: "right", textBaseline: "middle" });
      brush.fillText(text, left - 6, y);
    };
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
      below(text, left + along);
      beside(text, top + side - along);
    }
    brush.fillStyle = theme.text;
    below("x1", left + half * 1.75); // between the last two ticks
    beside("x2", top + half * 0.25);
  }

  /**
   * @param {{x: number, y: number}} pixel
   * @param {number} radius
   * @param {boolean} hasCross
   * @param {Theme} theme
   */
  #paintPointer({ x, y }, radius, hasCross, theme) {
    const brush = this.#brush;
    Object.assign(brush, { strokeStyle: theme.muted, lineWidth: 1.25 });
    brush.beginPath();
    if (radius > 0) brush.arc(x, y, radius, 0, 2 * Math.PI);
    if (hasCross) {
      brush.moveTo(x - CROSS, y);
      brush.lineTo(x + CROSS, y);
      brush.moveTo(x, y - CROSS);
      brush.lineTo(x, y + CROSS);
    }
    brush.stroke();
  }
}
