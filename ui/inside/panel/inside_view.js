/** What the parts of the inside panel have in common: the run, the chosen sample and unit, and when to paint. */

import { Changes } from "./edit_queue.js";
import { element } from "./dom.js";
import { forward, probabilities } from "./forward_pass.js";
import { Maps } from "./unit_maps.js";
import { Picture } from "./network_drawing.js";
import { Replay } from "./replay_bar.js";
import { sampleColour, Spaces } from "./layer_spaces.js";
import { emptyRun, watchStream } from "./run_stream.js";
import { readTheme, rgb } from "./theme.js";
import { UnitCard } from "./unit_card.js";
import { range, readWeights, strengths, strongest } from "./frame_weights.js";
import { number } from "./format_number.js";

const SHOWN_MOST = 12; // units of a level, unless all are wanted
const OUTPUTS_MOST = 20; // … of the last: what a sample is should be among them
const CHOICE_MS = 2000; // between two choices of the strongest units
const CARD_MS = 200;

export class InsidePart {
  #frame = 0;
  #state = emptyRun();
  #hover = null; // what the pointer is over
  #pinned = null; // what was clicked
  #preview = null; // a value that the slider stands at
  #chosen = 0; // the sample
  #all = false;
  #cardAt = 0;

  constructor(root) {
    this.root = root;
    this.picture = new Picture();
    this.changes = new Changes((message) => this.setTriggerValue("edit", message));
    this.card = new UnitCard((change) => this.#edit(change), (value) => this.#showPreview(value));
    this.spaces = new Spaces((sample) => this.#choose(sample));
    this.spaces.onTurn = () => this.#paint();
    this.replay = new Replay(() => this.watched);
    this.#build();
    this.#listen();
    Object.assign(root.dataset, { painted: 0, mapped: 0, epoch: 0 });
  }

  update({ data, setTriggerValue }) {
    this.setTriggerValue = setTriggerValue;
    this.token = data.token;
    this.changes.onTaken(data.taken);
    this.theme = readTheme(this.root);
    this.root.style.colorScheme = isDark(this.theme.background) ? "dark" : "light"; // of sliders and fields
    this.#take(data.network);
    if (this.stream !== data.stream) this.#watch(data.stream);
    this.#stale = true;
    this.#paint();
  }

  #stale = false; // whether maps and units are to be reckoned anew

  /** Take what the page says of the network; what only its edits change leaves the choices alone. */
  #take(network) {
    const { edits: _, ...lasting } = network;
    this.network = network;
    const text = JSON.stringify(lasting);
    if (text === this.taken) return;
    this.taken = text;
    this.maps = network.plane && network.mode !== "summary" ? new Maps(network) : null;
    this.inputs = network.samples.inputs === null ? null : floatsOf(network.samples.inputs);
    Object.assign(this, { weights: null, source: null, shown: null });
    this.#hover = this.#pinned = null;
    this.#chosen = 0;
  }

  #watch(stream) {
    this.replay.destroy();
    this.watched?.release();
    this.stream = stream;
    this.watched = stream ? watchStream(stream, (state) => this.#onState(state), true) : null;
    this.#onState(this.watched?.state ?? emptyRun());
  }

  #onState(state) {
    this.#state = state;
    this.replay.show(state);
    this.#paint();
  }

  // The parts

