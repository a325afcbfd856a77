/** The line in which a panel says what went wrong. */

import { createElement } from "./dom.js";

export class Notice {
  /** @param {string} panel   the panel's name in the browser's console */
  constructor(panel) {
    this.panel = panel;
    this.root = createElement("p", "hl-notice", { role: "alert", hidden: "" });
  }

  hide() {
    this.root.hidden = true;
  }

  /**
   * Show an error, also in the console.
   *
   * @param {unknown} error
   */
  show(error) {
    console.error(`${this.panel}:`, error);
    this.root.textContent = error instanceof Error ? error.message : String(error);
    this.root.hidden = false;
  }
}
