/** How every level arranges the sample points: one small plot for each level, from input to output. */

import { scaleColour } from "./colour_scales.js";
import { clearedContext, createElement } from "./dom.js";
import { fromHalves } from "./frame_weights.js";

const GRID = 9; // vertices along a side
const HIT_DISTANCE = 10; // pixels from a point at which a click hits it
const DRAG_DISTANCE = 4; // pixels from which on a press is a drag
const MARGIN = 10; // pixels
const JITTER = 0.5; // share of the plot's height over which the points of a single unit are spread, to tell them apart
const GOLDEN = (Math.sqrt(5) - 1) / 2; // its multiples fill a line evenly
const STRETCH_MOST = 6; // of one axis of a two-dimensional plot against the other
const TURN = 0.01; // radians for each pixel
const TURN_BY_KEY = 0.15; // radians
/** @type {Record<string, [number, number]>} which way an arrow key turns, and tilts */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const TILT_MOST = 1.5; // radians

/** @typedef {[number, number]} Place   pixels */
/**
 * @typedef {object} SpacePlot
 * @property {string} title
 * @property {HTMLElement} figure
 * @property {HTMLCanvasElement} canvas
 * @property {HTMLElement} caption
 * @property {Place[]} places   of the samples
 * @property {number} dimensions   1 to 3
 */

export class LayerSpaces {
  root = createElement("div", "hl-spaces");
  #onSample;
  #onTurn;
  /** @type {SpacePlot[]} */
  #plots = [];
  #titles = ""; // of the plots, as text
  #turn = 0.6; // radians of all plots, about the vertical axis …
  #tilt = 0.35; // … and the horizontal axis
  /** @type {?FrameNumbers} */
  #source = null;
  #values = new Float32Array();

  /**
   * @param {(sample: number) => void} onSample   is called after a click on a point
   * @param {() => void} onTurn   is called while the plots are turned
   */
  constructor(onSample, onTurn) {
    this.#onSample = onSample;
    this.#onTurn = onTurn;
  }

