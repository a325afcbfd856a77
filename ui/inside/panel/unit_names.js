/** What units are called. */

/**
 * Return the name of a unit.
 *
 * @param {Network} network
 * @param {number} level
 * @param {number} unit   its number
 */
export function unitName(network, level, unit) {
  if (level === 0) return network.inputs.names[unit];
  if (level < network.sizes.length - 1) return `layer ${level}, unit ${unit + 1}`;
  return network.classes > 2 ? `output: ${network.classNames[unit]}` : "output";
}
