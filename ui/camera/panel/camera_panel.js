/**
 * The camera panel: a camera, and up to eight classes that pictures are taken of while a button is held.
 *
 * A module for a Streamlit component (v2). Its default export is called at every change of data or theme with
 *
 *   css      address of camera_panel.css
 *   side     pixels of a picture, across and down
 *   most     pictures there can be
 *   least    pictures a class needs
 *   classes  classes there can be
 *   letters  of a class's name, at most
 *
 * Pictures stay in this tab, through a visit to another page and a reload, until they are to be trained on.
 *
 * One trigger: "taken" with [{name, pictures}], the pictures being JPEG in base64, at a press of the button below.
 *
 * For tests the root (`.hl-camera`) carries data-camera (off, starting, on, failed) and data-count (pictures).
 */

import { Camera } from "./camera.js";
import { ClassCard } from "./class_card.js";
import { element } from "./dom.js";
import { mount } from "./mount.js";

const REMEMBERED = "hidden-layers-camera"; // in the tab's storage
const REST = 300; // milliseconds without a change after which it is written there
const START = "Turn on the camera";

let kept = null; // what this tab has taken: [{name, pictures}]

export default function cameraPanel(args) {
  return mount(args, (root) => new CameraPanel(root, args.data));
}

class CameraPanel {
  constructor(root, data) {
    this.root = root;
    this.data = data;
    this.camera = new Camera((state, message) => this.#onCamera(state, message));
    this.cards = [];
    this.#build();
    for (const taken of remembered()) this.#addCard(taken.name, taken.pictures);
    while (this.cards.length < 2) this.#addCard(this.#freeName());
    this.#onCamera("off", "");
    this.onHidden = () => document.hidden && this.cards.forEach((card) => card.release());
    document.addEventListener("visibilitychange", this.onHidden);
    this.#show();
  }

  update({ setTriggerValue }) {
    this.setTriggerValue = setTriggerValue;
  }

  destroy() {
    document.removeEventListener("visibilitychange", this.onHidden);
    this.cards.forEach((card) => card.release());
    this.camera.stop();
  }

  // The parts

  #build() {
    this.startButton = this.#button(START, () => this.camera.start(), "hl-button hl-primary");
    this.message = element("p", "hl-camera-message", { role: "status" });
    this.notice = element("div", "hl-camera-notice");
    this.notice.append(this.message, this.startButton);
    const view = element("div", "hl-view");
    view.append(this.camera.video, this.notice);
    this.switchButton = this.#button("Other camera", () => this.camera.switch());
    this.stopButton = this.#button("Turn off", () => this.camera.stop());
    const tools = element("div", "hl-actions");
    tools.append(this.switchButton, this.stopButton);
    const stage = element("div", "hl-stage");
    stage.append(view, tools);

    this.list = element("div", "hl-cards");
    this.addButton = this.#button("Add a class", () => {
      this.#addCard(this.#freeName()).focus();
      this.#changed();
    });
    this.trainButton = this.#button("Train on these pictures", () => this.#send(), "hl-button hl-primary");
    this.reason = element("span", "hl-reason", { role: "status" });
    const use = element("div", "hl-use");
    use.append(this.addButton, this.trainButton, this.reason);
    const side = element("div", "hl-taken");
    side.append(this.list, use);
    this.root.append(stage, side);
  }

  #button(title, onclick, className = "hl-button") {
    const button = element("button", className, { type: "button" }, title);
    button.addEventListener("click", onclick);
    return button;
  }

  #addCard(name, pictures = []) {
    const card = new ClassCard(name, pictures, this.data.letters, {
      take: () => this.#take(),
      changed: () => this.#changed(),
      remove: () => this.#remove(card),
    });
    this.cards.push(card);
    this.list.append(card.root);
    return card;
  }

  #remove(card) {
    this.cards = this.cards.filter((other) => other !== card);
    card.root.remove();
    while (this.cards.length < 2) this.#addCard(this.#freeName());
    this.#changed();
    this.addButton.focus();
  }

  /** @returns {string} "Class 1" or the next that no class is called. */
  #freeName() {
    const names = new Set(this.cards.map((card) => card.name));
    let number = 1;
    while (names.has(`Class ${number}`)) number += 1;
    return `Class ${number}`;
  }

  // What happens

  #onCamera(state, message) {
    this.root.dataset.camera = state;
    if (state !== "on") this.cards.forEach((card) => card.release());
    this.notice.hidden = state === "on";
    this.startButton.hidden = state === "starting";
    this.startButton.textContent = state === "failed" ? "Try again" : START;
    this.message.textContent = state === "starting" ? "Waiting for the camera. Your browser may ask you." : message;
    this.stopButton.hidden = state !== "on";
    this.switchButton.hidden = state !== "on" || this.camera.count < 2;
    this.#show();
  }

  /** @returns {?string} a picture of now, where there is room for one. */
  #take() {
    return this.#count() < this.data.most ? this.camera.picture(this.data.side) : null;
  }

  #count() {
    return this.cards.reduce((count, card) => count + card.pictures.length, 0);
  }

  #changed() {
    kept = this.cards.map((card) => card.taken);
    clearTimeout(this.remembering);
    this.remembering = setTimeout(remember, REST);
    this.#show();
  }

  #show() {
    const count = this.#count();
    const canTake = this.root.dataset.camera === "on" && count < this.data.most;
    for (const card of this.cards) card.show(canTake);
    this.addButton.disabled = this.cards.length >= this.data.classes;
    const lack = this.#lack();
    this.trainButton.disabled = lack !== "";
    const full = count >= this.data.most;
    this.reason.textContent = [full ? `${count} pictures: no more fit.` : "", lack].filter(Boolean).join(" ");
    this.root.dataset.count = count;
  }

  /** @returns {string} what keeps the pictures from being trained on, or "". */
  #lack() {
    const used = this.cards.filter((card) => card.pictures.length);
    if (used.length < 2) return "Take pictures of two classes at least.";
    const few = used.find((card) => card.pictures.length < this.data.least);
    if (few) return `Every class needs ${this.data.least} pictures; ${few.name} has ${few.pictures.length}.`;
    if (used.some((card) => !card.name)) return "Every class needs a name.";
    if (new Set(used.map((card) => card.name)).size < used.length) return "Every class needs a name of its own.";
    return "";
  }

  #send() {
    const taken = this.cards.map((card) => card.taken);
    this.setTriggerValue("taken", taken);
  }
}

function remember() {
  try {
    sessionStorage.setItem(REMEMBERED, JSON.stringify(kept));
  } catch {
    // A browser may keep pages from storing anything, or so much: then a reload begins anew.
  }
}

/** @returns {object[]} what was taken in this tab. */
function remembered() {
  if (kept) return kept;
  try {
    const taken = JSON.parse(sessionStorage.getItem(REMEMBERED));
    return Array.isArray(taken) ? taken : [];
  } catch {
    return [];
  }
}
