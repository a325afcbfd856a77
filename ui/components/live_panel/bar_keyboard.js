/**
 * The buttons of a run by keyboard: a link to them that comes first on the page, and a focus that stays with them.
 *
 * A button that is pressed gives way to another (Train to Pause) or is disabled, and then the browser drops the focus.
 */

import { createElement, setText } from "./dom.js";

const KEYS = ["train", "pause", "step", "stop", "reset", "new-weights"];
/** What takes the focus when a button cannot have it: Train and Pause stand in the same place. */
const PLACE = ["train", "pause"];
const MAIN = "[data-testid=stMain]";

export class BarKeyboard {
  #link = createElement("a", "hl-skip", { href: "#" });
  #changes = new MutationObserver(() => this.#keepFocus()); // only while a person is at one of the buttons
  /** @type {?string} the button that a person has moved to */
  #wanted = null;
  #isMoving = false;

  constructor() {
    setText(this.#link, "Skip to Train");
    document.body.prepend(this.#link);
    this.#link.addEventListener("focus", () => setText(this.#link, firstButton(PLACE) ? "Skip to Train" : "Skip to the page"));
    this.#link.addEventListener("click", this.#skip);
    document.addEventListener("focusin", this.#onFocus);
    document.addEventListener("focusout", this.#onLeave, { capture: true });
    document.addEventListener("pointerdown", this.#onPointer, { capture: true });
  }

  #skip = (/** @type {Event} */ event) => {
    event.preventDefault();
    const main = document.querySelector(MAIN);
    const target = firstButton(PLACE) ?? main;
    if (!(target instanceof HTMLElement)) return;
    if (target === main) target.tabIndex = -1;
    target.focus();
  };

  #onFocus = (/** @type {FocusEvent} */ { target }) => {
    if (!this.#isMoving) this.#want(target);
  };

  /**
   * Note where the focus goes before the page changes because of it: a help that closes is such a change, and meanwhile
   * nothing has the focus.
   */
  #onLeave = (/** @type {FocusEvent} */ { relatedTarget }) => {
    if (!this.#isMoving) this.#want(relatedTarget);
  };

  #onPointer = (/** @type {PointerEvent} */ { target }) => this.#want(target);

  /** @param {?EventTarget} target */
  #want(target) {
    if (!(target instanceof Element)) return;
    this.#wanted = keyOf(target);
    if (this.#wanted === null) this.#changes.disconnect();
    else this.#changes.observe(document.body, { childList: true, subtree: true, attributeFilter: ["disabled"] });
  }

  #keepFocus() {
    const active = document.activeElement;
    const isLost = !active || active === document.body || (active instanceof HTMLButtonElement && active.disabled);
    if (this.#wanted === null || (!isLost && [null, this.#wanted].includes(keyOf(active)))) return;
    const others = PLACE.includes(this.#wanted) ? PLACE : [this.#wanted, ...PLACE];
    const target = firstButton([this.#wanted, ...others]);
    if (!target || target === active) return;
    this.#isMoving = true;
    target.focus({ preventScroll: true });
    this.#isMoving = false;
  }

  destroy() {
    this.#link.remove();
    this.#changes.disconnect();
    document.removeEventListener("focusin", this.#onFocus);
    document.removeEventListener("focusout", this.#onLeave, { capture: true });
    document.removeEventListener("pointerdown", this.#onPointer, { capture: true });
  }
}

/**
 * Return the first of these buttons that can be pressed.
 *
 * @param {string[]} keys
 */
function firstButton(keys) {
  // By class first: a search of the whole page for a button takes milliseconds, and figures change it all the time.
  const places = keys.flatMap((key) => [...document.getElementsByClassName(`st-key-${key}`)]);
  const buttons = places.flatMap((place) => Array.from(place.querySelectorAll("button:not(:disabled)")));
  // A button with a help is there twice: Streamlit shows one in a wide window and the other in a narrow one.
  return /** @type {?HTMLButtonElement} */ (buttons.find((button) => button.checkVisibility()) ?? null);
}

/**
 * Return the key of the bar's button that an element is in.
 *
 * @param {Element} element
 */
function keyOf(element) {
  return KEYS.find((key) => element.closest(`.st-key-${key}`)) ?? null;
}
