/** What is for the wall of a classroom: the button of the presenter view (key P), and the QR code of a link (key Q). */

import { createButton, createElement, setText } from "./dom.js";
import { isPresenting, present } from "./presenter.js";
import { drawQrCode } from "./qr_code.js";
import { isForThePage } from "./typing.js";

const TOO_LONG = "This link is too long for a QR code.";
const LOCAL = "Only this machine can open this link: the page was opened under its own name. Open it under the name or number that the others can reach.";

/**
 * @typedef {object} LinkForClass
 * @property {string} link
 * @property {string[]} rows   of its QR code, each as the digits 1 (dark) and 0; empty where the link is too long
 * @property {boolean} isLocal   whether the link leads other machines to themselves
 */
/** @typedef {PanelData & LinkForClass} ClassData */

/** @implements {PanelPart<ClassData>} */
export class ClassButtons {
  #present = symbolButton("co_present", () => present(!isPresenting()), "hl-button hl-present", {
    "aria-keyshortcuts": "p",
    "aria-label": "Present",
    title: "Large type for the last row, worked by keys. Key P.",
  });
  #qr = symbolButton("qr_code_2", () => this.#open(), "hl-button hl-show-qr", {
    "aria-keyshortcuts": "q",
    "aria-label": "QR code",
    title: "Show the QR code of this experiment, large enough for a class. Key Q.",
  });
  #dialog = createElement("dialog", "hl-qr", { "aria-label": "QR code of this experiment" });
  #code = createElement("div", "hl-qr-code", { role: "img", "aria-label": "QR code of the link below" });
  #link = createElement("p", "hl-qr-link");
  #warning = createElement("p", "hl-qr-warning");
  /** @type {?ClassData} */
  #data = null;

  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    root.classList.add("hl-in-class");
    const close = createButton("Close", () => this.#dialog.close(), "hl-button hl-qr-close");
    this.#dialog.append(this.#code, this.#link, this.#warning, close);
    this.#dialog.addEventListener("click", ({ target }) => {
      if (target === this.#dialog) this.#dialog.close(); // beside what it shows
    });
    root.append(this.#present, this.#qr, this.#dialog);
    document.addEventListener("keydown", this.#onKey);
  }

  /** @param {ComponentCall<ClassData>} call */
  update({ data }) {
    this.#data = data;
    if (this.#dialog.open) this.#draw();
  }

  #onKey = (/** @type {KeyboardEvent} */ event) => {
    if (event.key.toLowerCase() !== "q" || !isForThePage(event)) return;
    event.preventDefault();
    if (this.#dialog.open) this.#dialog.close();
    else this.#open();
  };

  #open() {
    this.#draw();
    this.#dialog.showModal();
  }

  #draw() {
    if (!this.#data) return;
    const { link, rows, isLocal } = this.#data;
    this.#code.hidden = rows.length === 0;
    this.#code.replaceChildren(drawQrCode(rows));
    setText(this.#link, link.replace(/^https?:\/\//, ""));
    const problem = isLocal ? LOCAL : "";
    setText(this.#warning, rows.length ? problem : TOO_LONG);
  }

  destroy() {
    document.removeEventListener("keydown", this.#onKey);
    this.#dialog.close();
  }
}

/**
 * Create a button that shows one of Streamlit's symbols.
 *
 * @param {string} symbol   its name
 * @param {() => void} onClick
 * @param {string} className
 * @param {Record<string, string>} attributes
 */
function symbolButton(symbol, onClick, className, attributes) {
  const button = createButton("", onClick, className, attributes);
  button.append(createElement("span", "hl-symbol", { "aria-hidden": "true" }, symbol));
  return button;
}
