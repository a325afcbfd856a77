/** The line below the figures: the metrics after the last epoch, and how far held-out rows are behind training rows. */

import { createElement } from "./dom.js";
import { helpLink, showHelp } from "./help_link.js";
import { emptyRun, watchStream } from "./run_stream.js";

/** How each metric is written: its name, its decimal places, and whether more of it is better. */
const METRICS = {
  loss: { name: "loss", digits: 4, isBetterHigh: false },
  accuracy: { name: "accuracy", digits: 3, isBetterHigh: true },
  mae: { name: "MAE", digits: 4, isBetterHigh: false },
  r2: { name: "R²", digits: 3, isBetterHigh: true },
};

/** @typedef {keyof typeof METRICS} Metric */
/** @typedef {Partial<Record<Metric, number>>} Metrics   in the order in which they are written */
/**
 * @typedef {object} LineOfRun
 * @property {?string} stream   the address of the live stream; null before anything is trained
 * @property {?string} held_out   what the rows are called that are not trained on; null where every row is
 * @property {string} help   what the numbers are
 * @property {boolean} is_scaled   whether a numeric target is scaled, so that the errors are not in its own units
 */
/** @typedef {PanelData & LineOfRun} ResultData */

/** @implements {PanelPart<ResultData>} */
export class ResultLine {
  #line = createElement("p", "hl-metrics");
  #help = helpLink("loss_value");
  #written = "";
  /** @type {?ResultData} */
  #data = null;
  /** @type {?WatchedRun} */
  #run = null;

  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    root.append(this.#line);
  }

  /** @param {ComponentCall<ResultData>} call */
  update({ data }) {
    const before = this.#data;
    this.#data = data;
    showHelp(this.#help, "these numbers", data.help);
    if (!before || before.stream !== data.stream) {
      this.#run?.release();
      this.#run = data.stream ? watchStream(data.stream, (state) => this.#onState(state)) : null;
    }
    this.#show(data, this.#run?.state ?? emptyRun());
  }

  /** @param {RunState} state */
  #onState(state) {
    if (this.#data) this.#show(this.#data, state);
  }

  /**
   * @param {ResultData} data
   * @param {RunState} state
   */
  #show(data, state) {
    const parts = state.rows ? partsOf(state, data) : [];
    const text = parts.join("");
    if (text === this.#written) return;
    this.#written = text;
    // Every second part is a number.
    const words = parts.map((part, place) => (place % 2 ? createElement("strong", "", {}, part) : part));
    this.#line.replaceChildren(...words, ...(words.length ? [this.#help] : []));
  }

  destroy() {
    this.#run?.release();
  }
}

/**
 * Return the line of a run as text and numbers in turns, beginning with text.
 *
 * @param {RunState} state   with at least one row
 * @param {ResultData} data
 */
function partsOf({ history, rows, latest, replayed }, { held_out: heldOut, is_scaled: isScaled }) {
  if (replayed === 0) return ["Before the first epoch."];
  // Where a run ends with the weights of its best epoch, those are the network.
  const epoch = replayed ?? latest.weights_epoch?.data[0] ?? rows;
  const names = /** @type {Metric[]} */ (Object.keys(history).filter((name) => !name.startsWith("val_")));
  const training = metricsOf(names, (name) => history[name][epoch - 1]);
  /** @type {[string, Metrics][]} */
  const groups = [["training", training]];
  if (heldOut) {
    const others = metricsOf(names, (name) => history[`val_${name}`][epoch - 1]);
    groups.push([heldOut, others], ["gap", metricsOf(names, (name) => gap(name, training, others))]);
  }
  const test = replayed === null ? (latest.test?.data ?? []) : []; // known of the end alone
  if (test.length) groups.push(["test", metricsOf(names, (_, place) => test[place])]);
  const parts = [];
  let before = `After epoch ${epoch}: `;
  for (const [title, metrics] of groups) {
    before += title;
    for (const [key, value] of Object.entries(metrics)) {
      const { name, digits } = METRICS[/** @type {Metric} */ (key)];
      const units = isScaled && key === "mae" ? " (scaled)" : "";
      parts.push(`${before} ${name}${units} `, value.toFixed(digits).replace("-", "−"));
      before = ",";
    }
    before = " · ";
  }
  return parts;
}

/**
 * @param {Metric[]} names
 * @param {(name: Metric, place: number) => number} valueOf
 * @returns {Metrics}
 */
function metricsOf(names, valueOf) {
  return Object.fromEntries(names.map((name, place) => [name, valueOf(name, place)]));
}

/**
 * Return by how much held-out rows are worse than training rows; less than 0 where they are better.
 *
 * @param {Metric} name
 * @param {Metrics} training
 * @param {Metrics} heldOut
 */
function gap(name, training, heldOut) {
  const more = (heldOut[name] ?? NaN) - (training[name] ?? NaN);
  return METRICS[name].isBetterHigh ? -more : more;
}
