/**
 * Show a text in full where the page cuts it with an ellipsis: as the tooltip of its element.
 *
 * A plain script in the head of the page (ui/page_head.py). Names of columns, classes and files may be longer than the
 * places for them, most of which are Streamlit's.
 */
(() => {
  const NEAR = 4; // the element under the pointer may be a part of the one that cuts
  /** @type {WeakSet<HTMLElement>} */
  const titled = new WeakSet();

  /** @param {HTMLElement} element */
  function isCut(element) {
    return element.scrollWidth > element.clientWidth && getComputedStyle(element).textOverflow === "ellipsis";
  }

  /** @param {Event} event */
  function showInFull({ target }) {
    let element = target instanceof HTMLElement ? target : null;
    for (let step = 0; element && step < NEAR; step += 1, element = element.parentElement) {
      if (element.title && !titled.has(element)) return; // it has a tooltip of its own
      if (isCut(element)) {
        element.title = element instanceof HTMLInputElement ? element.value : element.innerText;
        titled.add(element);
        return;
      }
      if (titled.delete(element)) element.removeAttribute("title");
    }
  }

  addEventListener("pointerover", showInFull, { capture: true, passive: true });
  addEventListener("focusin", showInFull, { capture: true, passive: true });
})();
