/**
 * The sketch panel: a square of paper to draw on by mouse or finger, and its brush.
 *
 * A module for a Streamlit component (v2). Its default export is called at every change of data or theme. One trigger:
 * "sketched", at the end of a stroke and after "Clear": the ink as base64, one byte for each pixel, row by row from the
 * top; "" after "Clear".
 *
 * For tests the root (`.hl-sketch`) has data-strokes.
 */

import { context2d, createButton, createElement } from "./dom.js";
import { mount } from "./mount.js";

const BRUSH = { min: 4, max: 24, step: 1, value: 11 }; // pixels of the picture

/** @typedef {PanelData & {side: number}} SketchData   `side` is in pixels of the picture, across and down */
/** @typedef {[number, number]} Place   pixels of the picture */

/** @param {ComponentCall<SketchData>} call */
export default function sketchPanel(call) {
  return mount(call, (root) => new SketchPanel(root, call.data.side));
}

/** @implements {PanelPart<SketchData>} */
class SketchPanel {
  #side;
  #canvas;
  #brush;
  /** @type {number} */
  #width = BRUSH.value;
  /** @type {?number} id of the pointer that draws; further fingers are ignored */
  #pointer = null;
  /** @type {Place} where the stroke has come to */
  #last = [0, 0];
  #strokes = 0;
  /** @type {(name: string, value: unknown) => void} */
  #setTriggerValue = () => {};

  /**
   * @param {HTMLElement} root
   * @param {number} side
   */
  constructor(root, side) {
    this.root = root;
    this.#side = side;
    this.#canvas = createElement("canvas", "hl-paper", {
      width: side,
      height: side,
      role: "img",
      "aria-label": "Paper to draw on by mouse or finger",
    });
    this.#brush = context2d(this.#canvas, { willReadFrequently: true });
    const bar = createElement("div", "hl-tools");
    bar.append(
      this.#widthSlider(),
      createButton("Clear", () => this.#clear()),
    );
    root.append(this.#canvas, bar);
    this.#wipe();
    this.#listen();
  }

  /** @param {ComponentCall<SketchData>} call */
  update({ setTriggerValue }) {
    this.#setTriggerValue = setTriggerValue;
  }

  destroy() {
    // Nothing outlives the root.
  }

  #widthSlider() {
    const label = createElement("label", "hl-size", {}, "Brush");
    const slider = createElement("input", "", { type: "range", "aria-label": "Width of the brush", ...BRUSH });
    slider.addEventListener("input", () => {
      this.#width = Number(slider.value);
    });
    label.append(slider);
    return label;
  }

  #listen() {
    const canvas = this.#canvas;
    canvas.addEventListener("pointerdown", (event) => this.#onDown(event));
    canvas.addEventListener("pointermove", (event) => {
      if (event.pointerId !== this.#pointer) return;
      // The browser merges several moves of a fast finger into one event.
      for (const step of event.getCoalescedEvents?.() ?? []) this.#draw(step);
      this.#draw(event);
    });
    for (const end of /** @type {const} */ (["pointerup", "pointercancel"])) {
      canvas.addEventListener(end, ({ pointerId }) => {
        if (pointerId === this.#pointer) this.#endStroke();
      });
    }
  }

  /** @param {PointerEvent} event */
  #onDown(event) {
    if (event.button !== 0 || this.#pointer !== null) return;
    this.#pointer = event.pointerId;
    this.#canvas.setPointerCapture(event.pointerId);
    this.#last = this.#place(event);
    this.#draw(event);
  }

  /**
   * @param {PointerEvent} event
   * @returns {Place}
   */
  #place({ clientX, clientY }) {
    const box = this.#canvas.getBoundingClientRect();
    const scale = this.#side / box.width;
    return [(clientX - box.left) * scale, (clientY - box.top) * scale];
  }

  /** @param {PointerEvent} event */
  #draw(event) {
    const place = this.#place(event);
    const brush = this.#brush;
    Object.assign(brush, { lineWidth: this.#width, lineCap: "round", lineJoin: "round", strokeStyle: "#000" });
    brush.beginPath();
    brush.moveTo(...this.#last);
    brush.lineTo(...place);
    brush.stroke();
    this.#last = place;
  }

  #endStroke() {
    this.#pointer = null;
    this.#strokes += 1;
    this.#send(this.#ink());
  }

  #clear() {
    this.#wipe();
    this.#strokes = 0;
    this.#send("");
  }

  #wipe() {
    this.#brush.fillStyle = "#fff";
    this.#brush.fillRect(0, 0, this.#side, this.#side);
  }

  /** Return the ink as base64: 255 is black. */
  #ink() {
    const { data } = this.#brush.getImageData(0, 0, this.#side, this.#side);
    let bytes = "";
    for (let at = 0; at < data.length; at += 4) bytes += String.fromCharCode(255 - data[at]);
    return btoa(bytes);
  }

  /** @param {string} ink */
  #send(ink) {
    this.root.dataset.strokes = String(this.#strokes);
    this.#setTriggerValue("sketched", ink);
  }
}
