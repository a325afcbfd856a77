/** The card beside the drawing: one unit or connection in numbers, and what a person can change about it. */

import { context2d, createElement } from "./dom.js";
import { unitKey } from "./edit_marks.js";
import { EPSILON } from "./forward_pass.js";
import { formatNumber } from "./format_number.js";
import { UnitControls } from "./unit_controls.js";
import { unitFormula } from "./unit_formula.js";
import { unitName } from "./unit_names.js";

const TERMS_MOST = 6;
const MAP_SIDE = 148; // CSS pixels
const HINT = matchMedia("(hover: none)").matches
  ? "Tap a unit or a connection to see its numbers and to change it."
  : "Point at a unit or a connection to see its numbers. Click it to change it.";
const TOO_LARGE =
  "In a network of this size, the page gets only the strongest units, so it cannot compute the output of one.";

/** @typedef {Scene & {weights: Weights}} ShownScene */

export class UnitCard {
  root = createElement("aside", "hl-unit", { "aria-label": "Selected unit" });
  #title = createElement("h4", "hl-title");
  #map = createElement("canvas", "hl-map", { "aria-hidden": "true" });
  #text = createElement("p", "hl-words");
  #formula = createElement("table", "hl-formula");
  #controls;

  /**
   * @param {(change: import("./edit_queue.js").Change) => void} onEdit
   * @param {(preview: ?import("./network_state.js").WeightPreview) => void} onPreview
   */
  constructor(onEdit, onPreview) {
    this.#controls = new UnitControls(onEdit, onPreview);
    this.root.append(
      this.#title,
      this.#map,
      this.#text,
      this.#formula,
      this.#controls.root,
      this.#controls.undo,
    );
  }

  /**
   * @param {Scene} scene   whose selected unit or connection is shown
   * @param {{isPinned: boolean, isEditable: boolean}} options
   */
  show(scene, { isPinned, isEditable }) {
    const { network, weights, selected } = scene;
    this.#controls.showUndo(network.edits.length > 0, isEditable);
    if (!selected || !weights) {
      this.#showHint(weights ? HINT : "");
      return;
    }
    const shown = { ...scene, weights };
    this.#showMap(selected, scene);
    if (selected.from === undefined) this.#showUnit(selected, shown);
    else this.#showConnection(selected, selected.from, shown);
    if (isPinned && isEditable && selected.level > 0) this.#controls.show(selected, shown);
    else this.#controls.clear();
  }

  /** @param {string} text */
  #showHint(text) {
    this.#title.textContent = "";
    this.#text.textContent = text;
    this.#map.hidden = true;
    this.#formula.replaceChildren();
    this.#controls.clear();
  }

  /**
   * @param {NetworkTarget} target
   * @param {Scene} scene
   */
  #showMap({ level, unit, from }, { maps, theme, sample }) {
    this.#map.hidden = !maps || from !== undefined;
    if (!maps || this.#map.hidden) return;
    const ratio = window.devicePixelRatio || 1;
    const size = Math.round(MAP_SIDE * ratio);
    if (this.#map.width !== size) Object.assign(this.#map, { width: size, height: size });
    const brush = context2d(this.#map);
    brush.clearRect(0, 0, size, size);
    maps.draw(brush, { level, unit }, { left: 0, top: 0, size });
    if (!sample?.point) return;
    const [x, y] = maps.locate(sample.point);
    brush.beginPath();
    brush.arc(x * size, y * size, 5 * ratio, 0, 2 * Math.PI);
    Object.assign(brush, { fillStyle: theme.text, strokeStyle: theme.background, lineWidth: 2 * ratio });
    brush.fill();
    brush.stroke();
  }

  /**
   * @param {NetworkTarget} target
   * @param {ShownScene} scene
   */
  #showUnit(target, { network, weights, sample, marks }) {
    const { level, unit } = target;
    const number = weights.units[level][unit];
    this.#title.textContent = unitName(network, level, number);
    this.#formula.replaceChildren();
    if (!sample) {
      this.#text.textContent = TOO_LARGE;
    } else if (level === 0) {
      const value = formatNumber(sample.values[0][unit]);
      this.#text.textContent = `Value for sample ${sample.number}${network.inputs.scaled ? ", scaled" : ""}: ${value}`;
    } else {
      const found = unitFormula(network, weights, sample, target);
      const output = `utput for sample ${sample.number}: ${formatNumber(found.output)}`;
      const isSilenced = marks.silenced.has(unitKey(level, number));
      this.#text.textContent = isSilenced ? `Silenced, so it outputs 0. Without that, o${output}` : `O${output}`;
      this.#formula.append(...formulaRows(network, level, found));
    }
  }

  /**
   * @param {NetworkTarget} target
   * @param {number} from
   * @param {ShownScene} scene
   */
  #showConnection({ level, unit }, from, { network, weights }) {
    const start = unitName(network, level - 1, weights.units[level - 1][from]);
    const end = unitName(network, level, weights.units[level][unit]);
    const weight = weights.tensors[`${network.layers[level - 1].name}/kernel`][from * weights.sizes[level] + unit];
    this.#title.textContent = "Connection";
    this.#text.textContent = `Weight from ${start} to ${end}: ${formatNumber(weight)}`;
    this.#formula.replaceChildren();
  }
}

/**
 * Return the rows of a unit's formula: its largest terms, the bias, the sum, the normalization, the activation.
 *
 * @param {Network} network
 * @param {number} level
 * @param {import("./unit_formula.js").UnitFormula} formula
 */
function formulaRows(network, level, formula) {
  const rows = formula.terms.slice(0, TERMS_MOST).map(({ from, value, weight, product }) => {
    const name = level === 1 ? network.inputs.names[from] : `unit ${from + 1}`;
    const row = formulaRow("hl-term", `${name}: ${formatNumber(value)} × ${formatNumber(weight)}`, product);
    Object.assign(row.dataset, { value, weight });
    return row;
  });
  const others = formula.terms.slice(TERMS_MOST);
  const rest = others.reduce((sum, { product }) => sum + product, 0);
  if (others.length) rows.push(formulaRow("hl-term", `${others.length} more`, rest));
  rows.push(formulaRow("hl-term", "bias", formula.bias), formulaRow("hl-sum", "weighted sum", formula.sum));
  if (formula.normalization) {
    const { mean, variance, gamma, beta } = formula.normalization;
    const scaled = `(sum − ${formatNumber(mean)}) ÷ √(${formatNumber(variance)} + ${EPSILON})`;
    const text = `${scaled} × ${formatNumber(gamma)} + ${formatNumber(beta)}`;
    rows.push(formulaRow("hl-normalized", text, formula.normalized));
  }
  const isSoftmax = network.layers[level - 1].activation === "softmax";
  const activation = isSoftmax ? "softmax over all classes" : `${network.activations[level - 1]}(…)`;
  rows.push(formulaRow("hl-output", activation, formula.output));
  return rows;
}

/**
 * @param {string} className
 * @param {string} text
 * @param {number} result
 */
function formulaRow(className, text, result) {
  const row = createElement("tr", className);
  row.append(createElement("td", "", {}, text), createElement("td", "", {}, formatNumber(result)));
  row.dataset.result = String(result);
  return row;
}
