/** The controls of the unit card: a weight or bias, silencing and freezing, and undo. */

import { createButton, createElement } from "./dom.js";
import { unitKey } from "./edit_marks.js";

/** @typedef {import("./edit_queue.js").Change} Change */
/** @typedef {import("./network_state.js").WeightPreview} WeightPreview */
/** @typedef {{label: HTMLLabelElement, input: HTMLInputElement}} Checkbox */
/** @typedef {Scene & {weights: Weights}} ShownScene */

export class UnitControls {
  root = createElement("div", "hl-controls");
  undo = createButton("Undo the last change", () => this.#onEdit({ kind: "undo" }));
  #onEdit;
  #onPreview;
  #built = ""; // what the controls are of
  #isDragged = false;
  #slider = createElement("input");
  #field = createElement("input");
  /** @type {Partial<Record<"silence" | "freeze", Checkbox>>} */
  #switches = {};

  /**
   * @param {(change: Change) => void} onEdit
   * @param {(preview: ?WeightPreview) => void} onPreview   gets a value while the slider is dragged, then null
   */
  constructor(onEdit, onPreview) {
    this.#onEdit = onEdit;
    this.#onPreview = onPreview;
  }

  /** Remove the controls, but for undo. */
  clear() {
    if (this.#built) this.root.replaceChildren();
    this.#built = "";
  }

  /**
   * @param {boolean} exists   whether there is a change to undo
   * @param {boolean} isEditable
   */
  showUndo(exists, isEditable) {
    this.undo.hidden = !exists;
    this.undo.disabled = !isEditable;
  }

  /**
   * Build the controls of a unit or connection above level 0, or bring their values up to date.
   *
   * @param {NetworkTarget} target
   * @param {ShownScene} scene
   */
  show({ level, unit, from }, { network, weights, marks }) {
    const layer = network.layers[level - 1].name;
    const number = weights.units[level][unit];
    const isBias = from === undefined;
    const name = `${layer}/${isBias ? "bias" : "kernel"}`;
    const at = isBias ? unit : from * weights.sizes[level] + unit;
    const index = isBias ? [number] : [weights.units[level - 1][from], number];
    const value = weights.tensors[name][at];
    const key = `${name} ${index}`;
    if (this.#built !== key) {
      this.#built = key;
      this.root.replaceChildren(...this.#valueControls(isBias ? "Bias" : "Weight", { name, at, index }, value));
      const isHidden = level < network.sizes.length - 1;
      this.#switches = isBias && isHidden ? this.#makeSwitches(level - 1, number) : {};
      this.root.append(...Object.values(this.#switches).map(({ label }) => label));
    }
    if (!this.#isDragged && !this.root.contains(document.activeElement)) {
      this.#slider.value = String(value);
      this.#field.value = String(Number(value.toPrecision(4)));
    }
    const { silence, freeze } = this.#switches;
    if (silence) silence.input.checked = marks.silenced.has(unitKey(level, number));
    if (freeze) freeze.input.checked = marks.frozen.has(unitKey(level, number));
  }

  /**
   * @param {string} label
   * @param {{name: string, at: number, index: number[]}} weight   its tensor, place and index
   * @param {number} value
   */
  #valueControls(label, { name, at, index }, value) {
    const most = Math.max(2, 2 * Math.abs(value));
    const range = { type: "range", min: -most, max: most, step: most / 200, "aria-label": label };
    const slider = createElement("input", "", range);
    const field = createElement("input", "hl-number", {
      type: "number",
      step: "any",
      "aria-label": `${label} as a number`,
    });
    const send = (/** @type {string} */ text) => {
      this.#isDragged = false;
      this.#onPreview(null);
      const number = Number(text);
      if (text !== "" && Number.isFinite(number)) this.#onEdit({ kind: "set", name, index, value: number });
    };
    slider.addEventListener("input", () => {
      this.#isDragged = true;
      field.value = slider.value;
      this.#onPreview({ name, at, value: Number(slider.value) });
    });
    slider.addEventListener("change", () => {
      send(slider.value);
      slider.blur(); // without the focus it follows the run again
    });
    field.addEventListener("change", () => send(field.value));
    const row = createElement("label", "hl-value", {}, label);
    row.append(slider);
    [this.#slider, this.#field] = [slider, field];
    return [row, field];
  }

  /**
   * @param {number} layer
   * @param {number} unit
   */
  #makeSwitches(layer, unit) {
    const make = (/** @type {"silence" | "freeze"} */ kind, /** @type {string} */ text, /** @type {string} */ title) => {
      const label = createElement("label", "hl-check", { title });
      const input = createElement("input", "", { type: "checkbox" });
      input.addEventListener("change", () => this.#onEdit({ kind, layer, unit, on: input.checked }));
      label.append(input, createElement("span", "", {}, text));
      return { label, input };
    };
    return {
      silence: make("silence", "Silence", "Outputs 0 until you turn this off"),
      freeze: make("freeze", "Freeze", "Its weights and bias stay the same while the others train"),
    };
  }
}
