/** The network at the epoch that is viewed: its weights, the units shown, the values of the chosen sample, the maps. */

import { forward } from "./forward_pass.js";
import { range, readWeights, strongest, unitStrengths } from "./frame_weights.js";
import { UnitMaps } from "./unit_maps.js";

const SHOWN_MOST = 12; // units of a level, unless all are wanted
const OUTPUTS_MOST = 20; // … of the output level, so that the sample's class is likely to be among them
const CHOICE_MS = 2000; // between two choices of the strongest units

/** @typedef {{name: string, at: number, value: number}} WeightPreview   a value at a place in a tensor */

export class NetworkState {
  #inputs;
  #isStale = true; // whether the sample's values are out of date
  #areMapsStale = true;
  /** @type {FrameArray | undefined} the array that the weights were read from */
  #source;
  #showsAll;
  #shownSizes = ""; // the units that there were at the last choice
  #chooseAt = 0;
  /** @type {?WeightPreview} */
  #preview = null;

  /** @type {?UnitMaps} */
  maps;
  /** @type {?Weights} */
  weights = null;
  /** @type {number[][]} places in the tensors of the units to show, by level */
  shown = [];
  /** Whether there are more units than are shown at first. */
  isWide = false;
  /** @type {?SampleValues} */
  sample = null;
  /** The index of the chosen sample. */
  chosen = 0;

  /**
   * @param {Network} network
   * @param {boolean} showsAll   whether all units are shown
   */
  constructor(network, showsAll) {
    this.network = network; // replaced when only its edits change
    this.#showsAll = showsAll;
    this.maps = network.plane && network.mode !== "summary" ? new UnitMaps(network, network.plane) : null;
    this.#inputs = network.samples.inputs === null ? null : floatsFromBase64(network.samples.inputs);
  }

  /** Have everything computed again, as for another theme. */
  invalidate() {
    this.#isStale = true;
  }

  /** @param {boolean} showsAll */
  showAll(showsAll) {
    this.#showsAll = showsAll;
    this.shown = [];
    this.invalidate();
  }

  /** @param {number} sample   an index; one beyond the last is the first */
  choose(sample) {
    const count = this.network.samples.labels.length;
    if (!count) return;
    this.chosen = (sample + count) % count;
    this.invalidate();
  }

  /** @param {?WeightPreview} preview   a weight that a slider is dragged to, before the run knows about it */
  preview(preview) {
    this.#preview = preview;
    this.invalidate();
  }

  /**
   * Bring everything up to date with a frame's arrays.
   *
   * @param {FrameArrays} arrays
   * @param {Theme} theme
   * @param {boolean} keepShown   whether the shown units must stay, because one of them is selected
   * @returns {{arePainted: boolean, dueAt: ?number}} of the maps: whether they were painted, and if they are out of
   *   date, when they may be painted
   */
  refresh(arrays, theme, keepShown) {
    if (arrays.weights !== this.#source) {
      this.#source = arrays.weights;
      this.weights = arrays.weights ? readWeights(this.network, arrays) : null;
      this.invalidate();
    }
    const { weights, maps } = this;
    if (!weights) return { arePainted: false, dueAt: null };
    this.#chooseShown(weights, keepShown);
    if (this.#isStale) {
      if (this.#preview) weights.tensors[this.#preview.name][this.#preview.at] = this.#preview.value;
      this.sample = this.#computeSample(weights);
      this.#areMapsStale = maps !== null;
      this.#isStale = false;
    }
    if (!maps || !this.#areMapsStale) return { arePainted: false, dueAt: null };
    if (performance.now() < maps.dueAt) return { arePainted: false, dueAt: maps.dueAt };
    maps.paint(weights.tensors, this.shown, theme);
    this.#areMapsStale = false;
    return { arePainted: true, dueAt: null };
  }

  /**
   * @param {Weights} weights
   * @param {boolean} keepShown
   */
  #chooseShown(weights, keepShown) {
    const { network } = this;
    const sizes = String(weights.units);
    const isDue = !this.#showsAll && !keepShown && performance.now() >= this.#chooseAt;
    if (this.shown.length && this.#shownSizes === sizes && !isDue) return;
    const most = (/** @type {number} */ level) => shownMost(level, weights.sizes);
    this.isWide = network.mode !== "summary" && weights.sizes.some((count, level) => count > most(level));
    const strengths = this.isWide && !this.#showsAll ? unitStrengths(network.layers, weights) : null;
    this.shown = weights.sizes.map((count, level) =>
      strengths ? strongest(strengths[level], most(level)) : range(count),
    );
    this.#shownSizes = sizes;
    this.#chooseAt = performance.now() + CHOICE_MS;
  }

  /**
   * Return what the network computes for the chosen sample; null in a summary, which lacks most weights.
   *
   * @param {Weights} weights
   * @returns {?SampleValues}
   */
  #computeSample(weights) {
    const { network, chosen } = this;
    if (!this.#inputs || network.mode === "summary") return null;
    const width = network.sizes[0];
    const inputs = this.#inputs.subarray(chosen * width, (chosen + 1) * width);
    const layers = forward(network, weights.tensors, inputs, 1);
    const values = [inputs, ...layers.map(({ outputs }) => outputs)];
    return { number: chosen + 1, layers, values, point: network.samples.points?.[chosen] };
  }

  /** The number of units in the largest level, as far as they are shown at first. */
  get expectedUnits() {
    const { sizes } = this.network;
    return Math.max(...sizes.map((count, level) => Math.min(count, shownMost(level, sizes))));
  }
}

/**
 * Return how many units of a level are shown at first.
 *
 * @param {number} level
 * @param {number[]} sizes
 */
function shownMost(level, sizes) {
  return level === sizes.length - 1 ? OUTPUTS_MOST : SHOWN_MOST;
}

/** @param {string} text   float32 as base64 */
function floatsFromBase64(text) {
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  return new Float32Array(bytes.buffer);
}
