/** What every unit gives over the plane of two features: small pictures, painted side by side into one canvas. */

import { forward, probabilities } from "./forward_pass.js";
import { shadeOf, shadesOf } from "./colour_scales.js";

const PRODUCTS_MOST = 5e6; // multiplications for all maps; they take some 10 ms
const SIDE_LEAST = 12;
const SIDE_MOST = 40;
const SHARE_MOST = 0.25; // of the time that maps may take
const TINT_LEAST = 0.08; // how much of a class's colour is seen where its probability is 0

// As core.datasets.derived_inputs derives them.
const DERIVED = {
  x1: (x1) => x1,
  x2: (_, x2) => x2,
  x1x1: (x1) => x1 * x1,
  x2x2: (_, x2) => x2 * x2,
  x1x2: (x1, x2) => x1 * x2,
  sinx1: (x1) => Math.sin(x1),
  sinx2: (_, x2) => Math.sin(x2),
};
const FROM_0_TO_1 = ["sigmoid", "hard_sigmoid"];

export class Maps {
  /** @param network   as in inside_panel.js; its `plane` must be there */
  constructor(network) {
    this.network = network;
    const weights = network.shapes.reduce((sum, [, shape]) => sum + shape.reduce((a, b) => a * b, 1), 0);
    this.side = Math.min(SIDE_MOST, Math.max(SIDE_LEAST, Math.floor(Math.sqrt(PRODUCTS_MOST / weights))));
    this.inputs = this.#gridInputs();
    this.canvas = document.createElement("canvas");
    this.brush = this.canvas.getContext("2d");
    this.places = new Map(); // level and unit -> place in the canvas
    this.dueAt = 0;
  }

  /** Return the scaled inputs of the middle of every cell, row by row from the top left. */
  #gridInputs() {
    const { side } = this;
    const { low, high } = this.network.plane;
    const { names, derived, offset, factor } = this.network.inputs;
    const inputs = new Float64Array(side * side * names.length);
    for (let cell = 0; cell < side * side; cell++) {
      const x1 = low[0] + (((cell % side) + 0.5) / side) * (high[0] - low[0]);
      const x2 = high[1] - ((Math.floor(cell / side) + 0.5) / side) * (high[1] - low[1]);
      names.forEach((_, place) => {
        const unscaled = derived ? DERIVED[derived[place]](x1, x2) : [x1, x2][place];
        inputs[cell * names.length + place] = (unscaled - offset[place]) * factor[place];
      });
    }
    return inputs;
  }

  /**
   * Paint the maps of the shown units.
   *
   * @param tensors   all weights
   * @param {number[][]} shown   units of every level
   */
  paint(tensors, shown, theme) {
    const started = performance.now();
    const { side, network, brush } = this;
    const layers = forward(network, tensors, this.inputs, side * side);
    const count = shown.reduce((sum, units) => sum + units.length, 0);
    const across = Math.ceil(Math.sqrt(count));
    const [width, height] = [across * side, Math.ceil(count / across) * side];
    if (this.canvas.width !== width || this.canvas.height !== height) Object.assign(this.canvas, { width, height });
    const image = brush.createImageData(width, height);
    const pixels = new Uint32Array(image.data.buffer);
    this.places.clear();
    const last = shown.length - 1;
    const answers = this.#answers(layers.at(-1).outputs);
    let place = 0;
    shown.forEach((units, level) => {
      for (const unit of units) {
        const [left, top] = [(place % across) * side, Math.floor(place / across) * side];
        const values = level === 0 ? this.inputs : layers[level - 1].outputs;
        const colours = level === last ? answers(unit, theme) : this.#signed(values, level, unit);
        for (let cell = 0; cell < side * side; cell++) {
          pixels[(top + Math.floor(cell / side)) * width + left + (cell % side)] = colours(cell);
        }
        this.places.set(`${level},${unit}`, [left, top]);
        place += 1;
      }
    });
    brush.putImageData(image, 0, 0);
    const took = performance.now() - started;
    this.dueAt = performance.now() + took / SHARE_MOST - took;
  }

  /** Draw a unit's map into a square; return whether there is one. */
  draw(brush, level, unit, left, top, size) {
    const place = this.places.get(`${level},${unit}`);
    if (!place) return false;
    brush.drawImage(this.canvas, ...place, this.side, this.side, left, top, size, size);
    return true;
  }

  /** Return where a point of the plane lies on a map, in shares from the top left. */
  locate([x1, x2]) {
    const { low, high } = this.network.plane;
    return [(x1 - low[0]) / (high[0] - low[0]), (high[1] - x2) / (high[1] - low[1])];
  }

  /** Return the pixel of every cell of a unit: blue below the middle, orange above. */
  #signed(values, level, unit) {
    const units = this.network.sizes[level];
    const middle = level > 0 && FROM_0_TO_1.includes(this.network.layers[level - 1].activation) ? 0.5 : 0;
    let most = middle || 1e-6;
    if (!middle) for (let at = unit; at < values.length; at += units) most = Math.max(most, Math.abs(values[at]));
    const shades = shadesOf(this.network.valueColours);
    return (cell) => shades[shadeOf((values[cell * units + unit] - middle) / most)];
  }

  /** Return what paints an output: the classes in their colours, or a number as blue to orange. */
  #answers(outputs) {
    const { network, side } = this;
    if (network.classes === 0) {
      const { low, high, offset, factor } = network.target;
      const shades = shadesOf(network.valueColours);
      return () => (cell) => shades[shadeOf((2 * (outputs[cell] / factor + offset - low)) / (high - low) - 1)];
    }
    const shares = probabilities(network, outputs, side * side);
    if (network.classes === 2) {
      const shades = shadesOf([network.classColours[0], "#e3e5e9", network.classColours[1]]);
      return () => (cell) => shades[shadeOf(2 * shares[cell * 2 + 1] - 1)];
    }
    return (unit, theme) => {
      const shades = shadesOf([theme.background, network.classColours[unit]]);
      return (cell) => shades[shadeOf(2 * (TINT_LEAST + (1 - TINT_LEAST) * shares[cell * network.classes + unit]) - 1)];
    };
  }
}
