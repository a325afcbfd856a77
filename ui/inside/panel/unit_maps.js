/** What every unit outputs over the plane of two features: small pictures, painted side by side into one canvas. */

import { colourScale, scaleIndex } from "./colour_scales.js";
import { context2d } from "./dom.js";
import { unitKey } from "./edit_marks.js";
import { forward, probabilities } from "./forward_pass.js";

const PRODUCTS_MOST = 5e6; // multiplications for all maps, which take about 10 ms
const SIDE_LEAST = 12; // cells
const SIDE_MOST = 40;
const SHARE_MOST = 0.25; // of the time that maps may take
const TINT_LEAST = 0.08; // share of a class's colour at probability 0
const MIDDLE_COLOUR = "#e3e5e9"; // between two classes

/**
 * The inputs that core.datasets.derived_inputs derives from two features.
 *
 * @type {Record<string, (x1: number, x2: number) => number>}
 */
const DERIVED = {
  x1: (x1) => x1,
  x2: (_, x2) => x2,
  x1x1: (x1) => x1 * x1,
  x2x2: (_, x2) => x2 * x2,
  x1x2: (x1, x2) => x1 * x2,
  sinx1: (x1) => Math.sin(x1),
  sinx2: (_, x2) => Math.sin(x2),
};
const FROM_0_TO_1 = new Set(["sigmoid", "hard_sigmoid"]);

/** @typedef {(cell: number) => number} CellColours   the pixel of a cell */

export class UnitMaps {
  #network;
  #plane;
  #side;
  #inputs;
  #canvas = document.createElement("canvas");
  #brush = context2d(this.#canvas);
  /** @type {Map<string, [number, number]>} where in the canvas a unit's map is */
  #places = new Map();
  /** When the maps may be painted again. */
  dueAt = 0;

  /**
   * @param {Network} network
   * @param {NonNullable<Network["plane"]>} plane
   */
  constructor(network, plane) {
    this.#network = network;
    this.#plane = plane;
    const weights = network.shapes.reduce((sum, [, shape]) => sum + shape.reduce((one, other) => one * other, 1), 0);
    this.#side = Math.min(SIDE_MOST, Math.max(SIDE_LEAST, Math.floor(Math.sqrt(PRODUCTS_MOST / weights))));
    this.#inputs = this.#gridInputs();
  }

  /** Return the scaled inputs at the middle of every cell, row by row from the top left. */
  #gridInputs() {
    const side = this.#side;
    const { low, high } = this.#plane;
    const { names, derived, offset, factor } = this.#network.inputs;
    const inputs = new Float64Array(side * side * names.length);
    for (let cell = 0; cell < side * side; cell++) {
      const x1 = low[0] + (((cell % side) + 0.5) / side) * (high[0] - low[0]);
      const x2 = high[1] - ((Math.floor(cell / side) + 0.5) / side) * (high[1] - low[1]);
      names.forEach((_, input) => {
        const unscaled = derived ? DERIVED[derived[input]](x1, x2) : [x1, x2][input];
        inputs[cell * names.length + input] = (unscaled - offset[input]) * factor[input];
      });
    }
    return inputs;
  }

  /**
   * Paint the maps of the shown units.
   *
   * @param {Tensors} tensors   of all units
   * @param {number[][]} shown   units, by level
   * @param {Theme} theme
   */
  paint(tensors, shown, theme) {
    const started = performance.now();
    const side = this.#side;
    const layers = forward(this.#network, tensors, this.#inputs, side * side);
    const units = shown.flatMap((numbers, level) => numbers.map((unit) => ({ level, unit })));
    const across = Math.ceil(Math.sqrt(units.length));
    const [width, height] = [across * side, Math.ceil(units.length / across) * side];
    if (this.#canvas.width !== width || this.#canvas.height !== height) Object.assign(this.#canvas, { width, height });
    const image = this.#brush.createImageData(width, height);
    const pixels = new Uint32Array(image.data.buffer);
    const outputColours = this.#outputColours(layers[layers.length - 1].outputs, theme);
    this.#places.clear();
    units.forEach(({ level, unit }, place) => {
      const [left, top] = [(place % across) * side, Math.floor(place / across) * side];
      const values = level === 0 ? this.#inputs : layers[level - 1].outputs;
      const colours = level === shown.length - 1 ? outputColours(unit) : this.#signedColours(values, level, unit);
      for (let cell = 0; cell < side * side; cell++) {
        pixels[(top + Math.floor(cell / side)) * width + left + (cell % side)] = colours(cell);
      }
      this.#places.set(unitKey(level, unit), [left, top]);
    });
    this.#brush.putImageData(image, 0, 0);
    const took = performance.now() - started;
    this.dueAt = performance.now() + took / SHARE_MOST - took;
  }

  /**
   * Draw a unit's map into a square; return whether there is one.
   *
   * @param {CanvasRenderingContext2D} brush
   * @param {NetworkTarget} unit
   * @param {{left: number, top: number, size: number}} square
   */
  draw(brush, { level, unit }, { left, top, size }) {
    const place = this.#places.get(unitKey(level, unit));
    if (!place) return false;
    brush.drawImage(this.#canvas, ...place, this.#side, this.#side, left, top, size, size);
    return true;
  }

  /**
   * Return where a point of the plane is on a map, as shares from the top left.
   *
   * @param {[number, number]} point
   */
  locate([x1, x2]) {
    const { low, high } = this.#plane;
    return [(x1 - low[0]) / (high[0] - low[0]), (high[1] - x2) / (high[1] - low[1])];
  }

  /**
   * Return the colours of a unit: blue below the middle of its range, orange above.
   *
   * @param {Float64Array} values
   * @param {number} level
   * @param {number} unit
   * @returns {CellColours}
   */
  #signedColours(values, level, unit) {
    const units = this.#network.sizes[level];
    const middle = level > 0 && FROM_0_TO_1.has(this.#network.layers[level - 1].activation) ? 0.5 : 0;
    let most = middle || 1e-6;
    if (!middle) for (let at = unit; at < values.length; at += units) most = Math.max(most, Math.abs(values[at]));
    const scale = colourScale(this.#network.valueColours);
    return (cell) => scale[scaleIndex((values[cell * units + unit] - middle) / most)];
  }

  /**
   * Return what colours an output: classes in their colours, a number from blue to orange.
   *
   * @param {Float64Array} outputs
   * @param {Theme} theme
   * @returns {(unit: number) => CellColours}
   */
  #outputColours(outputs, theme) {
    const { classes, classColours, target, valueColours } = this.#network;
    if (target) {
      const { low, high, offset, factor } = target;
      const scale = colourScale(valueColours);
      return () => (cell) => scale[scaleIndex((2 * (outputs[cell] / factor + offset - low)) / (high - low) - 1)];
    }
    const shares = probabilities(this.#network, outputs, this.#side ** 2);
    if (classes === 2) {
      const scale = colourScale([classColours[0], MIDDLE_COLOUR, classColours[1]]);
      return () => (cell) => scale[scaleIndex(2 * shares[cell * 2 + 1] - 1)];
    }
    return (unit) => {
      const scale = colourScale([theme.background, classColours[unit]]);
      return (cell) => scale[scaleIndex(2 * (TINT_LEAST + (1 - TINT_LEAST) * shares[cell * classes + unit]) - 1)];
    };
  }
}
