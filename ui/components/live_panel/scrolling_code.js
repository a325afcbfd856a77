/** Streamlit's code blocks within reach of the keyboard: one that scrolls, and that Tab passes by, needs a mouse. */

const CODE = "[data-testid=stCode] pre:not([tabindex])";

/** @implements {PanelPart<PanelData>} */
export class ScrollingCode {
  #changes = new MutationObserver(() => markCode());

  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.#changes.observe(document.body, { childList: true, subtree: true }); // what folds out stands beside the page
  }

  update() {
    markCode();
  }

  destroy() {
    this.#changes.disconnect();
  }
}

function markCode() {
  for (const code of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(CODE))) {
    code.tabIndex = 0;
    code.setAttribute("role", "region");
    code.setAttribute("aria-label", "Code");
  }
}
