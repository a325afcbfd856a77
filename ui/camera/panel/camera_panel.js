/**
 * The camera panel: a camera, and up to eight classes of pictures, which a person takes by holding a button.
 *
 * A module for a Streamlit component (v2). Its default export is called at every change of data or theme. One trigger:
 * "taken" with [{name, pictures}], the pictures as JPEG in base64, after a press of the button below.
 *
 * Pictures stay in this tab until a person trains on them, also through a reload or a visit to another page.
 *
 * For tests the root (`.hl-camera`) has data-camera (off, starting, on, failed) and data-count (pictures).
 */

import { Camera } from "./camera.js";
import { ClassCard } from "./class_card.js";
import { createButton, createElement } from "./dom.js";
import { mount } from "./mount.js";
import { remember, rememberedList } from "./tab_storage.js";

const STORAGE_KEY = "hidden-layers-camera";
const STORE_AFTER = 300; // milliseconds without a change
const START = "Turn on the camera";
const CLASSES_LEAST = 2;

/** @typedef {import("./class_card.js").TakenClass} TakenClass */
/**
 * @typedef {object} CameraLimits
 * @property {number} side   pixels of a picture, across and down
 * @property {number} most   pictures that there may be
 * @property {number} least   pictures that a class needs
 * @property {number} classes   classes that there may be
 * @property {number} letters   of a class's name, at most
 */
/** @typedef {PanelData & CameraLimits} CameraData */

/** @type {?TakenClass[]} what was taken in this tab, which storage may be too small for */
let kept = null;

/** @param {ComponentCall<CameraData>} call */
export default function cameraPanel(call) {
  return mount(call, (root) => new CameraPanel(root, call.data));
}

/** @implements {PanelPart<CameraData>} */
class CameraPanel {
  #limits;
  #camera = new Camera((state, message) => this.#onCamera(state, message));
  /** @type {ClassCard[]} */
  #cards = [];
  #start = createButton(START, () => void this.#camera.start(), "hl-button hl-primary");
  #message = createElement("p", "hl-camera-message", { role: "status" });
  #notice = createElement("div", "hl-camera-notice");
  #switch = createButton("Other camera", () => void this.#camera.switch());
  #stop = createButton("Turn off", () => this.#camera.stop());
  #list = createElement("div", "hl-cards");
  #add = createButton("Add a class", () => {
    this.#addCard().focus();
    this.#onChange();
  });
  #train = createButton("Train on these pictures", () => this.#send(), "hl-button hl-primary");
  #reason = createElement("span", "hl-reason", { role: "status" });
  #closing = new AbortController();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #storing;
  /** @type {(name: string, value: unknown) => void} */
  #setTriggerValue = () => {};

  /**
   * @param {HTMLElement} root
   * @param {CameraData} data
   */
  constructor(root, data) {
    this.root = root;
    this.#limits = data;
    this.#build();
    for (const taken of kept ?? rememberedList(STORAGE_KEY)) this.#addCard(taken);
    this.#addMissingCards();
    this.#onCamera("off", "");
    const onHidden = () => {
      if (document.hidden) this.#releaseCards();
    };
    document.addEventListener("visibilitychange", onHidden, { signal: this.#closing.signal });
    this.#show();
  }

  /** @param {ComponentCall<CameraData>} call */
  update({ setTriggerValue }) {
    this.#setTriggerValue = setTriggerValue;
  }

  destroy() {
    this.#closing.abort();
    this.#releaseCards();
    this.#camera.stop();
  }

  #build() {
    this.#notice.append(this.#message, this.#start);
    const view = createElement("div", "hl-view");
    view.append(this.#camera.video, this.#notice);
    const tools = createElement("div", "hl-actions");
    tools.append(this.#switch, this.#stop);
    const stage = createElement("div", "hl-stage");
    stage.append(view, tools);
    const use = createElement("div", "hl-use");
    use.append(this.#add, this.#train, this.#reason);
    const side = createElement("div", "hl-taken");
    side.append(this.#list, use);
    this.root.append(stage, side);
  }

  /** @param {TakenClass} [taken] */
  #addCard(taken = { name: this.#freeName(), pictures: [] }) {
    const card = new ClassCard(taken, this.#limits.letters, {
      takePicture: () => this.#takePicture(),
      onChange: () => this.#onChange(),
      onRemove: () => this.#removeCard(card),
    });
    this.#cards.push(card);
    this.#list.append(card.root);
    return card;
  }

  #addMissingCards() {
    while (this.#cards.length < CLASSES_LEAST) this.#addCard();
  }

  /** @param {ClassCard} card */
  #removeCard(card) {
    this.#cards = this.#cards.filter((other) => other !== card);
    card.root.remove();
    this.#addMissingCards();
    this.#onChange();
    this.#add.focus();
  }

  #releaseCards() {
    for (const card of this.#cards) card.release();
  }

  /** Return "Class 1", or the next of these that is not taken. */
  #freeName() {
    const names = new Set(this.#cards.map(({ name }) => name));
    let number = 1;
    while (names.has(`Class ${number}`)) number += 1;
    return `Class ${number}`;
  }

  /**
   * @param {import("./camera.js").CameraState} state
   * @param {string} message
   */
  #onCamera(state, message) {
    this.root.dataset.camera = state;
    if (state !== "on") this.#releaseCards();
    this.#notice.hidden = state === "on";
    this.#start.hidden = state === "starting";
    this.#start.textContent = state === "failed" ? "Try again" : START;
    const waiting = "Waiting for the camera. Your browser may ask for permission.";
    this.#message.textContent = state === "starting" ? waiting : message;
    this.#stop.hidden = state !== "on";
    this.#switch.hidden = state !== "on" || this.#camera.count < 2;
    this.#show();
  }

  /** Return a picture of now, or null if there is no room for it. */
  #takePicture() {
    return this.#isFull ? null : this.#camera.picture(this.#limits.side);
  }

  get #count() {
    return this.#cards.reduce((sum, { count }) => sum + count, 0);
  }

  get #isFull() {
    return this.#count >= this.#limits.most;
  }

  #onChange() {
    kept = this.#cards.map(({ taken }) => taken);
    clearTimeout(this.#storing);
    this.#storing = setTimeout(() => remember(STORAGE_KEY, kept), STORE_AFTER);
    this.#show();
  }

  #show() {
    const canTake = this.root.dataset.camera === "on" && !this.#isFull;
    for (const card of this.#cards) card.show(canTake);
    this.#add.disabled = this.#cards.length >= this.#limits.classes;
    const missing = this.#missing();
    this.#train.disabled = missing !== "";
    const full = this.#isFull ? `${this.#count} pictures, the maximum.` : "";
    this.#reason.textContent = [full, missing].filter(Boolean).join(" ");
    this.root.dataset.count = String(this.#count);
  }

  /** Return what is missing before a network can train on the pictures, or "". */
  #missing() {
    const used = this.#cards.filter(({ count }) => count > 0);
    if (used.length < CLASSES_LEAST) return "Take pictures of at least two classes.";
    const few = used.find(({ count }) => count < this.#limits.least);
    if (few) return `Every class needs ${this.#limits.least} pictures; ${few.name} has ${few.count}.`;
    if (used.some(({ name }) => !name)) return "Every class needs a name.";
    if (new Set(used.map(({ name }) => name)).size < used.length) return "Every class needs a different name.";
    return "";
  }

  #send() {
    this.#setTriggerValue(
      "taken",
      this.#cards.map(({ taken }) => taken),
    );
  }
}
