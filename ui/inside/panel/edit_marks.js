/** Which units were changed by hand. */

/**
 * Return the units that were changed by hand until an epoch, with the changes on their way to Python as if it had
 * taken them.
 *
 * @param {Network} network
 * @param {number} epoch
 * @param {import("./edit_queue.js").QueuedChange[]} waiting
 * @returns {EditMarks}
 */
export function editMarks(network, epoch, waiting) {
  /** @type {EditMarks} */
  const marks = { silenced: new Set(), frozen: new Set(), set: new Set() };
  for (const edit of network.edits) {
    if (edit.epoch > epoch) continue;
    if (edit.kind === "silence") marks.silenced.add(unitKey(edit.layer + 1, edit.unit));
    if (edit.kind === "freeze") marks.frozen.add(unitKey(edit.layer + 1, edit.unit));
    if (edit.kind === "set") marks.set.add(unitKey(levelOf(edit.name, network), edit.index[edit.index.length - 1]));
  }
  for (const change of waiting) {
    if (change.kind !== "silence" && change.kind !== "freeze") continue;
    const marked = change.kind === "silence" ? marks.silenced : marks.frozen;
    const key = unitKey(change.layer + 1, change.unit);
    if (change.on) marked.add(key);
    else marked.delete(key);
  }
  return marks;
}

/**
 * Return a unit's key in the sets.
 *
 * @param {number} level
 * @param {number} unit
 */
export function unitKey(level, unit) {
  return `${level},${unit}`;
}

/**
 * Return the level that a weight leads into.
 *
 * @param {string} name   of its tensor
 * @param {Network} network
 */
function levelOf(name, { layers }) {
  return layers.findIndex((layer) => name.startsWith(`${layer.name}/`)) + 1;
}
