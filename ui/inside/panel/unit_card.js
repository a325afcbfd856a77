/** The card beside the picture: one unit or connection in numbers, and what a person can change of it. */

import { element } from "./dom.js";
import { unitFormula } from "./unit_formula.js";
import { number } from "./format_number.js";

const TERMS_MOST = 6;
const MAP_SIZE = 148;
const HINT = matchMedia("(hover: none)").matches
  ? "Tap a unit or a connection to see it in numbers, and to change it."
  : "Point at a unit or a connection to see it in numbers. Click it to change it.";

export class UnitCard {
  /**
   * @param {(change: object) => void} onEdit   gets {kind: "set", name, index, value}, {kind: "silence" | "freeze",
   *   layer, unit, on} or {kind: "undo"}
   * @param {(value: ?object) => void} onPreview   gets {name, at, value} while the slider is dragged, then null
   */
  constructor(onEdit, onPreview) {
    this.onEdit = onEdit;
    this.onPreview = onPreview;
    this.root = element("aside", "hl-unit", { "aria-label": "Unit" });
    this.title = element("h4", "hl-title");
    this.map = element("canvas", "hl-map", { "aria-hidden": "true" });
    this.formula = element("table", "hl-formula");
    this.words = element("p", "hl-words");
    this.controls = element("div", "hl-controls");
    this.undo = this.#button("Undo the last change", () => this.onEdit({ kind: "undo" }));
    this.root.append(this.title, this.map, this.words, this.formula, this.controls, this.undo);
    this.built = "";
  }

  /** @param {?{level, unit, from}} target   as Picture.hit returns it */
  show(target, scene, { pinned, editable }) {
    this.undo.hidden = !scene.network.edits.length;
    this.undo.disabled = !editable;
    if (!target || !scene.weights) {
      this.#say("", scene.weights ? HINT : "");
      this.built = "";
      return;
    }
    const { network, weights } = scene;
    const index = weights.units[target.level][target.unit];
    this.title.textContent = target.from === undefined ? unitName(network, target.level, index) : "Connection";
    this.#showMap(target, scene);
    if (target.from === undefined) this.#showUnit(target, scene);
    else this.#showConnection(target, scene, index);
    this.#showControls(target, scene, pinned && editable, index);
  }