  #build() {
    const previous = this.#button("‹", () => this.#choose(this.#chosen - 1), "Previous sample");
    const next = this.#button("›", () => this.#choose(this.#chosen + 1), "Next sample");
    this.sampleWords = element("span", "hl-sample", { role: "status" });
    this.samples = element("div", "hl-samples", { role: "group", "aria-label": "Sample" });
    this.samples.append(previous, this.sampleWords, next);
    this.legend = element("div", "hl-signs");
    const labels = ["Strongest", "All units"];
    this.options = labels.map((words) => element("button", "hl-option", { type: "button" }, words));
    this.options.forEach((button, place) => (button.onclick = () => this.#showAll(place === 1)));
    this.amount = element("div", "hl-switch", { role: "group", "aria-label": "Units shown" });
    this.amount.append(...this.options);
    const bar = element("div", "hl-insidebar");
    bar.append(this.samples, this.legend, this.amount);
    this.ground = element("div", "hl-ground");
    this.waiting = element("p", "hl-waiting", { role: "status" });
    this.ground.append(this.picture.canvas, this.waiting);
    const split = element("div", "hl-split");
    split.append(this.ground, this.card.root);
    const frame = element("section", "hl-card hl-inner", { "aria-label": "The network" });
    frame.append(bar, split);
    const spaces = element("section", "hl-card hl-inner", { "aria-label": "The transformation of space" });
    this.measured = element("div", "hl-caption");
    spaces.append(element("h3", "hl-title", {}, "Where the samples lie after every level"), this.spaces.root, this.measured);
    this.root.append(this.replay.root, frame, spaces);
    this.#showAll(false);
  }

  #button(words, onclick, label) {
    const button = element("button", "hl-button", { type: "button", "aria-label": label }, words);
    button.addEventListener("click", onclick);
    return button;
  }

  #listen() {
    const { canvas } = this.picture;
    const at = (event) => {
      const { left, top } = canvas.getBoundingClientRect();
      return this.weights ? this.picture.hit(event.clientX - left, event.clientY - top) : null;
    };
    canvas.addEventListener("pointermove", (event) => {
      if (event.pointerType === "touch") return;
      const found = at(event);
      canvas.classList.toggle("hl-points", Boolean(found));
      if (found) this.#pointTo(found);
    });
    canvas.addEventListener("click", (event) => this.#pin(at(event)));
    canvas.addEventListener("keydown", (event) => this.#onKey(event));
    canvas.setAttribute("role", "application");
    canvas.setAttribute("aria-label", "The network. Arrow keys go from unit to unit, Enter chooses one, Escape lets go.");
    this.resizing = new ResizeObserver(() => this.#paint());
    this.resizing.observe(this.ground);
    this.resizing.observe(this.spaces.root);
  }

  #onKey(event) {
    if (!this.weights) return;
    if (event.key.startsWith("Arrow")) {
      const from = this.#pinned ?? this.#hover ?? { level: 0, unit: this.shown[0][0] };
      this.#pinned = null;
      this.#pointTo(this.picture.next({ level: from.level, unit: from.unit }, event.key));
    } else if (event.key === "Enter") {
      this.#pin(this.#hover);
    } else if (event.key === "Escape") {
      this.#pin(null);
    } else {
      return;
    }
    event.preventDefault();
  }

  #pointTo(target) {
    this.#hover = target;
    this.#cardAt = 0;
    this.#paint();
  }

