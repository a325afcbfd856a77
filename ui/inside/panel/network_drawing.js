/** The network as a picture: inputs, units and outputs, and the connections between them. */

import { colourOf } from "./colour_scales.js";

const CONNECTIONS_MOST = 3000; // the strongest of those between the shown units
const THICK_MOST = 500; // connections that are drawn as thick as can be; more are thinner
const STEPS = 8; // of strength that are told apart
const HEAD = 40; // pixels above the units, for the level's name
const FOOT = 22; // … and below, for how many are not shown
const REACH = 6; // pixels from a connection at which it is meant
const FONT = 12;
const LINE = 13; // from one line of a name to the next

export class Picture {
  #nodes = []; // of every level, its shown units from the top
  #connections = []; // [level it leads into, from, to, weight, share of the strongest]

  constructor() {
    this.canvas = document.createElement("canvas");
    this.canvas.className = "hl-network";
    this.canvas.tabIndex = 0;
    this.brush = this.canvas.getContext("2d");
  }

  /** Return the height that so many units above each other take. */
  static height(width, most) {
    const pitch = most > 12 ? Math.max(4, Math.min(26, 900 / most)) : 34;
    return Math.round(Math.max(Math.min(440, Math.max(280, width * 0.42)), most * pitch + HEAD + FOOT));
  }

  /**
   * Paint the network.
   *
   * @param scene   {network, weights, shown, maps, outputs, answer, theme, selected, marks}: `shown` are places in
   *   the tensors by level, `outputs` what every level gives for the chosen sample (or null), `answer` the words
   *   beside every output, `marks` what was changed by hand
   */
  paint(scene) {
    const { canvas, brush } = this;
    const ratio = window.devicePixelRatio || 1;
    const width = canvas.parentElement.clientWidth;
    const height = Picture.height(width, Math.max(...scene.shown.map((units) => units.length)));
    const [across, down] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (canvas.width !== across || canvas.height !== down) {
      Object.assign(canvas, { width: across, height: down });
      Object.assign(canvas.style, { width: `${width}px`, height: `${height}px` });
    }
    brush.setTransform(ratio, 0, 0, ratio, 0, 0);
    brush.clearRect(0, 0, width, height);
    this.#place(scene, width, height);
    this.#connect(scene);
    this.#paintConnections(scene);
    this.#paintSelected(scene);
    this.#nodes.forEach((nodes, level) => nodes.forEach((node) => this.#paintNode(scene, level, node)));
    this.#paintTexts(scene, width, height);
  }

