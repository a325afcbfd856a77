/**
 * The draw panel: a plane that points of up to eight classes are put on, and its tools.
 *
 * A module for a Streamlit component (v2). Its default export is called at every change of data or theme with
 *
 *   css        address of draw_panel.css
 *   points     [x1, x2, class] each, in whole thousandths from -1000 to 1000
 *   revision   rises whenever the points change elsewhere (a starter, noise, a link): only then are `points` taken,
 *              so that a rerun never overtakes what has just been drawn
 *   most       points there can be
 *   colours    of the classes
 *
 * What was drawn in a tab is remembered in it too: a server that has forgotten it, as after a reload, is told again.
 *
 * One trigger: "drawn" with {points, revision}, when a stroke has ended and after undo and clear.
 *
 * For tests the root (`.hl-draw`) carries data-count (points) and data-tool.
 */

import { element } from "./dom.js";
import { mount } from "./mount.js";
import { markOf, Plane } from "./drawing_plane.js";
import { Points } from "./drawn_points.js";
import { readTheme } from "./theme.js";

const TOOLS = { point: "Point", brush: "Brush", eraser: "Eraser" };
const TOOL_KEYS = { p: "point", b: "brush", e: "eraser" };
const SIZES = { min: 40, max: 400, step: 10, value: 140 }; // the radius of brush and eraser, in thousandths
const BRUSHED = 2; // points a step of the brush, which is half its radius
const SLACK = 12; // pixels beside the plane at which a stroke may begin
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
const ARROW_STEP = 50; // thousandths
const REMEMBERED = "hidden-layers-drawing"; // in the tab's storage
const WRITTEN_IN = "textarea, select, [contenteditable='true'], input:not([type='range'], [type='checkbox'])";

export default function drawPanel(args) {
  return mount(args, (root) => new DrawPanel(root, args.data));
}

class DrawPanel {
  #frame = 0;
  #pointer = null; // id of the one that draws; another finger does nothing meanwhile
  #hover = null; // where the pointer is, in thousandths
  #cross = null; // where the arrow keys have led
  #last = null; // where the stroke's last step was

  constructor(root, data) {
    this.root = root;
    this.points = new Points(data.most);
    this.plane = new Plane();
    this.colours = data.colours;
    this.label = 0;
    this.size = SIZES.value;
    this.#build();
    this.#listen();
    this.#chooseTool("brush");
    this.#chooseClass(0);
  }

  update({ data, setTriggerValue }) {
    this.setTriggerValue = setTriggerValue;
    this.colours = data.colours;
    this.theme = readTheme(this.root);
    const isNew = this.revision === undefined;
    if (data.revision < this.revision) this.#tellAgain(data.revision, this.points.list);
    else if (isNew && data.revision === 0 && data.points.length === 0) this.#tellAgain(0, remembered());
    else if (data.revision !== this.revision) this.#take(data);
    this.#show();
  }

  destroy() {
    this.resizing.disconnect();
    document.removeEventListener("keydown", this.onKey);
    cancelAnimationFrame(this.#frame);
  }

  /** Take points that were changed elsewhere; undo brings back what was here. */
  #take({ points, revision }) {
    const first = this.revision === undefined;
    this.#endStroke();
    this.revision = revision;
    if (!first) this.points.begin();
    this.points.replace(points);
    remember(points);
  }

