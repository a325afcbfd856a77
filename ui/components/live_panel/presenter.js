/**
 * The presenter view: a page that is read from the last row of a classroom, worked by keys.
 *
 * It is a class of the page's root element, which in_class.css answers with large type, and lasts as long as the tab.
 * Whoever draws by itself (Plotly) takes its sizes from `scale` and draws again when `onChange` calls.
 */

import { createElement } from "./dom.js";
import { remember, rememberedList } from "./tab_storage.js";
import { isForThePage } from "./typing.js";

const PRESENTING = "hl-presenting";
const WITH_CONTROLS = "hl-with-controls";
const ENTER = "p";
const KEYS = "Space: train, pause · S: step · − +: slower, faster · ← →: back, next · C: controls · Q: QR code · Esc: leave";
const MOVED_BY_ARROWS = "[role=slider], [role=radio], [role=tab], [role=option], input[type=range]";
const USUAL_PX = 16;
const MORE_IN_FIGURES = 1.1; // usually, their type is smaller than that around them
const RESIZE_WAIT_MS = 100;

const root = document.documentElement;
const hint = createElement("p", "hl-present-keys", { "aria-hidden": "true" }, KEYS);
/** @type {Set<() => void>} */
const listeners = new Set();

/** @type {ReturnType<typeof setTimeout> | undefined} */
let resizing;

/** @type {Record<string, () => void>} by key */
const ACTIONS = {
  " ": () => press(".st-key-pause button, .st-key-train button"),
  s: () => press(".st-key-step button"),
  "-": () => changeSpeed(-1),
  "+": () => changeSpeed(1),
  "=": () => changeSpeed(1), // the same key without Shift, on many keyboards
  ArrowRight: () => turn(1),
  PageDown: () => turn(1),
  ArrowLeft: () => turn(-1),
  PageUp: () => turn(-1),
  c: () => root.classList.toggle(WITH_CONTROLS),
  Escape: () => present(false),
};

/** Return how many times larger than usual figures are drawn. */
export function scale() {
  return isPresenting() ? (MORE_IN_FIGURES * Number.parseFloat(getComputedStyle(root).fontSize)) / USUAL_PX : 1;
}

export function isPresenting() {
  return root.classList.contains(PRESENTING);
}

/** @param {boolean} on */
export function present(on) {
  root.classList.toggle(PRESENTING, on);
  root.classList.remove(WITH_CONTROLS);
  remember(PRESENTING, on ? [on] : []);
  if (on) document.body.append(hint);
  else hint.remove();
  tell();
}

function tell() {
  for (const listener of listeners) listener();
}

function onResize() {
  clearTimeout(resizing);
  if (isPresenting()) resizing = setTimeout(tell, RESIZE_WAIT_MS);
}

/**
 * Call a listener whenever the view begins, ends or gets another size; return what stops that.
 *
 * @param {() => void} listener
 */
export function onChange(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  if (!isForThePage(event) || document.querySelector("dialog[open]")) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (key === ENTER && !event.repeat) present(!isPresenting());
  else if (isPresenting() && Object.hasOwn(ACTIONS, key) && !isMovedBy(event)) ACTIONS[key]();
  else return;
  event.preventDefault();
}

/** @param {KeyboardEvent} event */
function onKeyUp(event) {
  // A button that has the focus is pressed when Space goes up; in this view Space trains and pauses, wherever the focus is.
  if (event.key === " " && isPresenting() && isForThePage(event)) event.preventDefault();
}

/** @param {KeyboardEvent} event */
function isMovedBy({ key, target }) {
  return key.startsWith("Arrow") && target instanceof Element && target.closest(MOVED_BY_ARROWS) !== null;
}

/** @param {string} selector */
function press(selector) {
  const buttons = /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll(selector));
  [...buttons].find((button) => !button.disabled)?.click();
}

/** @param {1 | -1} by */
function changeSpeed(by) {
  const speeds = /** @type {HTMLButtonElement[]} */ ([...document.querySelectorAll(".hl-speeds button")]);
  const now = speeds.findIndex((button) => button.getAttribute("aria-pressed") === "true");
  speeds[now + by]?.click();
}

/**
 * Go to the next step of a lesson, or the one before; where there is none, to the page beside this one.
 *
 * @param {1 | -1} by
 */
function turn(by) {
  if (document.querySelector(".st-key-lesson-panel")) {
    press(by > 0 ? ".st-key-lesson-next button, .st-key-lesson-skip button" : ".st-key-lesson-back button");
    return;
  }
  const pages = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("[data-testid=stTopNavLink]")]);
  const now = pages.findIndex((page) => page.getAttribute("aria-current") === "page");
  if (now >= 0) pages[now + by]?.click();
}

document.addEventListener("keydown", onKey);
document.addEventListener("keyup", onKeyUp);
window.addEventListener("resize", onResize);
if (rememberedList(PRESENTING).length) present(true);
