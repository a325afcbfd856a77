/** The tools above the plane: class, tool, size, undo and clear. */

import { markPicture } from "./class_marks.js";
import { createButton, createElement, pressOnly } from "./dom.js";

const TOOLS = { point: "Point", brush: "Brush", eraser: "Eraser" };
const SIZES = { min: 40, max: 400, step: 10, value: 140 }; // the radius of brush and eraser, in thousandths

/** @typedef {keyof typeof TOOLS} Tool */
/**
 * @typedef {object} ToolListeners
 * @property {() => void} onChange   another class, tool or size was chosen
 * @property {() => void} onUndo
 * @property {() => void} onClear
 */
/** @typedef {import("./drawn_points.js").DrawnPoints} DrawnPoints */

export class DrawTools {
  root = createElement("div", "hl-tools");
  /** @type {Tool} */
  tool = "brush";
  /** The class that is drawn. */
  label = 0;
  /** The radius of brush and eraser, in thousandths. */
  size = SIZES.value;
  #listeners;
  #classes;
  #tools;
  #sizing;
  #undo;
  #clear;
  #total = createElement("span", "hl-total", { role: "status" });

  /**
   * @param {string[]} colours   of the classes
   * @param {ToolListeners} listeners
   */
  constructor(colours, listeners) {
    this.#listeners = listeners;
    this.#classes = colours.map((colour, label) => this.#classButton(colour, label));
    this.#tools = Object.entries(TOOLS).map(([name, title]) =>
      createButton(title, () => this.chooseTool(/** @type {Tool} */ (name)), "hl-option", { title: `Key ${title[0]}` }),
    );
    this.#sizing = this.#sizeSlider();
    this.#undo = createButton("Undo", listeners.onUndo, "hl-button", { title: "Ctrl+Z" });
    this.#clear = createButton("Clear all", listeners.onClear);
    const classes = createElement("div", "hl-classes", { role: "group", "aria-label": "Class" });
    classes.append(...this.#classes);
    const tools = createElement("div", "hl-switch", { role: "group", "aria-label": "Tool" });
    tools.append(...this.#tools);
    const actions = createElement("div", "hl-actions");
    actions.append(this.#undo, this.#clear);
    this.root.append(classes, tools, this.#sizing, actions, this.#total);
    this.#showChoices();
  }

  /**
   * @param {string} colour
   * @param {number} label
   */
  #classButton(colour, label) {
    const button = createButton("", () => this.chooseClass(label), "hl-class", { title: `Key ${label + 1}` });
    const name = createElement("span", "hl-name");
    name.append(createElement("span", "hl-unseen", {}, "Class "), String(label + 1));
    const count = createElement("span", "hl-count");
    const points = createElement("span", "hl-unseen", {}, " points");
    button.append(markPicture(label, colour), name, " ", count, points);
    return button;
  }

  #sizeSlider() {
    const label = createElement("label", "hl-size", {}, "Size");
    const slider = createElement("input", "", { type: "range", "aria-label": "Size of brush and eraser", ...SIZES });
    slider.addEventListener("input", () => {
      this.size = Number(slider.value);
      this.#listeners.onChange();
    });
    label.append(slider);
    return label;
  }

  /** @param {number} label */
  chooseClass(label) {
    this.label = label;
    if (this.tool === "eraser") this.tool = "brush"; // a person who chooses a class wants to draw
    this.#showChoices();
    this.#listeners.onChange();
  }

  /** @param {Tool} tool */
  chooseTool(tool) {
    this.tool = tool;
    this.#showChoices();
    this.#listeners.onChange();
  }

  #showChoices() {
    pressOnly(this.#classes, this.#classes[this.label]);
    pressOnly(this.#tools, this.#tools[Object.keys(TOOLS).indexOf(this.tool)]);
    this.#sizing.classList.toggle("hl-idle", this.tool === "point");
  }

  /**
   * Show the number of points, and which actions are possible.
   *
   * @param {DrawnPoints} points
   */
  show(points) {
    points.counts(this.#classes.length).forEach((count, label) => {
      const button = this.#classes[label];
      const shown = button.querySelector(".hl-count");
      if (shown) shown.textContent = String(count);
    });
    const [count, most] = [points.list.length, points.most].map((number) => number.toLocaleString("en"));
    this.#total.textContent = points.isFull ? `${most} points, the maximum` : `${count} of ${most} points`;
    this.#undo.disabled = !points.canUndo;
    this.#clear.disabled = points.list.length === 0;
  }
}
