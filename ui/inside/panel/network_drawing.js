/** The drawing of the network: inputs, units and outputs, and the connections between them. */

import { cutToFit, inTwoLines } from "./canvas_text.js";
import { scaleColour } from "./colour_scales.js";
import { clearedContext, context2d, createElement } from "./dom.js";
import { chooseConnections, hitConnection } from "./drawn_connections.js";
import { unitKey } from "./edit_marks.js";
import { outputLabels } from "./output_labels.js";

const STEPS = 8; // of thickness and opacity
const HEAD = 40; // pixels above the units, for the titles
const FOOT = 22; // … and below, for the number of hidden units
const FONT = 12;
const LINE = 13; // pixels from one line of a name to the next
const LABEL_LINE = 18; // … and of the labels of an output
const UNIT_MOST = 36; // pixels: the size of a unit …
const MAP_MOST = 88; // … and of one that shows what it answers all over the plane
const LEAST_NAME = 24; // pixels of a name beside the drawing
const NAMES_MEASURED = 100; // a picture has a name for each pixel
const TITLE_ROOM = 62; // pixels of a level, from which on the long title fits

/** @typedef {import("./drawn_connections.js").DrawnUnit} DrawnUnit */
/** @typedef {import("./drawn_connections.js").Connection} Connection */
/** @typedef {Scene & {weights: Weights}} PaintedScene */

/** @type {Record<string, [number, number]>} the steps in levels and units of each key */
const ARROWS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

export class NetworkDrawing {
  canvas = createElement("canvas", "hl-network", { tabindex: 0 });
  #brush = context2d(this.canvas);
  /** @type {DrawnUnit[][]} the shown units by level, from the top */
  #units = [];
  /** @type {Connection[]} */
  #connections = [];
  #pitch = 0; // pixels from level to level
  #left = 0; // pixels from the left edge to the middle of the inputs …
  #right = 0; // … and from the middle of the outputs to the right edge

  /**
   * Return the height of the drawing with `most` units in its largest level.
   *
   * @param {number} width
   * @param {number} most
   */
  static height(width, most) {
    const pitch = most > 12 ? Math.max(4, Math.min(26, 900 / most)) : 34;
    return Math.round(Math.max(Math.min(520, Math.max(280, width * 0.42)), most * pitch + HEAD + FOOT));
  }

  /** @param {PaintedScene} scene */
  paint(scene) {
    const width = this.canvas.parentElement?.clientWidth ?? 0;
    const height = NetworkDrawing.height(width, Math.max(...scene.shown.map((units) => units.length)));
    Object.assign(this.canvas.style, { width: `${width}px`, height: `${height}px` });
    this.#brush = clearedContext(this.canvas, width, height);
    this.#placeUnits(scene, width, height);
    const { connections, thinness } = chooseConnections(this.#units, scene.network, scene.weights);
    this.#connections = connections;
    this.#paintConnections(scene, thinness);
    this.#paintSelected(scene);
    this.#units.forEach((units, level) => units.forEach((unit) => this.#paintUnit(scene, level, unit)));
    this.#paintTitles(scene, height);
    this.#paintInputNames(scene);
    this.#paintOutputLabels(scene);
  }

  /**
   * @param {PaintedScene} scene
   * @param {number} width
   * @param {number} height
   */
  #placeUnits({ network, shown, maps }, width, height) {
    const most = Math.min(maps ? MAP_MOST : UNIT_MOST, (0.6 * width) / (shown.length + 1));
    // From edge to edge: beside the first and last level, half a unit and the names.
    this.#left = most / 2 + this.#roomOf(network.inputs.names, width) + 8;
    this.#right = most / 2 + this.#roomOf(network.target ? [network.target.name] : network.classNames, width) + 50;
    this.#pitch = (width - this.#left - this.#right) / (shown.length - 1);
    this.#units = shown.map((units, level) => {
      const room = (height - HEAD - FOOT) / units.length;
      const size = Math.max(2, Math.min(most, this.#pitch * 0.6, room * 0.84));
      const x = this.#left + level * this.#pitch;
      return units.map((unit, place) => ({ unit, x, y: HEAD + (place + 0.5) * room, size }));
    });
  }

