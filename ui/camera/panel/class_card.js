/** One class: its name, the button that a person holds to take pictures, and the newest pictures. */

import { createButton, createElement } from "./dom.js";

const EVERY = 160; // milliseconds between two pictures
const SHOWN = 24; // thumbnails
const HOLD = "Hold to take pictures";

/** @typedef {{text: string}} Picture   JPEG in base64; an object, so that equal pictures are told apart */
/** @typedef {{name: string, pictures: string[]}} TakenClass   what is sent, and remembered */
/**
 * @typedef {object} CardListeners
 * @property {() => ?string} takePicture   returns a picture, or null
 * @property {() => void} onChange
 * @property {() => void} onRemove
 */

export class ClassCard {
  root = createElement("section", "hl-class-card");
  #listeners;
  /** @type {Picture[]} */
  #pictures;
  #input;
  #count = createElement("span", "hl-total");
  #hold = createElement("button", "hl-button hl-hold", { type: "button" }, HOLD);
  #remove = createButton("", () => this.#onRemove(), "hl-button hl-remove");
  #thumbnails = createElement("div", "hl-thumbnails");
  /** @type {Map<Picture, HTMLButtonElement>} */
  #buttons = new Map();
  #timer = 0;
  #asksToRemove = false; // whether one press has asked to delete the class

  /**
   * @param {TakenClass} taken
   * @param {number} letters   of the name, at most
   * @param {CardListeners} listeners
   */
  constructor({ name, pictures }, letters, listeners) {
    this.#pictures = pictures.map((text) => ({ text }));
    this.#listeners = listeners;
    const attributes = { type: "text", maxlength: letters, "aria-label": "Name of the class" };
    this.#input = createElement("input", "hl-class-name", attributes);
    this.#input.value = name;
    const head = createElement("div", "hl-card-head");
    head.append(this.#input, this.#count, this.#remove);
    this.root.append(head, this.#hold, this.#thumbnails);
    this.#listen();
    this.#showThumbnails();
  }

  get name() {
    return this.#input.value.trim().replace(/\s+/g, " ");
  }

  /** The number of pictures. */
  get count() {
    return this.#pictures.length;
  }

  /** @returns {TakenClass} */
  get taken() {
    return { name: this.name, pictures: this.#pictures.map(({ text }) => text) };
  }

  focus() {
    this.#input.focus();
    this.#input.select();
  }

  /**
   * Show the count and which buttons can be pressed.
   *
   * @param {boolean} canTake
   */
  show(canTake) {
    const count = this.count === 1 ? "1 picture" : `${this.count} pictures`;
    this.#count.textContent = count;
    this.#hold.disabled = !canTake;
    this.#hold.setAttribute("aria-label", `${HOLD} of ${this.name}`);
    const remove = this.#asksToRemove ? `Delete ${count}?` : "Delete";
    this.#remove.textContent = remove;
    this.#remove.setAttribute("aria-label", `${remove} ${this.name}`);
    if (!canTake) this.release();
  }

  /** Stop taking pictures. */
  release() {
    if (!this.#timer) return;
    window.clearInterval(this.#timer);
    this.#timer = 0;
    this.#hold.classList.remove("hl-held");
  }

  #listen() {
    const hold = this.#hold;
    hold.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      hold.setPointerCapture(event.pointerId);
      this.#onHold();
    });
    for (const end of ["pointerup", "pointercancel", "lostpointercapture", "blur"]) {
      hold.addEventListener(end, () => this.release());
    }
    hold.addEventListener("contextmenu", (event) => event.preventDefault()); // a long touch would open it
    hold.addEventListener("keydown", (event) => {
      if (!isPress(event)) return;
      event.preventDefault();
      if (!event.repeat) this.#onHold();
    });
    hold.addEventListener("keyup", (event) => {
      if (isPress(event)) this.release();
    });
    this.#input.addEventListener("input", () => {
      this.#input.value = this.#input.value.replace(/[/\\]/g, "-"); // the name becomes a folder's
      this.#listeners.onChange();
    });
    this.#remove.addEventListener("blur", () => this.#askToRemove(false));
  }

  #onHold() {
    if (this.#timer || this.#hold.disabled) return;
    this.#hold.classList.add("hl-held");
    this.#timer = window.setInterval(() => this.#take(), EVERY);
    this.#take();
  }

  #take() {
    const text = this.#listeners.takePicture();
    if (text === null) return;
    this.#pictures.push({ text });
    this.#showThumbnails();
    this.#listeners.onChange();
  }

  /** Delete the class; one with pictures at the second press. */
  #onRemove() {
    if (this.count && !this.#asksToRemove) this.#askToRemove(true);
    else this.#listeners.onRemove();
  }

  /** @param {boolean} asks */
  #askToRemove(asks) {
    if (this.#asksToRemove === asks) return;
    this.#asksToRemove = asks;
    this.#listeners.onChange();
  }

  /** Show the last pictures, the newest first; existing buttons are used again. */
  #showThumbnails() {
    const last = this.#pictures.slice(-SHOWN).toReversed();
    this.#buttons = new Map(last.map((picture) => [picture, this.#buttons.get(picture) ?? this.#thumbnail(picture)]));
    this.#thumbnails.replaceChildren(...this.#buttons.values());
  }

  /** @param {Picture} picture */
  #thumbnail(picture) {
    const label = "Delete this picture";
    const button = createButton("", () => this.#delete(picture, button), "hl-thumbnail", {
      title: label,
      "aria-label": label,
    });
    const image = createElement("img", "", { alt: "", src: `data:image/jpeg;base64,${picture.text}` });
    button.append(image);
    return button;
  }

  /**
   * @param {Picture} picture
   * @param {HTMLElement} button
   */
  #delete(picture, button) {
    const next = button.nextElementSibling ?? button.previousElementSibling;
    this.#pictures = this.#pictures.filter((other) => other !== picture);
    this.#showThumbnails();
    this.#listeners.onChange();
    if (next instanceof HTMLElement) next.focus();
  }
}

/** @param {KeyboardEvent} event */
function isPress({ key }) {
  return key === " " || key === "Enter";
}