  #say(title, words) {
    this.title.textContent = title;
    this.words.textContent = words;
    this.map.hidden = true;
    this.formula.replaceChildren();
    this.controls.replaceChildren();
  }

  #showMap({ level, unit, from }, { maps, theme, sample }) {
    this.map.hidden = !maps || from !== undefined;
    if (this.map.hidden) return;
    const ratio = window.devicePixelRatio || 1;
    const size = Math.round(MAP_SIZE * ratio);
    if (this.map.width !== size) Object.assign(this.map, { width: size, height: size });
    const brush = this.map.getContext("2d");
    brush.clearRect(0, 0, size, size);
    maps.draw(brush, level, unit, 0, 0, size);
    if (!sample?.point) return;
    const [x, y] = maps.locate(sample.point);
    brush.beginPath();
    brush.arc(x * size, y * size, 5 * ratio, 0, 7);
    Object.assign(brush, { fillStyle: theme.text, strokeStyle: theme.background, lineWidth: 2 * ratio });
    brush.fill();
    brush.stroke();
  }

  #showUnit({ level, unit }, scene) {
    const { network, weights, sample } = scene;
    if (!sample) {
      this.words.textContent = "A network of this size shows its strongest units alone: not all that comes in is known here.";
      this.formula.replaceChildren();
      return;
    }
    const value = sample.values[level][unit];
    if (level === 0) {
      this.words.textContent = `${number(value)} for sample ${sample.number}${network.inputs.scaled ? ", scaled" : ""}.`;
      this.formula.replaceChildren();
      return;
    }
    const found = unitFormula(network, weights, sample.values, sample.layers, level, unit);
    const isSilent = scene.marks.silenced.has(`${level},${weights.units[level][unit]}`);
    const what = `${number(found.output)} for sample ${sample.number}`;
    this.words.textContent = isSilent ? `Silenced: gives 0, and would give ${what}:` : `Gives ${what}:`;
    this.formula.replaceChildren(...this.#rows(network, level, found));
  }

  #rows(network, level, found) {
    const layer = network.layers[level - 1];
    const row = (kind, words, result, dataset = {}) => {
      const node = element("tr", `hl-${kind}`);
      node.append(element("td", "", {}, words), element("td", "", {}, number(result)));
      Object.assign(node.dataset, dataset, { result });
      return node;
    };
    const terms = found.terms.slice(0, TERMS_MOST).map(({ from, value, weight, product }) => {
      const name = level === 1 ? network.inputs.names[from] : `unit ${from + 1}`;
      return row("term", `${name}: ${number(value)} × ${number(weight)}`, product, { value, weight });
    });
    const others = found.terms.slice(TERMS_MOST);
    const rest = others.reduce((sum, { product }) => sum + product, 0);
    if (others.length) terms.push(row("term", `${others.length} more`, rest));
    terms.push(row("term", "bias", found.bias), row("sum", "together", found.sum));
    if (found.normalizing) {
      const { mean, variance, gamma, beta } = found.normalizing;
      const words = `(… − ${number(mean)}) ÷ √(${number(variance)} + 0.001) × ${number(gamma)} + ${number(beta)}`;
      terms.push(row("normalized", words, found.normalized));
    }
    const { activation } = layer;
    const name = activation === "softmax" ? "softmax over all classes" : `${network.activations[level - 1]}(…)`;
    terms.push(row("output", name, found.output));
    return terms;
  }

  #showConnection({ level, unit, from }, { network, weights }, index) {
    const source = unitName(network, level - 1, weights.units[level - 1][from]);
    const weight = weights.tensors[`${network.layers[level - 1].name}/kernel`][from * weights.sizes[level] + unit];
    this.words.textContent = `From ${source} to ${unitName(network, level, index)}: ${number(weight)}`;
    this.formula.replaceChildren();
  }

  /** Build the controls when another unit or connection is chosen; else only bring their values up to date. */
  #showControls(target, scene, wanted, index) {
    const { network, weights, marks } = scene;
    const { level, unit, from } = target;
    if (!wanted || level === 0) {
      if (this.built) this.controls.replaceChildren();
      this.built = "";
      return;
    }
    const layer = network.layers[level - 1].name;
    const isBias = from === undefined;
    const name = `${layer}/${isBias ? "bias" : "kernel"}`;
    const at = isBias ? unit : from * weights.sizes[level] + unit;
    const value = weights.tensors[name][at];
    const key = `${level},${index},${isBias ? "" : from}`;
    if (this.built !== key) {
      this.built = key;
      const place = isBias ? [index] : [weights.units[level - 1][from], index];
      this.controls.replaceChildren(...this.#valueControl(isBias ? "Bias" : "Weight", { name, at, index: place }, value));
      const isHidden = level < network.sizes.length - 1;
      this.switches = isBias && isHidden ? this.#switches(level - 1, index) : {};
      this.controls.append(...Object.values(this.switches).map(({ label }) => label));
    }
    if (this.controls.contains(document.activeElement) === false && !this.held) {
      this.slider.value = value;
      this.field.value = Number(value.toPrecision(4));
    }
    const unitKey = `${level},${index}`;
    if (this.switches.silence) this.switches.silence.input.checked = marks.silenced.has(unitKey);
    if (this.switches.freeze) this.switches.freeze.input.checked = marks.frozen.has(unitKey);
  }

  #valueControl(words, { name, at, index }, value) {
    const most = Math.max(2, 2 * Math.abs(value));
    const label = element("label", "hl-value", {}, words);
    this.slider = element("input", "", { type: "range", min: -most, max: most, step: most / 200, "aria-label": words });
    this.field = element("input", "hl-number", { type: "number", step: "any", "aria-label": `${words} as a number` });
    this.slider.addEventListener("input", () => {
      this.held = true;
      this.field.value = this.slider.value;
      this.onPreview({ name, at, value: Number(this.slider.value) });
    });
    const send = (text) => {
      this.held = false;
      this.onPreview(null);
      if (text !== "" && Number.isFinite(Number(text))) this.onEdit({ kind: "set", name, index, value: Number(text) });
    };
    this.slider.addEventListener("change", () => {
      send(this.slider.value);
      this.slider.blur(); // from here on it follows the run again
    });
    this.field.addEventListener("change", () => send(this.field.value));
    label.append(this.slider);
    return [label, this.field];
  }

  #switches(layer, unit) {
    const make = (kind, words, title) => {
      const label = element("label", "hl-check", { title });
      const input = element("input", "", { type: "checkbox" });
      input.addEventListener("change", () => this.onEdit({ kind, layer, unit, on: input.checked }));
      label.append(input, element("span", "", {}, words));
      return { label, input };
    };
    return {
      silence: make("silence", "Silence", "It gives 0 until it is switched on again"),
      freeze: make("freeze", "Freeze", "Its weights and bias stay as they are while the others train"),
    };
  }

  #button(words, onclick) {
    const button = element("button", "hl-button", { type: "button" }, words);
    button.addEventListener("click", onclick);
    return button;
  }
}

/** Return what a unit is called in words. */
function unitName(network, level, index) {
  if (level === 0) return network.inputs.names[index];
  if (level < network.sizes.length - 1) return `layer ${level}, unit ${index + 1}`;
  return network.classes > 2 ? `output: ${network.classNames[index]}` : "output";
}