  #place({ shown, maps }, width, height) {
    const left = Math.max(36, Math.min(96, width * 0.09));
    const right = Math.max(64, Math.min(140, width * 0.14));
    const pitch = (width - left - right) / shown.length;
    this.pitch = pitch;
    this.margins = [left, right];
    this.#nodes = shown.map((units, level) => {
      const room = (height - HEAD - FOOT) / units.length;
      const size = Math.max(2, Math.min(maps ? 60 : 30, pitch * 0.6, room * 0.84));
      const x = left + (level + 0.5) * pitch;
      return units.map((unit, place) => ({ unit, x, y: HEAD + (place + 0.5) * room, size }));
    });
  }

  /** Choose the connections that are drawn: the strongest, each measured by the strongest between its two levels. */
  #connect({ network, weights }) {
    const all = this.#nodes.slice(1).map((nodes, place) => {
      const kernel = weights.tensors[`${network.layers[place].name}/kernel`];
      return sharesBetween(kernel, weights.sizes[place + 1], this.#nodes[place], nodes);
    });
    const count = all.reduce((sum, { shares }) => sum + shares.length, 0);
    let least = 0;
    if (count > CONNECTIONS_MOST) {
      const shares = new Float32Array(count);
      all.reduce((start, between) => (shares.set(between.shares, start), start + between.shares.length), 0);
      least = shares.sort()[count - CONNECTIONS_MOST];
    }
    this.thinness = Math.sqrt(Math.min(1, THICK_MOST / Math.min(count, CONNECTIONS_MOST)));
    this.#connections = [];
    all.forEach(({ weights: values, shares }, place) => {
      const [starts, ends] = [this.#nodes[place], this.#nodes[place + 1]];
      shares.forEach((share, at) => {
        if (share < least) return;
        const [from, to] = [starts[Math.floor(at / ends.length)], ends[at % ends.length]];
        this.#connections.push([place + 1, from, to, values[at], share]);
      });
    });
  }

  #paintConnections({ network, selected }) {
    const steps = Array.from({ length: 2 * STEPS }, () => []);
    for (const connection of this.#connections) {
      const step = Math.min(STEPS - 1, Math.floor(connection[4] * STEPS));
      steps[step * 2 + (connection[3] < 0 ? 0 : 1)].push(connection);
    }
    const faded = selected ? 0.55 : 1;
    steps.forEach((connections, place) => {
      const share = (Math.floor(place / 2) + 0.5) / STEPS;
      const width = (0.4 + 4 * share) * this.thinness;
      this.#stroke(connections, network.signColours[place % 2], width, (0.1 + 0.8 * share) * this.thinness * faded);
    });
  }

  #stroke(connections, colour, width, opacity) {
    const { brush } = this;
    if (!connections.length) return;
    Object.assign(brush, { strokeStyle: colour, lineWidth: width, globalAlpha: opacity });
    brush.beginPath();
    for (const [, from, to] of connections) {
      brush.moveTo(from.x + from.size / 2, from.y);
      brush.lineTo(to.x - to.size / 2, to.y);
    }
    brush.stroke();
    brush.globalAlpha = 1;
  }

  /** Paint what comes into the chosen unit, or the chosen connection, over all others. */
  #paintSelected({ network, selected, theme }) {
    if (!selected) return;
    const isMeant = ([level, from, to]) =>
      level === selected.level && to.unit === selected.unit && (selected.from === undefined || from.unit === selected.from);
    for (const connection of this.#connections.filter(isMeant)) {
      const width = 1 + 4 * connection[4];
      if (selected.from !== undefined) this.#stroke([connection], theme.text, width + 3, 0.9);
      this.#stroke([connection], network.signColours[connection[3] < 0 ? 0 : 1], width, 1);
    }
  }

  #paintNode(scene, level, node) {
    const { brush } = this;
    const { theme, maps, selected, outputs, network } = scene;
    const { unit, x, y, size } = node;
    const [left, top] = [x - size / 2, y - size / 2];
    const mapped = maps?.draw(brush, level, unit, left, top, size);
    brush.beginPath();
    if (maps) brush.roundRect(left, top, size, size, Math.min(4, size / 5));
    else brush.arc(x, y, size / 2, 0, 7);
    if (!mapped) {
      const value = outputs ? outputs[level][unit] / greatest(outputs[level]) : 0;
      brush.fillStyle = outputs ? colourOf(network.valueColours, value) : theme.grid;
      brush.fill();
    }
    const isSelected = selected?.level === level && selected.unit === unit && selected.from === undefined;
    Object.assign(brush, { strokeStyle: isSelected ? theme.primary : theme.muted, lineWidth: isSelected ? 3 : 1 });
    brush.stroke();
    this.#paintMarks(scene, level, node);
  }

  /** Show what was changed by hand: a silenced unit is crossed out, a frozen one framed, a set one has a dot. */
  #paintMarks({ marks, theme, weights }, level, { unit, x, y, size }) {
    const { brush } = this;
    const key = `${level},${weights.units[level][unit]}`;
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
      brush.arc(x + half, y - half, 4, 0, 7);
      brush.fill();
    }
  }

  #paintTexts({ network, weights, shown, theme, answer }, width, height) {
    const { brush } = this;
    const [left, right] = this.margins;
    brush.textBaseline = "middle";
    brush.textAlign = "center";
    network.titles.forEach(([long, short, kind], level) => {
      const x = this.#nodes[level][0].x;
      this.#write(this.pitch > 62 ? long : short, x, 11, this.pitch, theme.text, 600);
      if (this.pitch > 62) this.#write(kind, x, 27, this.pitch - 4, theme.muted);
      const hidden = network.sizes[level] - shown[level].length;
      if (hidden) this.#write(`+ ${hidden}`, x, height - 9, this.pitch, theme.muted);
    });
    brush.textAlign = "right";
    for (const { unit, x, y, size } of roomy(this.#nodes[0])) {
      const room = left + this.pitch / 2 - size / 2 - 8;
      const name = network.inputs.names[weights.units[0][unit]];
      this.#writeLines(this.#inLines(name, room, this.#nodes[0]), x - size / 2 - 6, y, room, theme.text);
    }
    brush.textAlign = "left";
    for (const { unit, x, y, size } of roomy(this.#nodes.at(-1))) {
      const lines = answer(unit);
      const room = right + this.pitch / 2 - size / 2 - 10;
      lines.forEach(({ text, colour }, line) => {
        const at = y + (line - (lines.length - 1) / 2) * 18;
        if (colour) {
          brush.fillStyle = colour;
          brush.fillRect(x + size / 2 + 6, at - 5, 4, 10);
        }
        const parts = lines.length > 1 ? [text] : this.#inLines(text, room - 8, this.#nodes.at(-1));
        this.#writeLines(parts, x + size / 2 + 14, at, room - 8, theme.text);
      });
    }
  }

  #write(text, x, y, room, colour, weight = 400) {
    const { brush } = this;
    brush.font = `${weight} ${FONT}px ${getComputedStyle(this.canvas).fontFamily}`;
    brush.fillStyle = colour;
    brush.fillText(fitting(brush, text, room), x, y);
  }

  /** Return a name beside one of some nodes, in two lines where it needs them and they have room for them. */
  #inLines(text, room, nodes) {
    this.brush.font = `400 ${FONT}px ${getComputedStyle(this.canvas).fontFamily}`;
    return spacing(nodes) < 2 * LINE ? [text] : inTwo(this.brush, text, room);
  }

  #writeLines(lines, x, y, room, colour) {
    lines.forEach((line, place) => this.#write(line, x, y + (place - (lines.length - 1) / 2) * LINE, room, colour));
  }

  /** Return what lies at a place of the canvas: {level, unit}, with `from` where it is a connection, or null. */
  hit(x, y) {
    for (const [level, nodes] of this.#nodes.entries()) {
      for (const node of nodes) {
        const half = Math.max(node.size / 2, Math.min(8, this.pitch / 4));
        if (Math.abs(x - node.x) <= half && Math.abs(y - node.y) <= node.size / 2 + 1) return { level, unit: node.unit };
      }
    }
    let best = null;
    let nearest = REACH;
    for (const [level, from, to, , share] of this.#connections) {
      const [x1, x2] = [from.x + from.size / 2, to.x - to.size / 2];
      if (x < x1 || x > x2) continue;
      const slope = (to.y - from.y) / (x2 - x1);
      const distance = Math.abs(from.y + (x - x1) * slope - y) / Math.hypot(1, slope) - 2 * share;
      if (distance < nearest) {
        nearest = distance;
        best = { level, unit: to.unit, from: from.unit };
      }
    }
    return best;
  }

  /** Return the unit that an arrow key leads to. */
  next({ level, unit }, key) {
    const place = this.#nodes[level].findIndex((node) => node.unit === unit);
    const step = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[key];
    const nodes = this.#nodes[Math.max(0, Math.min(this.#nodes.length - 1, level + step[0]))];
    const next = nodes[Math.max(0, Math.min(nodes.length - 1, place + step[1]))];
    return { level: this.#nodes.indexOf(nodes), unit: next.unit };
  }
}

