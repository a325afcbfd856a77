/** How a unit comes to what it gives for one sample, in numbers. */

import { layerStatistics, normalizing } from "./forward_pass.js";

/**
 * Return the parts of a unit's value.
 *
 * @param network   as in forward_pass.js
 * @param weights   as readWeights returns them; all of the units
 * @param {ArrayLike<number>[]} values   what every level gives for the sample, inputs first
 * @param layers   as forward returns them, for that sample
 * @returns {{terms: {from, value, weight, product}[], bias, sum, normalizing: ?object, normalized, output}}
 *   the terms with the largest products first
 */
export function unitFormula(network, weights, values, layers, level, unit) {
  const layer = network.layers[level - 1];
  const units = network.sizes[level];
  const kernel = weights.tensors[`${layer.name}/kernel`];
  const terms = Array.from(values[level - 1], (value, from) => {
    const weight = kernel[from * units + unit];
    return { from, value, weight, product: value * weight };
  }).sort((one, other) => Math.abs(other.product) - Math.abs(one.product));
  const { sums, normalized, outputs } = layers[level - 1];
  const ofLayer = layer.normalization === "layer" ? layerStatistics(sums, 0, units) : null;
  return {
    terms,
    bias: weights.tensors[`${layer.name}/bias`][unit],
    sum: sums[unit],
    normalizing:
      layer.normalization === "none" ? null : normalizing(layer.normalizationName, weights.tensors, unit, ofLayer),
    normalized: normalized[unit],
    output: outputs[unit],
  };
}
