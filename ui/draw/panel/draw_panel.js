/**
 * The draw panel: a plane on which a person puts points of up to eight classes, and its tools.
 *
 * A module for a Streamlit component (v2). Its default export is called at every change of data or theme. One trigger:
 * "drawn" with {points, revision}, at the end of a stroke and after undo and clear.
 *
 * The tab remembers its drawing too, and sends it again to a server that has forgotten it, as after a reload.
 *
 * For tests the root (`.hl-draw`) has data-count (points) and data-tool.
 */

import { createElement } from "./dom.js";
import { DrawTools } from "./draw_tools.js";
import { DrawingPlane } from "./drawing_plane.js";
import { DrawnPoints, isOnPlane, ontoPlane } from "./drawn_points.js";
import { mount } from "./mount.js";
import { remember, rememberedList } from "./tab_storage.js";
import { readTheme } from "./theme.js";

const BRUSHED = 2; // points for each step of the brush, which is half its radius
const SLACK = 12; // pixels beside the plane at which a stroke may begin
const ARROW_STEP = 50; // thousandths
const STORAGE_KEY = "hidden-layers-drawing";
const TYPED_IN = "textarea, select, [contenteditable='true'], input:not([type='range'], [type='checkbox'])";

/** @type {Record<string, [number, number]>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
/** @type {Record<string, import("./draw_tools.js").Tool>} */
const TOOL_KEYS = { p: "point", b: "brush", e: "eraser" };

/** @typedef {import("./drawn_points.js").DrawnPoint} DrawnPoint */
/** @typedef {import("./drawn_points.js").Place} Place */
/**
 * @typedef {object} Drawing
 * @property {DrawnPoint[]} points
 * @property {number} revision   rises whenever the points change elsewhere (a starter, noise, a link): only then they
 *   are taken, so that a rerun never overwrites what a person has just drawn
 * @property {number} most   points that there may be
 * @property {string[]} colours   of the classes
 */
/** @typedef {PanelData & Drawing} DrawData */

/** @param {ComponentCall<DrawData>} call */
export default function drawPanel(call) {
  return mount(call, (root) => new DrawPanel(root, call.data));
}

