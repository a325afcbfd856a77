/** Which presses of a key are for what a person types into, and not for the page. */

const TYPED_INTO = "input:not([type=range], [type=checkbox], [type=radio]), textarea, select, [contenteditable=true]";

/**
 * Return whether a key was pressed for the page: alone, and not in a field.
 *
 * @param {KeyboardEvent} event
 */
export function isForThePage({ target, altKey, ctrlKey, metaKey, isComposing }) {
  if (altKey || ctrlKey || metaKey || isComposing) return false;
  return !(target instanceof Element && target.closest(TYPED_INTO));
}
