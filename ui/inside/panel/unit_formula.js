/** How a unit computes its output for one sample. */

import { layerStatistics, normalizationOf } from "./forward_pass.js";

/** @typedef {{from: number, value: number, weight: number, product: number}} Term   of one input of the unit */
/** @typedef {import("./forward_pass.js").Normalization} Normalization */
/**
 * @typedef {object} UnitFormula
 * @property {Term[]} terms   with the largest products first
 * @property {number} bias
 * @property {number} sum
 * @property {?Normalization} normalization
 * @property {number} normalized
 * @property {number} output
 */

/**
 * Return the parts of a unit's output.
 *
 * @param {Network} network
 * @param {Weights} weights   of all units
 * @param {SampleValues} sample
 * @param {NetworkTarget} unit   a unit above level 0
 * @returns {UnitFormula}
 */
export function unitFormula(network, weights, { values, layers }, { level, unit }) {
  const layer = network.layers[level - 1];
  const units = network.sizes[level];
  const kernel = weights.tensors[`${layer.name}/kernel`];
  const terms = Array.from(values[level - 1], (value, from) => {
    const weight = kernel[from * units + unit];
    return { from, value, weight, product: value * weight };
  }).toSorted((one, other) => Math.abs(other.product) - Math.abs(one.product));
  const { sums, normalized, outputs } = layers[level - 1];
  const statistics = layer.normalization === "layer" ? layerStatistics(sums, 0, units) : null;
  return {
    terms,
    bias: weights.tensors[`${layer.name}/bias`][unit],
    sum: sums[unit],
    normalization: layer.normalization === "none" ? null : normalizationOf(layer, weights.tensors, unit, statistics),
    normalized: normalized[unit],
    output: outputs[unit],
  };
}
