/** One class: its name, the button that is held to take pictures of it, and the pictures, the last ones seen. */

import { element } from "./dom.js";

const EVERY = 160; // milliseconds between two pictures
const SHOWN = 24; // thumbnails
const HOLD = "Hold to take pictures";

export class ClassCard {
  #timer = 0;
  #asked = false; // whether a press has asked if the class is to go

  /**
   * @param does what the card has done: `take()` returns a picture or null, `changed()` and `remove()` are told
   * @param {string[]} pictures JPEG in base64
   */
  constructor(name, pictures, letters, does) {
    this.pictures = pictures.map((text) => ({ text })); // equal ones are told apart too
    this.does = does;
    this.input = element("input", "hl-class-name", { type: "text", maxlength: letters, "aria-label": "Name of the class" });
    this.input.value = name;
    this.count = element("span", "hl-total");
    this.holdButton = element("button", "hl-button hl-hold", { type: "button" }, HOLD);
    this.removeButton = element("button", "hl-button hl-remove", { type: "button" });
    this.thumbnails = element("div", "hl-thumbnails");
    const head = element("div", "hl-card-head");
    head.append(this.input, this.count, this.removeButton);
    this.root = element("section", "hl-class-card");
    this.root.append(head, this.holdButton, this.thumbnails);
    this.#listen();
    this.#showThumbnails();
  }

  get name() {
    return this.input.value.trim().replace(/\s+/g, " ");
  }

  /** What is sent, and remembered. */
  get taken() {
    return { name: this.name, pictures: this.pictures.map(({ text }) => text) };
  }

  focus() {
    this.input.focus();
    this.input.select();
  }

  /** Show the count and what can be pressed. */
  show(canTake) {
    const count = this.pictures.length;
    this.count.textContent = count === 1 ? "1 picture" : `${count} pictures`;
    this.holdButton.disabled = !canTake;
    this.holdButton.setAttribute("aria-label", `${HOLD} of ${this.name}`);
    this.removeButton.textContent = this.#asked ? `Delete ${this.count.textContent}?` : "Delete";
    this.removeButton.setAttribute("aria-label", `${this.removeButton.textContent} ${this.name}`);
    if (!canTake) this.release();
  }

  /** Take no more pictures. */
  release() {
    if (!this.#timer) return;
    clearInterval(this.#timer);
    this.#timer = 0;
    this.holdButton.classList.remove("hl-held");
  }

  #listen() {
    const hold = this.holdButton;
    hold.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      hold.setPointerCapture(event.pointerId);
      this.#hold();
    });
    for (const end of ["pointerup", "pointercancel", "lostpointercapture", "blur"]) {
      hold.addEventListener(end, () => this.release());
    }
    hold.addEventListener("contextmenu", (event) => event.preventDefault()); // which a long touch opens
    hold.addEventListener("keydown", (event) => {
      if (event.key !== " " && event.key !== "Enter") return;
      event.preventDefault();
      if (!event.repeat) this.#hold();
    });
    hold.addEventListener("keyup", (event) => (event.key === " " || event.key === "Enter") && this.release());
    this.input.addEventListener("input", () => {
      this.input.value = this.input.value.replace(/[/\\]/g, "-"); // the name becomes a folder's
      this.does.changed();
    });
    this.removeButton.addEventListener("click", () => this.#remove());
    this.removeButton.addEventListener("blur", () => this.#ask(false));
  }

  #hold() {
    if (this.#timer || this.holdButton.disabled) return;
    this.holdButton.classList.add("hl-held");
    this.#timer = setInterval(() => this.#take(), EVERY);
    this.#take();
  }

  #take() {
    const text = this.does.take();
    if (text === null) return;
    this.pictures.push({ text });
    this.#showThumbnails();
    this.does.changed();
  }

  /** Delete the class; one with pictures at a second press. */
  #remove() {
    if (this.pictures.length && !this.#asked) this.#ask(true);
    else this.does.remove();
  }

  #ask(asked) {
    if (this.#asked === asked) return;
    this.#asked = asked;
    this.does.changed();
  }

  /** Show the last pictures, the newest first; only those that are new are made. */
  #showThumbnails() {
    const shown = new Map([...this.thumbnails.children].map((button) => [button.picture, button]));
    const last = this.pictures.slice(-SHOWN).reverse();
    this.thumbnails.replaceChildren(...last.map((picture) => shown.get(picture) ?? this.#thumbnail(picture)));
  }

  #thumbnail(picture) {
    const label = "Delete this picture";
    const button = element("button", "hl-thumbnail", { type: "button", title: label, "aria-label": label });
    const image = element("img", "", { alt: "" });
    image.src = `data:image/jpeg;base64,${picture.text}`;
    button.append(image);
    button.picture = picture;
    button.addEventListener("click", () => {
      const next = button.nextElementSibling ?? button.previousElementSibling;
      this.pictures = this.pictures.filter((other) => other !== picture);
      this.#showThumbnails();
      this.does.changed();
      next?.focus();
    });
    return button;
  }
}
