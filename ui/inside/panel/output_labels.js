/** The text beside the outputs of the network: class or target, and the prediction for the chosen sample. */

import { formatNumber } from "./format_number.js";
import { probabilities } from "./forward_pass.js";

/**
 * Return the lines beside an output.
 *
 * @param {Network} network
 * @param {?SampleValues} sample
 * @param {number} output   the number of the unit
 * @returns {OutputLabel[]}
 */
export function outputLabels(network, sample, output) {
  const outputs = sample?.layers[sample.layers.length - 1].outputs;
  if (network.target) {
    const { name, offset, factor } = network.target;
    return outputs ? [{ text: name }, { text: `= ${formatNumber(outputs[0] / factor + offset)}` }] : [{ text: name }];
  }
  const shares = outputs && probabilities(network, outputs, 1);
  const labels = network.classes === 2 ? [0, 1] : [output];
  return labels.map((label) => ({
    text: `${shares ? `${shares[label].toFixed(2)} ` : ""}${network.classNames[label]}`,
    colour: network.classColours[label],
  }));
}
