/** How every level arranges the sample points: one small plot a level, side by side from input to output. */

import { element } from "./dom.js";
import { colourOf } from "./colour_scales.js";
import { fromHalves } from "./frame_weights.js";

const GRID = 9; // vertices a side
const REACH = 10; // pixels from a point at which it is meant
const MARGIN = 10;
const SPREAD = 0.5; // of a single unit's plot that points take across it, so that equal ones can be told apart
const GOLDEN = (Math.sqrt(5) - 1) / 2; // multiples of it fill a line evenly
const STRETCH_MOST = 6; // of one axis of a flat plot against the other
const TURN = 0.01; // radians a pixel

export class Spaces {
  /** @param {(sample: number) => void} onSample   called where a point is clicked */
  constructor(onSample) {
    this.onSample = onSample;
    this.root = element("div", "hl-spaces");
    this.plots = [];
    this.turned = [0.6, 0.35]; // of all plots, about the upright and the level axis
  }

  /** @param scene   as Picture.paint takes it, with `space`, `separable`, `chosen` */
  paint(scene) {
    const { network, space } = scene;
    this.root.hidden = !space;
    if (!space) return;
    this.#arrange(network);
    const [, points] = space.shape;
    if (this.source !== space.data) {
      this.source = space.data;
      this.values = fromHalves(space.data);
    }
    this.plots.forEach((plot, level) => {
      const from = level * points * 3;
      this.#paintPlot(plot, level, this.values.subarray(from, from + points * 3), scene);
      plot.words.textContent = separableWords(network, scene.separable?.data[level]);
    });
  }

  #arrange(network) {
    const titles = network.titles.map(([long]) => long);
    if (JSON.stringify(titles) === this.arranged) return;
    this.arranged = JSON.stringify(titles);
    this.plots = titles.map((title) => {
      const figure = element("figure", "hl-space");
      const canvas = element("canvas", "", { "aria-label": `Points after ${title}`, role: "img" });
      const words = element("figcaption", "hl-caption");
      figure.append(element("span", "hl-caption hl-name", {}, title), canvas, words);
      const plot = { figure, canvas, words, places: [] };
      this.#listen(plot);
      return plot;
    });
    this.root.replaceChildren(...this.plots.map(({ figure }) => figure));
  }

  #listen(plot) {
    const { canvas } = plot;
    let from = null;
    let moved = false;
    canvas.addEventListener("pointerdown", (event) => {
      from = [event.clientX, event.clientY];
      moved = false;
      if (plot.dimensions === 3) canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!from || plot.dimensions < 3) return;
      const [dx, dy] = [event.clientX - from[0], event.clientY - from[1]];
      if (!moved && Math.hypot(dx, dy) < 4) return;
      moved = true;
      from = [event.clientX, event.clientY];
      const tilt = this.turned[1] + dy * TURN;
      this.turned = [this.turned[0] + dx * TURN, Math.max(-1.5, Math.min(1.5, tilt))];
      this.onTurn?.();
    });
    canvas.addEventListener("pointerup", (event) => {
      if (from && !moved) this.#choose(plot, event);
      from = null;
    });
    canvas.addEventListener("pointercancel", () => (from = null));
  }

  #choose({ canvas, places }, event) {
    const { left, top } = canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - left, event.clientY - top];
    const distances = places.map(([px, py]) => Math.hypot(px - x, py - y));
    const nearest = distances.indexOf(Math.min(...distances));
    if (distances[nearest] <= REACH) this.onSample(nearest);
  }

  #paintPlot(plot, level, values, scene) {
    const { network, theme, chosen } = scene;
    const { canvas } = plot;
    const ratio = window.devicePixelRatio || 1;
    const side = plot.figure.clientWidth;
    const size = Math.round(side * ratio);
    if (canvas.width !== size) {
      Object.assign(canvas, { width: size, height: size });
      Object.assign(canvas.style, { width: `${side}px`, height: `${side}px` });
    }
    const brush = canvas.getContext("2d");
    brush.setTransform(ratio, 0, 0, ratio, 0, 0);
    brush.clearRect(0, 0, side, side);
    plot.dimensions = Math.min(3, network.sizes[level]);
    canvas.classList.toggle("hl-turns", plot.dimensions === 3);
    const places = this.#project(values, plot.dimensions, side);
    const samples = Math.min(network.samples.labels.length, places.length);
    plot.places = places.slice(0, samples);
    if (plot.dimensions > 1 && places.length === samples + GRID * GRID) paintGrid(brush, places.slice(samples), theme);
    const wide = network.classes ? 4 : 6; // shades of numbers need more room than classes
    Object.assign(brush, { strokeStyle: theme.muted, lineWidth: 0.5 });
    plot.places.forEach(([x, y], sample) => {
      const square = [x - wide / 2, y - wide / 2, wide, wide];
      brush.fillStyle = sampleColour(network, sample);
      brush.fillRect(...square);
      if (!network.classes) brush.strokeRect(...square); // those in the middle are nearly white
    });
    if (!plot.places[chosen]) return;
    brush.beginPath();
    brush.arc(...plot.places[chosen], 6, 0, 7);
    Object.assign(brush, { strokeStyle: theme.text, lineWidth: 2 });
    brush.stroke();
  }

  /** Return where the points lie on a square, as large as they all fit. */
  #project(values, dimensions, side) {
    const places = [];
    const [cos, sin] = [Math.cos(this.turned[0]), Math.sin(this.turned[0])];
    const [over, under] = [Math.cos(this.turned[1]), Math.sin(this.turned[1])];
    for (let at = 0; at < values.length; at += 3) {
      const [x, y, z] = values.subarray(at, at + 3);
      if (dimensions < 3) places.push([x, y]);
      else places.push([cos * x + sin * z, over * y - under * (cos * z - sin * x)]);
    }
    const finite = places.filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y));
    const bounds = [0, 1].map((axis) => {
      const along = finite.map((place) => place[axis]);
      return [Math.min(...along), Math.max(...along)];
    });
    const most = Math.max(...bounds.map(([low, high]) => high - low), 1e-6);
    const least = dimensions === 2 ? most / STRETCH_MOST : most; // a body that turns keeps its proportions
    const [reachX, reachY] = bounds.map(([low, high]) => Math.max(high - low, least));
    const room = side - 2 * MARGIN;
    const [middleX, middleY] = bounds.map(([low, high]) => (low + high) / 2);
    return places.map(([x, y], point) => [
      side / 2 + ((x - middleX) / reachX) * room,
      dimensions === 1
        ? side / 2 + (((point * GOLDEN) % 1) - 0.5) * SPREAD * room
        : side / 2 - ((y - middleY) / reachY) * room,
    ]);
  }
}

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

/** Return the colour of a sample's class, or of its number among the others. */
export function sampleColour({ samples, classes, classColours, target, valueColours }, sample) {
  const label = samples.labels[sample];
  if (classes) return classColours[label];
  return colourOf(valueColours, (2 * (label - target.low)) / (target.high - target.low) - 1);
}

function separableWords({ classes }, share) {
  if (share === undefined || !Number.isFinite(share)) return "";
  const text = share.toFixed(2).replace("-0.00", "0.00").replace("-", "−");
  return classes ? `a line tells apart ${text}` : `a line explains ${text}`;
}