  /**
   * @param {PaintedScene} scene
   * @param {number} thinness
   */
  #paintConnections({ network, selected }, thinness) {
    /** @type {Connection[][]} by strength and sign, so that each needs one stroke */
    const steps = Array.from({ length: 2 * STEPS }, () => []);
    for (const connection of this.#connections) {
      const step = Math.min(STEPS - 1, Math.floor(connection.share * STEPS));
      steps[step * 2 + (connection.weight < 0 ? 0 : 1)].push(connection);
    }
    const faded = selected ? 0.55 : 1;
    steps.forEach((connections, place) => {
      const share = (Math.floor(place / 2) + 0.5) / STEPS;
      this.#stroke(connections, {
        colour: network.signColours[place % 2],
        width: (0.4 + 4 * share) * thinness,
        opacity: (0.1 + 0.8 * share) * thinness * faded,
      });
    });
  }

  /**
   * @param {Connection[]} connections
   * @param {{colour: string, width: number, opacity: number}} style
   */
  #stroke(connections, { colour, width, opacity }) {
    if (!connections.length) return;
    const brush = this.#brush;
    Object.assign(brush, { strokeStyle: colour, lineWidth: width, globalAlpha: opacity });
    brush.beginPath();
    for (const { from, to } of connections) {
      brush.moveTo(from.x + from.size / 2, from.y);
      brush.lineTo(to.x - to.size / 2, to.y);
    }
    brush.stroke();
    brush.globalAlpha = 1;
  }

  /**
   * Paint the connections into the selected unit, or the selected connection, over all others.
   *
   * @param {PaintedScene} scene
   */
  #paintSelected({ network, selected, theme }) {
    if (!selected) return;
    const { level, unit, from } = selected;
    for (const connection of this.#connections) {
      if (connection.level !== level || connection.to.unit !== unit) continue;
      if (from !== undefined && connection.from.unit !== from) continue;
      const width = 1 + 4 * connection.share;
      if (from !== undefined) this.#stroke([connection], { colour: theme.text, width: width + 3, opacity: 0.9 });
      this.#stroke([connection], { colour: network.signColours[connection.weight < 0 ? 0 : 1], width, opacity: 1 });
    }
  }

  /**
   * @param {PaintedScene} scene
   * @param {number} level
   * @param {DrawnUnit} drawn
   */
  #paintUnit(scene, level, drawn) {
    const brush = this.#brush;
    const { theme, maps, selected, sample, network } = scene;
    const { unit, x, y, size } = drawn;
    const [left, top] = [x - size / 2, y - size / 2];
    const hasMap = maps?.draw(brush, { level, unit }, { left, top, size });
    brush.beginPath();
    if (maps) brush.roundRect(left, top, size, size, Math.min(4, size / 5));
    else brush.arc(x, y, size / 2, 0, 2 * Math.PI);
    if (!hasMap) {
      const values = sample?.values[level];
      brush.fillStyle = values ? scaleColour(network.valueColours, values[unit] / largest(values)) : theme.grid;
      brush.fill();
    }
    const isSelected = selected?.level === level && selected.unit === unit && selected.from === undefined;
    Object.assign(brush, { strokeStyle: isSelected ? theme.primary : theme.muted, lineWidth: isSelected ? 3 : 1 });
    brush.stroke();
    this.#paintMarks(scene, level, drawn);
  }

  /**
   * Mark what was changed by hand: a silenced unit is crossed out, a frozen one framed, one with a set weight has a dot.
   *
   * @param {PaintedScene} scene
   * @param {number} level
   * @param {DrawnUnit} drawn
   */
  #paintMarks({ marks, theme, weights }, level, { unit, x, y, size }) {
    const brush = this.#brush;
    const key = unitKey(level, weights.units[level][unit]);
    const half = size / 2;
    Object.assign(brush, { strokeStyle: theme.text, fillStyle: theme.text, lineWidth: 2 });
    if (marks.silenced.has(key)) {
      brush.beginPath();
      for (const side of [-1, 1]) {
        brush.moveTo(x - half, y - side * half);
        brush.lineTo(x + half, y + side * half);
      }
      brush.stroke();
    }
    if (marks.frozen.has(key)) {
      brush.setLineDash([3, 3]);
      brush.strokeRect(x - half - 3, y - half - 3, size + 6, size + 6);
      brush.setLineDash([]);
    }
    if (marks.set.has(key)) {
      brush.beginPath();
      brush.arc(x + half, y - half, 4, 0, 2 * Math.PI);
      brush.fill();
    }
  }

  /**
   * @param {PaintedScene} scene
   * @param {number} height
   */
  #paintTitles({ network, shown, theme }, height) {
    const [brush, pitch] = [this.#brush, this.#pitch];
    Object.assign(brush, { textBaseline: "middle", textAlign: "center" });
    network.titles.forEach(([long, short, kind], level) => {
      const { x } = this.#units[level][0];
      this.#write(pitch > TITLE_ROOM ? long : short, x, 11, { room: pitch, colour: theme.text, weight: 600 });
      if (pitch > TITLE_ROOM) this.#write(kind, x, 27, { room: pitch - 4, colour: theme.muted });
      const hidden = network.sizes[level] - shown[level].length;
      if (hidden) this.#write(`+ ${hidden}`, x, height - 9, { room: pitch, colour: theme.muted });
    });
  }

  /** @param {PaintedScene} scene */
  #paintInputNames({ network, weights, theme }) {
    const [inputs] = this.#units;
    this.#brush.textAlign = "right";
    for (const { unit, x, y, size } of withRoom(inputs)) {
      const room = x - size / 2 - 8;
      const lines = this.#split(network.inputs.names[weights.units[0][unit]], room, inputs);
      this.#writeLines(lines, x - size / 2 - 6, y, { room, colour: theme.text });
    }
  }

  /** @param {PaintedScene} scene */
  #paintOutputLabels({ network, weights, sample, theme }) {
    const brush = this.#brush;
    const level = this.#units.length - 1;
    const outputs = this.#units[level];
    brush.textAlign = "left";
    for (const { unit, x, y, size } of withRoom(outputs)) {
      const labels = outputLabels(network, sample, weights.units[level][unit]);
      const room = this.#right - size / 2 - 18;
      labels.forEach(({ text, colour }, index) => {
        const middle = y + (index - (labels.length - 1) / 2) * LABEL_LINE;
        if (colour) {
          brush.fillStyle = colour;
          brush.fillRect(x + size / 2 + 6, middle - 5, 4, 10);
        }
        const lines = labels.length > 1 ? [text] : this.#split(text, room, outputs);
        this.#writeLines(lines, x + size / 2 + 14, middle, { room, colour: theme.text });
      });
    }
  }

  /**
   * Return the pixels that names need beside the drawing: enough for a short title too, at most a seventh of the width.
   *
   * @param {string[]} names
   * @param {number} width   of the drawing
   */
  #roomOf(names, width) {
    this.#setFont(400);
    const longest = Math.max(...names.slice(0, NAMES_MEASURED).map((name) => this.#brush.measureText(name).width));
    return Math.max(LEAST_NAME, Math.min(longest, width / 7));
  }

  /** @param {number} weight */
  #setFont(weight) {
    this.#brush.font = `${weight} ${FONT}px ${getComputedStyle(this.canvas).fontFamily}`;
  }

  /**
   * @param {string} text
   * @param {number} x
   * @param {number} y
   * @param {{room: number, colour: string, weight?: number}} style
   */
  #write(text, x, y, { room, colour, weight = 400 }) {
    this.#setFont(weight);
    this.#brush.fillStyle = colour;
    this.#brush.fillText(cutToFit(this.#brush, text, room), x, y);
  }

  /**
   * @param {string[]} lines
   * @param {number} x
   * @param {number} y
   * @param {{room: number, colour: string}} style
   */
  #writeLines(lines, x, y, style) {
    lines.forEach((line, index) => this.#write(line, x, y + (index - (lines.length - 1) / 2) * LINE, style));
  }

  /**
   * Return the lines of a name beside one of some units: two if it needs them and the units are far enough apart.
   *
   * @param {string} text
   * @param {number} room
   * @param {DrawnUnit[]} units
   */
  #split(text, room, units) {
    this.#setFont(400);
    return spacing(units) < 2 * LINE ? [text] : inTwoLines(this.#brush, text, room);
  }

  /**
   * Return the unit or connection at a place of the canvas, or null.
   *
   * @param {number} x
   * @param {number} y
   * @returns {?NetworkTarget}
   */
  hit(x, y) {
    return this.#hitUnit(x, y) ?? hitConnection(this.#connections, x, y);
  }

  /**
   * @param {number} x
   * @param {number} y
   * @returns {?NetworkTarget}
   */
  #hitUnit(x, y) {
    for (const [level, units] of this.#units.entries()) {
      for (const drawn of units) {
        const half = Math.max(drawn.size / 2, Math.min(8, this.#pitch / 4));
        const isHit = Math.abs(x - drawn.x) <= half && Math.abs(y - drawn.y) <= drawn.size / 2 + 1;
        if (isHit) return { level, unit: drawn.unit };
      }
    }
    return null;
  }

  /**
   * Return the unit that an arrow key leads to; without a start, the first input.
   *
   * @param {?NetworkTarget} start
   * @param {string} key
   * @returns {NetworkTarget}
   */
  neighbour(start, key) {
    const { level, unit } = start ?? { level: 0, unit: this.#units[0][0].unit };
    const [levels, places] = ARROWS[key];
    const place = this.#units[level].findIndex((drawn) => drawn.unit === unit);
    const nextLevel = clamp(level + levels, this.#units.length);
    const units = this.#units[nextLevel];
    return { level: nextLevel, unit: units[clamp(place + places, units.length)].unit };
  }
}

/**
 * Return an index within 0 to length - 1.
 *
 * @param {number} index
 * @param {number} length
 */
function clamp(index, length) {
  return Math.max(0, Math.min(length - 1, index));
}

/**
 * Return the units, if they have room for a line of text beside each.
 *
 * @param {DrawnUnit[]} units
 */
function withRoom(units) {
  return spacing(units) < FONT ? [] : units;
}

/** @param {DrawnUnit[]} units */
function spacing(units) {
  return units.length > 1 ? units[1].y - units[0].y : Infinity;
}

/** @param {ArrayLike<number>} values */
function largest(values) {
  let most = 1e-9;
  for (let at = 0; at < values.length; at++) most = Math.max(most, Math.abs(values[at]));
  return most;
}