  /** Send points to a server that knows none, whose revision this is. */
  #tellAgain(revision, points) {
    this.revision = revision;
    this.points.replace(points);
    if (points.length) this.#send();
  }

  // The parts

  #build() {
    this.classes = this.colours.map((colour, label) => this.#classButton(colour, label));
    this.tools = new Map(Object.entries(TOOLS).map(([name, title]) => [name, this.#toolButton(name, title)]));
    this.undoButton = this.#button("Undo", () => this.#undo(), { title: "Ctrl+Z" });
    this.clearButton = this.#button("Clear all", () => this.#clear());
    this.total = element("span", "hl-total", { role: "status" });
    this.hint = element("p", "hl-hint", {}, "Click or drag here to put points down, or start from blobs, a ring or stripes.");

    const classes = element("div", "hl-classes", { role: "group", "aria-label": "Class" });
    classes.append(...this.classes);
    const tools = element("div", "hl-switch", { role: "group", "aria-label": "Tool" });
    tools.append(...this.tools.values());
    this.sizing = this.#sizeSlider();
    const actions = element("div", "hl-actions");
    actions.append(this.undoButton, this.clearButton);
    const bar = element("div", "hl-tools");
    bar.append(classes, tools, this.sizing, actions, this.total);
    const ground = element("div", "hl-plane");
    ground.append(this.plane.canvas, this.hint);
    this.root.append(bar, ground);
  }

  #button(title, onclick, attributes = {}, className = "hl-button") {
    const button = element("button", className, { type: "button", ...attributes }, title);
    button.addEventListener("click", onclick);
    return button;
  }

  #classButton(colour, label) {
    const button = this.#button("", () => this.#chooseClass(label), { title: `Key ${label + 1}` }, "hl-class");
    button.append(markOf(label, colour), element("span", "hl-name", {}, `${label + 1}`), element("span", "hl-count"));
    return button;
  }

  #toolButton(name, title) {
    const attributes = { title: `Key ${title[0]}` };
    return this.#button(title, () => this.#chooseTool(name), attributes, "hl-option");
  }

  #sizeSlider() {
    const label = element("label", "hl-size", {}, "Size");
    const slider = element("input", "", { type: "range", "aria-label": "Size of brush and eraser", ...SIZES });
    slider.addEventListener("input", () => {
      this.size = Number(slider.value);
      this.#paint();
    });
    label.append(slider);
    return label;
  }

  #listen() {
    const { canvas } = this.plane;
    canvas.addEventListener("pointerdown", (event) => this.#onDown(event));
    canvas.addEventListener("pointermove", (event) => this.#onMove(event));
    for (const end of ["pointerup", "pointercancel"]) {
      canvas.addEventListener(end, (event) => event.pointerId === this.#pointer && this.#endStroke());
    }
    canvas.addEventListener("pointerleave", () => {
      this.#hover = null;
      this.#paint();
    });
    canvas.addEventListener("keydown", (event) => this.#onPlaneKey(event));
    canvas.addEventListener("blur", () => {
      this.#cross = null;
      this.#paint();
    });
    // Of the whole page: whoever has pressed "Add noise" can undo it by the keys as well.
    this.onKey = (event) => this.#onKey(event);
    document.addEventListener("keydown", this.onKey);
    this.resizing = new ResizeObserver(() => this.#paint());
    this.resizing.observe(canvas);
  }

  // Strokes

  #onDown(event) {
    const place = this.plane.place(event);
    const reach = 1000 + this.plane.thousandths(SLACK);
    if (event.button !== 0 || this.#pointer !== null || Math.max(...place.map(Math.abs)) > reach) return;
    this.#pointer = event.pointerId;
    this.plane.canvas.setPointerCapture(event.pointerId);
    this.#cross = null;
    this.#hover = place;
    this.#beginStroke(place);
  }

  #onMove(event) {
    this.#hover = this.plane.place(event);
    if (event.pointerId === this.#pointer) this.#stroke(this.#hover);
    this.#paint();
  }

  #beginStroke(place) {
    this.points.begin();
    this.#last = place;
    if (this.tool === "point") this.points.add([[...place.map(onPlane), this.label]]);
    else this.#step(place);
    this.#show();
  }

  /** Go on to a place, in steps of half the tool's radius however fast the pointer was. */
  #stroke(place) {
    if (this.tool === "point") return;
    const [dx, dy] = [place[0] - this.#last[0], place[1] - this.#last[1]];
    const steps = Math.floor(Math.hypot(dx, dy) / (this.size / 2));
    const from = this.#last;
    for (let step = 1; step <= steps; step += 1) {
      this.#last = [from[0] + (dx * step) / steps, from[1] + (dy * step) / steps];
      this.#step(this.#last);
    }
    if (steps) this.#show();
  }

  #step(place) {
    if (this.tool === "eraser") this.points.erase(place, this.size);
    else this.points.add(Array.from({ length: BRUSHED }, () => this.#scattered(place)));
  }

  /** @returns {number[]} a point anywhere under the brush, everywhere as likely. */
  #scattered([x1, x2]) {
    const radius = this.size * Math.sqrt(Math.random());
    const angle = 2 * Math.PI * Math.random();
    return [Math.round(x1 + radius * Math.cos(angle)), Math.round(x2 + radius * Math.sin(angle)), this.label];
  }

  #endStroke() {
    if (this.#last === null) return;
    this.#pointer = this.#last = null;
    if (this.points.end()) this.#send();
    this.#show();
  }

  #undo() {
    if (this.#last !== null || !this.points.canUndo) return;
    this.points.undo();
    this.#send();
    this.#show();
  }

  #clear() {
    this.points.begin();
    if (this.points.list.length) this.points.replace([]);
    if (this.points.end()) this.#send();
    this.#show();
  }

  #send() {
    remember(this.points.list);
    this.setTriggerValue("drawn", { points: this.points.list, revision: this.revision });
  }

  // Keys

  #onKey(event) {
    if (event.target.closest?.(WRITTEN_IN) || event.altKey) return;
    const key = event.key.toLowerCase();
    if (event.ctrlKey || event.metaKey) {
      if (key !== "z" || event.shiftKey) return;
      event.preventDefault();
      this.#undo();
    } else if (key >= "1" && key <= String(this.colours.length) && key.length === 1) {
      this.#chooseClass(Number(key) - 1);
    } else if (key in TOOL_KEYS) {
      this.#chooseTool(TOOL_KEYS[key]);
    }
  }

  #onPlaneKey(event) {
    if (event.key in ARROWS) {
      const from = this.#cross ?? [0, 0];
      this.#cross = ARROWS[event.key].map((step, axis) => onPlane(from[axis] + step * ARROW_STEP));
      this.#paint();
    } else if (event.key === "Enter" || event.key === " ") {
      this.#cross ??= [0, 0];
      this.#beginStroke(this.#cross);
      this.#endStroke();
    } else {
      return;
    }
    event.preventDefault();
  }

  // What is chosen, and how it looks

  #chooseClass(label) {
    this.label = label;
    this.classes.forEach((button, index) => button.setAttribute("aria-pressed", index === label));
    if (this.tool === "eraser") this.#chooseTool("brush"); // whoever chooses a class wants to draw
  }

  #chooseTool(tool) {
    this.tool = this.root.dataset.tool = tool;
    for (const [name, button] of this.tools) button.setAttribute("aria-pressed", name === tool);
    this.sizing.classList.toggle("hl-idle", tool === "point");
    this.#paint();
  }

  /** Show the points with all that depends on them. */
  #show() {
    const { list, most, canUndo, full } = this.points;
    this.points.counts(this.colours.length).forEach((count, label) => {
      const button = this.classes[label];
      button.querySelector(".hl-count").textContent = count;
      button.setAttribute("aria-label", `Class ${label + 1}, ${count} points`);
    });
    this.total.textContent = full
      ? `${most.toLocaleString("en")} points: no more fit`
      : `${list.length.toLocaleString("en")} of ${most.toLocaleString("en")} points`;
    this.hint.hidden = list.length > 0;
    this.undoButton.disabled = !canUndo;
    this.clearButton.disabled = list.length === 0;
    this.root.dataset.count = list.length;
    this.#paint();
  }

  /** Paint in the next frame, once for all that happens until then. */
  #paint() {
    if (this.#frame || !this.theme) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.plane.paint(this.points.list, this.#pointerShown(), this.theme, this.colours);
    });
  }

  #pointerShown() {
    const place = this.#cross ?? this.#hover;
    const outside = place && Math.max(...place.map(Math.abs)) > 1000;
    if (!place || (outside && this.#last === null)) return null;
    return { place, radius: this.tool === "point" ? 0 : this.size, cross: this.#cross !== null };
  }
}

function remember(points) {
  try {
    sessionStorage.setItem(REMEMBERED, JSON.stringify(points));
  } catch {
    // A browser may keep pages from storing anything: then a reload begins anew.
  }
}

/** @returns {number[][]} the points that were drawn in this tab last. */
function remembered() {
  try {
    const points = JSON.parse(sessionStorage.getItem(REMEMBERED));
    return Array.isArray(points) ? points : [];
  } catch {
    return [];
  }
}

/** Return a coordinate in thousandths, kept on the plane. */
function onPlane(coordinate) {
  return Math.max(-1000, Math.min(1000, coordinate));
}