/** Return the weights between nodes of two levels, and each one's share of the strongest. */
function sharesBetween(kernel, columns, starts, ends) {
  const weights = new Float32Array(starts.length * ends.length);
  let most = 1e-12;
  let at = 0;
  for (const from of starts) {
    for (const to of ends) {
      const weight = kernel[from.unit * columns + to.unit];
      most = Math.max(most, Math.abs(weight));
      weights[at++] = weight;
    }
  }
  return { weights, shares: weights.map((weight) => Math.abs(weight) / most) };
}

/** Return the nodes that have room for a line of text beside them. */
function roomy(nodes) {
  return spacing(nodes) < FONT ? [] : nodes;
}

function spacing(nodes) {
  return nodes.length > 1 ? nodes[1].y - nodes[0].y : Infinity;
}

function greatest(values) {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-9);
}

/** Return a text in as many words as a line has room for, and the others; in one line where it fits or is one word. */
export function inTwo(brush, text, room) {
  const words = text.split(/(?<=[ _])/);
  if (words.length < 2 || brush.measureText(text).width <= room) return [text];
  let count = words.length - 1;
  while (count > 1 && brush.measureText(words.slice(0, count).join("")).width > room) count -= 1;
  return [words.slice(0, count).join("").trimEnd(), words.slice(count).join("")];
}

function fitting(brush, text, room) {
  if (brush.measureText(text).width <= room) return text;
  let length = text.length;
  while (length > 1 && brush.measureText(`${text.slice(0, length)}…`).width > room) length -= 1;
  return `${text.slice(0, length)}…`;
}
