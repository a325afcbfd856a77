/**
 * The sketch panel: a square of paper that is drawn on by mouse or finger, and its brush.
 *
 * A module for a Streamlit component (v2). Its default export is called at every change of data or theme with
 *
 *   css    address of sketch_panel.css
 *   side   pixels of the picture, across and down
 *
 * One trigger: "sketched", when a stroke has ended and after "Clear": base64 of the ink, a byte a pixel, row by row
 * from the top; "" where there is none.
 *
 * For tests the root (`.hl-sketch`) carries data-strokes.
 */

import { element } from "./dom.js";
import { mount } from "./mount.js";

const BRUSH = { min: 4, max: 24, step: 1, value: 11 }; // pixels of the picture

export default function sketchPanel(args) {
  return mount(args, (root) => new SketchPanel(root, args.data.side));
}

class SketchPanel {
  #pointer = null; // id of the one that draws; another finger does nothing meanwhile
  #strokes = 0;

  constructor(root, side) {
    this.root = root;
    this.side = side;
    this.width = BRUSH.value;
    this.canvas = element("canvas", "hl-paper", {
      width: side,
      height: side,
      role: "img",
      "aria-label": "Paper to draw on by mouse or finger",
    });
    this.brush = this.canvas.getContext("2d", { willReadFrequently: true });
    this.clearButton = element("button", "hl-button", { type: "button" }, "Clear");
    this.clearButton.addEventListener("click", () => this.#clear());
    const bar = element("div", "hl-tools");
    bar.append(this.#widthSlider(), this.clearButton);
    root.append(this.canvas, bar);
    this.#wipe();
    this.#listen();
  }

  update({ setTriggerValue }) {
    this.setTriggerValue = setTriggerValue;
  }

  destroy() {}

  #widthSlider() {
    const label = element("label", "hl-size", {}, "Brush");
    const slider = element("input", "", { type: "range", "aria-label": "Width of the brush", ...BRUSH });
    slider.addEventListener("input", () => {
      this.width = Number(slider.value);
    });
    label.append(slider);
    return label;
  }

  #listen() {
    const { canvas } = this;
    canvas.addEventListener("pointerdown", (event) => this.#onDown(event));
    canvas.addEventListener("pointermove", (event) => {
      if (event.pointerId !== this.#pointer) return;
      // A fast finger was at more places than the browser tells one by one.
      for (const step of event.getCoalescedEvents?.() ?? [event]) this.#draw(step);
      this.#draw(event);
    });
    for (const end of ["pointerup", "pointercancel"]) {
      canvas.addEventListener(end, (event) => event.pointerId === this.#pointer && this.#endStroke());
    }
  }

  #onDown(event) {
    if (event.button !== 0 || this.#pointer !== null) return;
    this.#pointer = event.pointerId;
    this.canvas.setPointerCapture(event.pointerId);
    this.last = this.#place(event);
    this.#draw(event);
  }

  #place(event) {
    const box = this.canvas.getBoundingClientRect();
    const scale = this.side / box.width;
    return [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
  }

  #draw(event) {
    const place = this.#place(event);
    Object.assign(this.brush, { lineWidth: this.width, lineCap: "round", lineJoin: "round", strokeStyle: "#000" });
    this.brush.beginPath();
    this.brush.moveTo(...this.last);
    this.brush.lineTo(...place);
    this.brush.stroke();
    this.last = place;
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
    this.brush.fillStyle = "#fff";
    this.brush.fillRect(0, 0, this.side, this.side);
  }

  #ink() {
    const { data } = this.brush.getImageData(0, 0, this.side, this.side);
    let bytes = "";
    for (let place = 0; place < data.length; place += 4) bytes += String.fromCharCode(255 - data[place]);
    return btoa(bytes);
  }

  #send(ink) {
    this.root.dataset.strokes = this.#strokes;
    this.setTriggerValue("sketched", ink);
  }
}