  /** @param {Scene} scene */
  paint(scene) {
    const { network, spaces, separable } = scene;
    this.root.hidden = !spaces;
    if (!spaces) return;
    this.#arrange(network);
    if (this.#source !== spaces.data) {
      this.#source = spaces.data;
      this.#values = fromHalves(spaces.data);
    }
    const size = spaces.shape[1] * 3; // of a level, which has three coordinates a point
    this.#plots.forEach((plot, level) => {
      this.#paintPlot(plot, level, this.#values.subarray(level * size, (level + 1) * size), scene);
      plot.caption.textContent = separableText(network, separable?.data[level]);
    });
  }

  /** @param {Network} network */
  #arrange(network) {
    const titles = network.titles.map(([long]) => long);
    if (String(titles) === this.#titles) return;
    this.#titles = String(titles);
    this.#plots = titles.map((title) => this.#makePlot(title));
    this.root.replaceChildren(...this.#plots.map(({ figure }) => figure));
  }

  /**
   * @param {string} title
   * @returns {SpacePlot}
   */
  #makePlot(title) {
    const figure = createElement("figure", "hl-space");
    const canvas = createElement("canvas");
    const caption = createElement("figcaption", "hl-caption");
    figure.append(createElement("span", "hl-caption hl-name", {}, title), canvas, caption);
    /** @type {SpacePlot} */
    const plot = { title, figure, canvas, caption, places: [], dimensions: 0 };
    this.#listen(plot);
    return plot;
  }

  /** @param {SpacePlot} plot */
  #listen(plot) {
    const { canvas } = plot;
    /** @type {?Place} */
    let from = null;
    let isDrag = false;
    canvas.addEventListener("pointerdown", ({ clientX, clientY, pointerId }) => {
      from = [clientX, clientY];
      isDrag = false;
      if (plot.dimensions === 3) canvas.setPointerCapture(pointerId);
    });
    canvas.addEventListener("pointermove", ({ clientX, clientY }) => {
      if (!from || plot.dimensions < 3) return;
      const [dx, dy] = [clientX - from[0], clientY - from[1]];
      if (!isDrag && Math.hypot(dx, dy) < DRAG_DISTANCE) return;
      isDrag = true;
      from = [clientX, clientY];
      this.#turnBy(dx * TURN, dy * TURN);
    });
    canvas.addEventListener("keydown", (event) => {
      const way = ARROWS[event.key];
      if (!way || plot.dimensions < 3) return;
      event.preventDefault();
      this.#turnBy(way[0] * TURN_BY_KEY, way[1] * TURN_BY_KEY);
    });
    canvas.addEventListener("pointerup", (event) => {
      if (from && !isDrag) this.#choose(plot, event);
      from = null;
    });
    canvas.addEventListener("pointercancel", () => {
      from = null;
    });
  }

  /**
   * @param {number} turn   radians
   * @param {number} tilt   radians
   */
  #turnBy(turn, tilt) {
    this.#turn += turn;
    this.#tilt = Math.max(-TILT_MOST, Math.min(TILT_MOST, this.#tilt + tilt));
    this.#onTurn();
  }

  /**
   * @param {SpacePlot} plot
   * @param {PointerEvent} event
   */
  #choose({ canvas, places }, { clientX, clientY }) {
    const { left, top } = canvas.getBoundingClientRect();
    const distances = places.map(([x, y]) => Math.hypot(x - (clientX - left), y - (clientY - top)));
    const nearest = distances.indexOf(Math.min(...distances));
    if (distances[nearest] <= HIT_DISTANCE) this.#onSample(nearest);
  }

  /**
   * @param {SpacePlot} plot
   * @param {number} level
   * @param {Float32Array} values   (points, 3)
   * @param {Scene} scene
   */
  #paintPlot(plot, level, values, { network, theme, chosen }) {
    const side = plot.figure.clientWidth;
    Object.assign(plot.canvas.style, { width: `${side}px`, height: `${side}px` });
    const brush = clearedContext(plot.canvas, side, side);
    nameCanvas(plot, Math.min(3, network.sizes[level]));
    const places = this.#project(values, plot.dimensions, side);
    const samples = Math.min(network.samples.labels.length, places.length);
    plot.places = places.slice(0, samples);
    if (plot.dimensions > 1 && places.length === samples + GRID * GRID) paintGrid(brush, places.slice(samples), theme);
    const size = network.target ? 6 : 4; // shades of numbers need more room than colours of classes
    Object.assign(brush, { strokeStyle: theme.muted, lineWidth: 0.5 });
    plot.places.forEach(([x, y], sample) => {
      brush.fillStyle = sampleColour(network, sample);
      brush.fillRect(x - size / 2, y - size / 2, size, size);
      if (network.target) brush.strokeRect(x - size / 2, y - size / 2, size, size); // medium values are nearly white
    });
    if (chosen < plot.places.length) paintRing(brush, plot.places[chosen], theme);
  }

  /**
   * Return where the points are in a square that they fill.
   *
   * @param {Float32Array} values   (points, 3)
   * @param {number} dimensions
   * @param {number} side
   * @returns {Place[]}
   */
  #project(values, dimensions, side) {
    const places = dimensions < 3 ? flat(values) : this.#turned(values);
    const finite = places.filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y));
    const bounds = [0, 1].map((axis) => {
      const along = finite.map((place) => place[axis]);
      return [Math.min(...along), Math.max(...along)];
    });
    const most = Math.max(...bounds.map(([low, high]) => high - low), 1e-6);
    const least = dimensions === 2 ? most / STRETCH_MOST : most; // in 3D, both axes have the same scale
    const [extentX, extentY] = bounds.map(([low, high]) => Math.max(high - low, least));
    const [middleX, middleY] = bounds.map(([low, high]) => (low + high) / 2);
    const room = side - 2 * MARGIN;
    return places.map(([x, y], point) => [
      side / 2 + ((x - middleX) / extentX) * room,
      dimensions === 1
        ? side / 2 + (((point * GOLDEN) % 1) - 0.5) * JITTER * room
        : side / 2 - ((y - middleY) / extentY) * room,
    ]);
  }

  /**
   * Return points in 3D as they are seen from the chosen side.
   *
   * @param {Float32Array} values
   * @returns {Place[]}
   */
  #turned(values) {
    const [cosTurn, sinTurn] = [Math.cos(this.#turn), Math.sin(this.#turn)];
    const [cosTilt, sinTilt] = [Math.cos(this.#tilt), Math.sin(this.#tilt)];
    /** @type {Place[]} */
    const places = [];
    for (let at = 0; at < values.length; at += 3) {
      const [x, y, z] = values.subarray(at, at + 3);
      places.push([cosTurn * x + sinTurn * z, cosTilt * y - sinTilt * (cosTurn * z - sinTurn * x)]);
    }
    return places;
  }
}

/**
 * Say what a plot shows, and let the keyboard turn it where it can be turned.
 *
 * @param {SpacePlot} plot
 * @param {number} dimensions
 */
function nameCanvas(plot, dimensions) {
  if (plot.dimensions === dimensions) return;
  plot.dimensions = dimensions;
  const { canvas, title } = plot;
  const turns = dimensions === 3;
  canvas.classList.toggle("hl-turns", turns);
  if (turns) canvas.tabIndex = 0;
  else canvas.removeAttribute("tabindex");
  canvas.setAttribute("role", turns ? "application" : "img");
  canvas.setAttribute("aria-label", `The sample points after ${title}.${turns ? " Arrow keys turn them." : ""}`);
}

/**
 * @param {Float32Array} values   (points, 3)
 * @returns {Place[]}
 */
function flat(values) {
  /** @type {Place[]} */
  const places = [];
  for (let at = 0; at < values.length; at += 3) places.push([values[at], values[at + 1]]);
  return places;
}

/**
 * @param {CanvasRenderingContext2D} brush
 * @param {Place[]} vertices   row by row
 * @param {Theme} theme
 */
function paintGrid(brush, vertices, theme) {
  Object.assign(brush, { strokeStyle: theme.border, lineWidth: 1 });
  brush.beginPath();
  for (let line = 0; line < GRID; line++) {
    for (let step = 0; step < GRID; step++) {
      brush[step ? "lineTo" : "moveTo"](...vertices[line * GRID + step]);
    }
    for (let step = 0; step < GRID; step++) {
      brush[step ? "lineTo" : "moveTo"](...vertices[step * GRID + line]);
    }
  }
  brush.stroke();
}

/**
 * @param {CanvasRenderingContext2D} brush
 * @param {Place} place
 * @param {Theme} theme
 */
function paintRing(brush, [x, y], theme) {
  brush.beginPath();
  brush.arc(x, y, 6, 0, 2 * Math.PI);
  Object.assign(brush, { strokeStyle: theme.text, lineWidth: 2 });
  brush.stroke();
}

/**
 * Return the colour of a sample: of its class, or of its number on the scale of all targets.
 *
 * @param {Network} network
 * @param {number} sample
 */
export function sampleColour({ samples, classColours, target, valueColours }, sample) {
  const label = samples.labels[sample];
  if (!target) return classColours[label];
  return scaleColour(valueColours, (2 * (label - target.low)) / (target.high - target.low) - 1);
}

/**
 * @param {Network} network
 * @param {number | undefined} score   accuracy, or R² of a number
 */
function separableText({ target }, score) {
  if (score === undefined || !Number.isFinite(score)) return "";
  if (!target) return `a straight line separates ${Math.round(100 * score)} %`;
  return `linear fit: R² ${score.toFixed(2).replace("-0.00", "0.00").replace("-", "−")}`;
}