/** @implements {PanelPart<DrawData>} */
class DrawPanel {
  #points;
  #plane = new DrawingPlane();
  #tools;
  #colours;
  #hint = createElement(
    "p",
    "hl-hint",
    {},
    "Click or drag here to add points, or start from blobs, a ring or stripes.",
  );
  #theme;
  /** @type {?number} null before the first call */
  #revision = null;
  /** @type {(name: string, value: unknown) => void} */
  #setTriggerValue = () => {};
  #frame = 0;
  /** @type {?number} id of the pointer that draws; further fingers are ignored */
  #pointer = null;
  /** @type {?Place} where the pointer is */
  #hover = null;
  /** @type {?Place} where the arrow keys have moved the cross */
  #cross = null;
  /** @type {?Place} where the last step of the stroke was */
  #last = null;
  #resizes = new ResizeObserver(() => this.#paintSoon());
  #closing = new AbortController();

  /**
   * @param {HTMLElement} root
   * @param {DrawData} data
   */
  constructor(root, data) {
    this.root = root;
    this.#theme = readTheme(root);
    this.#points = new DrawnPoints(data.most);
    this.#colours = data.colours;
    this.#tools = new DrawTools(data.colours, {
      onChange: () => this.#showTool(),
      onUndo: () => this.#undo(),
      onClear: () => this.#clear(),
    });
    const ground = createElement("div", "hl-plane");
    ground.append(this.#plane.canvas, this.#hint);
    root.append(this.#tools.root, ground);
    this.#listen();
    this.#showTool();
  }

  /** @param {ComponentCall<DrawData>} call */
  update({ data, setTriggerValue }) {
    this.#setTriggerValue = setTriggerValue;
    this.#colours = data.colours;
    this.#theme = readTheme(this.root);
    const { revision } = data;
    if (this.#revision !== null && revision < this.#revision) this.#sendAgain(revision, this.#points.list);
    else if (this.#revision === null && revision === 0 && !data.points.length) {
      this.#sendAgain(0, rememberedList(STORAGE_KEY));
    } else if (revision !== this.#revision) this.#take(data);
    this.#show();
  }

  destroy() {
    this.#resizes.disconnect();
    this.#closing.abort();
    cancelAnimationFrame(this.#frame);
  }

  /**
   * Take points that were changed elsewhere; undo restores what was here.
   *
   * @param {DrawData} data
   */
  #take({ points, revision }) {
    this.#endStroke();
    if (this.#revision !== null) this.#points.begin();
    this.#revision = revision;
    this.#points.replace(points);
    remember(STORAGE_KEY, points);
  }

  /**
   * Send points to a server that has none, with its revision.
   *
   * @param {number} revision
   * @param {DrawnPoint[]} points
   */
  #sendAgain(revision, points) {
    this.#revision = revision;
    this.#points.replace(points);
    if (points.length) this.#send();
  }

  #send() {
    remember(STORAGE_KEY, this.#points.list);
    this.#setTriggerValue("drawn", { points: this.#points.list, revision: this.#revision });
  }

  #listen() {
    const { canvas } = this.#plane;
    canvas.addEventListener("pointerdown", (event) => this.#onDown(event));
    canvas.addEventListener("pointermove", (event) => this.#onMove(event));
    for (const end of /** @type {const} */ (["pointerup", "pointercancel"])) {
      canvas.addEventListener(end, ({ pointerId }) => {
        if (pointerId === this.#pointer) this.#endStroke();
      });
    }
    canvas.addEventListener("pointerleave", () => {
      this.#hover = null;
      this.#paintSoon();
    });
    canvas.addEventListener("keydown", (event) => this.#onPlaneKey(event));
    canvas.addEventListener("blur", () => {
      this.#cross = null;
      this.#paintSoon();
    });
    // On the whole page, so that a person can also undo "Add noise" by the keyboard.
    document.addEventListener("keydown", (event) => this.#onKey(event), { signal: this.#closing.signal });
    this.#resizes.observe(canvas);
  }

  // Strokes

  /** @param {PointerEvent} event */
  #onDown(event) {
    const place = this.#plane.place(event);
    const isFree = event.button === 0 && this.#pointer === null;
    if (!isFree || !isOnPlane(place, this.#plane.thousandths(SLACK))) return;
    this.#pointer = event.pointerId;
    this.#plane.canvas.setPointerCapture(event.pointerId);
    this.#cross = null;
    this.#hover = place;
    this.#beginStroke(place);
  }

  /** @param {PointerEvent} event */
  #onMove(event) {
    this.#hover = this.#plane.place(event);
    if (event.pointerId === this.#pointer && this.#last) this.#stroke(this.#last, this.#hover);
    this.#paintSoon();
  }

  /** @param {Place} place */
  #beginStroke(place) {
    this.#points.begin();
    this.#last = place;
    if (this.#tools.tool === "point") this.#points.add([[...ontoPlane(place), this.#tools.label]]);
    else this.#step(place);
    this.#show();
  }

  /**
   * Continue a stroke, in steps of half the tool's radius however fast the pointer was.
   *
   * @param {Place} from
   * @param {Place} to
   */
  #stroke(from, to) {
    if (this.#tools.tool === "point") return;
    const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
    const steps = Math.floor(Math.hypot(dx, dy) / (this.#tools.size / 2));
    for (let step = 1; step <= steps; step++) {
      this.#last = [from[0] + (dx * step) / steps, from[1] + (dy * step) / steps];
      this.#step(this.#last);
    }
    if (steps) this.#show();
  }

  /** @param {Place} place */
  #step(place) {
    if (this.#tools.tool === "eraser") this.#points.erase(place, this.#tools.size);
    else this.#points.add(Array.from({ length: BRUSHED }, () => this.#scattered(place)));
  }

  /**
   * Return a random point under the brush, uniformly distributed.
   *
   * @param {Place} place
   * @returns {DrawnPoint}
   */
  #scattered([x1, x2]) {
    const radius = this.#tools.size * Math.sqrt(Math.random());
    const angle = 2 * Math.PI * Math.random();
    const point = [x1 + radius * Math.cos(angle), x2 + radius * Math.sin(angle)];
    return [Math.round(point[0]), Math.round(point[1]), this.#tools.label];
  }

  #endStroke() {
    if (!this.#last) return;
    this.#pointer = null;
    this.#last = null;
    if (this.#points.end()) this.#send();
    this.#show();
  }

  #undo() {
    if (this.#last || !this.#points.canUndo) return;
    this.#points.undo();
    this.#send();
    this.#show();
  }

  #clear() {
    this.#points.begin();
    if (this.#points.list.length) this.#points.replace([]);
    if (this.#points.end()) this.#send();
    this.#show();
  }

  // Keys

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const isTyped = event.target instanceof Element && event.target.closest(TYPED_IN);
    if (isTyped || event.altKey) return;
    const key = event.key.toLowerCase();
    if (event.ctrlKey || event.metaKey) {
      if (key !== "z" || event.shiftKey) return;
      event.preventDefault();
      this.#undo();
    } else if (key.length === 1 && key >= "1" && key <= String(this.#colours.length)) {
      this.#tools.chooseClass(Number(key) - 1);
    } else if (key in TOOL_KEYS) {
      this.#tools.chooseTool(TOOL_KEYS[key]);
    }
  }

  /** @param {KeyboardEvent} event */
  #onPlaneKey(event) {
    if (event.key in ARROWS) {
      const [across, up] = ARROWS[event.key];
      const [x1, x2] = this.#cross ?? [0, 0];
      this.#cross = ontoPlane([x1 + across * ARROW_STEP, x2 + up * ARROW_STEP]);
      this.#paintSoon();
    } else if (event.key === "Enter" || event.key === " ") {
      this.#cross ??= [0, 0];
      this.#beginStroke(this.#cross);
      this.#endStroke();
    } else {
      return;
    }
    event.preventDefault();
  }

  // Painting

  #showTool() {
    this.root.dataset.tool = this.#tools.tool;
    this.#paintSoon();
  }

  /** Show the points and everything that depends on them. */
  #show() {
    this.#tools.show(this.#points);
    this.#hint.hidden = this.#points.list.length > 0;
    this.root.dataset.count = String(this.#points.list.length);
    this.#paintSoon();
  }

  /** Paint in the next animation frame, once for everything that happens until then. */
  #paintSoon() {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.#plane.paint(this.#points.list, this.#shownPointer(), this.#theme, this.#colours);
    });
  }

  /** @returns {?import("./drawing_plane.js").ShownPointer} */
  #shownPointer() {
    const place = this.#cross ?? this.#hover;
    if (!place || (!isOnPlane(place) && !this.#last)) return null;
    return { place, radius: this.#tools.tool === "point" ? 0 : this.#tools.size, hasCross: this.#cross !== null };
  }
}