  #pin(target) {
    this.#pinned = target;
    if (target) this.#hover = target;
    this.#cardAt = 0;
    this.#paint();
  }

  #choose(sample) {
    const count = this.network.samples.labels.length;
    if (!count) return;
    this.#chosen = (sample + count) % count;
    this.#stale = true;
    this.#cardAt = 0;
    this.#paint();
  }

  #showAll(all) {
    this.#all = all;
    this.options.forEach((button, place) => button.setAttribute("aria-pressed", (place === 1) === all));
    this.shown = null;
    this.#stale = true;
    this.#paint();
  }

  // What a person changes

  #edit(change) {
    this.changes.add({ token: this.token, ...change });
    this.#cardAt = 0;
    this.#paint();
  }

  /** Return the changes of this run that Python has not taken yet; they are shown as if it had. */
  #waiting() {
    return this.changes.waiting.filter(({ token }) => token === this.token);
  }

  /** Show a weight as the slider has it, before the run knows of it. */
  #showPreview(value) {
    this.#preview = value;
    this.#stale = true;
    this.#paint();
  }

  // Painting

  /** Paint in the next frame, once for all that happens until then. */
  #paint() {
    if (this.#frame) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      if (this.root.isConnected && this.network) this.#paintAll();
    });
  }

  #paintAll() {
    this.#takeWeights();
    const state = this.#state;
    this.#showBar();
    this.waiting.hidden = Boolean(this.weights);
    this.picture.canvas.hidden = !this.weights;
    if (!this.weights) this.waiting.textContent = "Waiting for the network's weights …";
    this.ground.style.minHeight = this.weights ? "" : `${this.#expectedHeight()}px`;
    const scene = this.#scene();
    if (this.weights) {
      this.picture.paint(scene);
      this.root.dataset.painted = Number(this.root.dataset.painted) + 1;
      this.root.dataset.epoch = state.replayed ?? state.header?.epoch ?? 0;
    }
    this.spaces.paint(scene);
    if (!this.weights) this.spaces.root.hidden = false; // it keeps the room
    setText(this.measured, this.#measuredWords());
    this.#paintCard(scene);
  }

  /** Return how high the picture is going to be, so that what is below stays where it is. */
  #expectedHeight() {
    const { sizes } = this.network;
    const shown = sizes.map((count, level) => Math.min(count, mostOf(level, sizes)));
    return Picture.height(this.ground.clientWidth, Math.max(...shown));
  }

  /** Return of which epoch it is what a line tells apart: it comes more seldom than the picture. */
  #measuredWords() {
    const { separable, separable_epoch: epoch } = this.#state.arrays;
    if (this.#state.replayed !== null) return "What a line says is reckoned for the present network alone.";
    if (!separable || !epoch) return "";
    const what = this.network.classes ? "tells apart: the share of" : "explains: R² on";
    return `What a line ${what} held-out rows, as of epoch ${epoch.data[0].toLocaleString("en")}.`;
  }

  #paintCard(scene) {
    clearTimeout(this.cardTimer);
    const wait = this.#cardAt + CARD_MS - performance.now();
    if (wait > 0) {
      this.cardTimer = setTimeout(() => this.#paint(), wait);
      return;
    }
    this.#cardAt = performance.now();
    const editable = this.#state.replayed === null;
    this.card.show(this.#pinned ?? this.#hover, scene, { pinned: Boolean(this.#pinned), editable });
  }

  /** Read the weights where others have come, and reckon what is made of them. */
  #takeWeights() {
    const { network } = this;
    const source = this.#state.arrays.weights;
    if (source !== this.source) {
      this.source = source;
      this.weights = source ? readWeights(network, this.#state.arrays) : null;
      this.#stale = true;
    }
    const { weights } = this;
    if (!weights) return;
    this.#chooseShown();
    const mapsAreDue = this.maps && performance.now() >= this.maps.dueAt;
    if (!this.#stale && !this.mapsAreOld) return;
    if (this.#preview) weights.tensors[this.#preview.name][this.#preview.at] = this.#preview.value;
    if (this.#stale) this.sample = this.#reckonSample();
    if (mapsAreDue) {
      this.maps.paint(weights.tensors, this.shown, this.theme);
      this.root.dataset.mapped = Number(this.root.dataset.mapped) + 1;
    }
    this.mapsAreOld = Boolean(this.maps) && !mapsAreDue;
    this.#stale = false;
    if (this.mapsAreOld) setTimeout(() => this.#paint(), Math.max(0, this.maps.dueAt - performance.now()));
  }

  #chooseShown() {
    const { network, weights } = this;
    const size = String(weights.units);
    const isDue = !this.shown || this.shownOf !== size || (!this.#all && performance.now() >= this.chooseAt && !this.#pinned);
    if (!isDue) return;
    const most = (level) => mostOf(level, weights.sizes);
    const isWide = network.mode !== "summary" && weights.sizes.some((count, level) => count > most(level));
    const strong = isWide && !this.#all ? strengths(network.layers, weights) : null;
    this.shown = weights.sizes.map((count, level) => (strong ? strongest(strong[level], most(level)) : range(count)));
    this.amount.hidden = !isWide;
    this.shownOf = size;
    this.chooseAt = performance.now() + CHOICE_MS;
  }

  /** Return what every level gives for the chosen sample; null in a summary, which lacks most weights. */
  #reckonSample() {
    const { network, weights, inputs } = this;
    if (!inputs || network.mode === "summary") return null;
    const width = network.sizes[0];
    const row = inputs.subarray(this.#chosen * width, (this.#chosen + 1) * width);
    const layers = forward(network, weights.tensors, row, 1);
    const values = [row, ...layers.map(({ outputs }) => outputs)];
    const point = network.samples.points?.[this.#chosen];
    return { number: this.#chosen + 1, layers, values, point };
  }

  #scene() {
    const { network, weights, shown, maps, theme, sample } = this;
    const { spaces: space, separable } = this.#state.arrays;
    const marks = marksOf(network, this.#state.replayed ?? Infinity, this.#waiting());
    return {
      ...{ network, weights, shown, maps, theme, sample, marks, space, separable },
      outputs: sample?.values ?? null,
      answer: (unit) => this.#answer(unit),
      selected: this.#pinned ?? this.#hover,
      chosen: this.#chosen,
    };
  }

  /** Return the lines beside an output: its class or target, and what the chosen sample gets. */
  #answer(unit) {
    const { network, sample, weights } = this;
    if (network.classes === 0) {
      const said = sample ? sample.values.at(-1)[0] / network.target.factor + network.target.offset : null;
      return [{ text: network.target.name }, ...(sample ? [{ text: `= ${number(said)}` }] : [])];
    }
    const shares = sample ? probabilities(network, sample.values.at(-1), 1) : null;
    const lineOf = (label) => ({
      text: `${shares ? `${shares[label].toFixed(2)} ` : ""}${network.classNames[label]}`,
      colour: network.classColours[label],
    });
    return network.classes === 2 ? [lineOf(0), lineOf(1)] : [lineOf(weights.units.at(-1)[unit])];
  }

  #showBar() {
    const { network } = this;
    const { labels } = network.samples;
    this.samples.hidden = !labels.length;
    if (labels.length) {
      const label = labels[this.#chosen];
      const what = network.classes ? network.classNames[label] : `${network.target.name} ${number(label)}`;
      setText(this.sampleWords, `Sample ${this.#chosen + 1} of ${labels.length}: ${what}`);
      this.sampleWords.style.setProperty("--hl-sample", sampleColour(network, this.#chosen));
    }
    if (!this.legend.children.length) {
      ["negative weight", "positive weight"].forEach((words, place) => {
        const sign = element("span", "hl-sign", {}, words);
        sign.style.setProperty("--hl-sign", network.signColours[place]);
        this.legend.append(sign);
      });
    }
  }

  destroy() {
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.cardTimer);
    this.resizing.disconnect();
    this.changes.destroy();
    this.replay.live();
    this.replay.destroy();
    this.watched?.release();
  }
}

/** Return how many units of a level are shown, unless all are wanted. */
function mostOf(level, sizes) {
  return level === sizes.length - 1 ? OUTPUTS_MOST : SHOWN_MOST;
}

/** Return what was changed by hand until an epoch, and what is on its way to be, as sets of "level,unit". */
function marksOf(network, until, waiting) {
  const marks = { silenced: new Set(), frozen: new Set(), set: new Set() };
  for (const { epoch, kind, layer, unit, name, index } of network.edits) {
    if (epoch > until) continue;
    if (kind === "silence") marks.silenced.add(`${layer + 1},${unit}`);
    if (kind === "freeze") marks.frozen.add(`${layer + 1},${unit}`);
    if (kind === "set") {
      const level = network.layers.findIndex(({ name: of }) => name.startsWith(`${of}/`)) + 1;
      marks.set.add(`${level},${index.at(-1)}`);
    }
  }
  const switches = { silence: marks.silenced, freeze: marks.frozen };
  for (const { kind, layer, unit, on } of waiting) {
    if (kind in switches) switches[kind][on ? "add" : "delete"](`${layer + 1},${unit}`);
  }
  return marks;
}

function floatsOf(text) {
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  return new Float32Array(bytes.buffer);
}

function isDark(colour) {
  return rgb(colour).reduce((sum, channel) => sum + channel) < 384;
}

/** Writing the same text again would make screen readers speak again. */
function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
