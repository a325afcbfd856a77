/** The choice of how fast a run goes, below its buttons and by the keys 1 to 4, and what skips to the run's end. */

import { createButton, createElement, pressOnly, setText } from "./dom.js";
import { credentialsOf, emptyRun, isUnderWay, watchStream } from "./run_stream.js";
import { isForThePage } from "./typing.js";

const AGAIN_MS = 3000; // until Python is told again
const KEPT_SECONDS = 365 * 24 * 3600;
/** Speeds at which a run is held back for whoever watches it. */
const HELD_BACK = new Set(["slow", "watch"]);

/** @typedef {{name: string, label: string, note: string}} Speed */
/**
 * @typedef {object} SpeedOfRun
 * @property {?string} stream   the address of the live stream; null before anything is trained
 * @property {string} ticket   with which the run can be claimed
 * @property {Speed[]} speeds   in the order of their keys
 * @property {string} speed   the one that the next run will have
 * @property {string} fixed   why it cannot be chosen now; "" where it can
 * @property {string} cookie   the name of the cookie that keeps the choice
 */
/** @typedef {PanelData & SpeedOfRun} SpeedData */

/** @implements {PanelPart<SpeedData>} */
export class SpeedChoice {
  #group = createElement("div", "hl-switch hl-speeds", { role: "group", "aria-label": "Speed" });
  #note = createElement("span", "hl-note");
  #skip = createButton("Skip to the end", () => this.#skipToTheEnd(), "hl-button hl-to-end");
  /** @type {HTMLButtonElement[]} */
  #buttons = [];
  /** @type {?ComponentCall<SpeedData>} */
  #call = null;
  /** @type {?WatchedRun} */
  #run = null;
  #built = ""; // the speeds that there are buttons for, as text
  /** @type {?string} the speed that a person has chosen, until the server says the same */
  #chosen = null;
  #isSkipping = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #again;

  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    const label = createElement("span", "hl-label", { "aria-hidden": "true" }, "Speed");
    root.append(label, this.#group, this.#skip, this.#note);
    document.addEventListener("keydown", this.#onKey);
  }

  /** @param {ComponentCall<SpeedData>} call */
  update(call) {
    const before = this.#call?.data;
    const { data } = call;
    this.#call = call;
    this.#build(data.speeds);
    if (before?.stream !== data.stream) {
      this.#run?.release();
      this.#isSkipping = false;
      this.#run = data.stream ? watchStream(data.stream, () => this.#show(), false, data.ticket) : null;
    }
    this.#show();
  }

  /** @param {Speed[]} speeds */
  #build(speeds) {
    const built = JSON.stringify(speeds);
    if (built === this.#built) return; // buttons that stay keep the focus
    this.#built = built;
    this.#buttons = speeds.map(({ name, label, note }, index) => {
      const key = String(index + 1);
      const words = { title: `${note} Key ${key}.`, "aria-keyshortcuts": key };
      return createButton(label, () => this.#choose(name), "hl-option", words);
    });
    this.#group.replaceChildren(...this.#buttons);
  }

  #onKey = (/** @type {KeyboardEvent} */ event) => {
    const { key } = event;
    if (!isForThePage(event)) return;
    const speed = /^[1-9]$/.test(key) ? this.#call?.data.speeds[Number(key) - 1] : undefined;
    if (!speed) return;
    event.preventDefault();
    this.#choose(speed.name);
  };

  /** @param {string} name */
  #choose(name) {
    const call = this.#call;
    if (!call || call.data.fixed) return;
    // Every request of the page brings it along, so a new session knows it before its first run.
    document.cookie = `${call.data.cookie}=${name}; Path=/; SameSite=Lax; Max-Age=${KEPT_SECONDS}`;
    this.#chosen = name;
    this.#isSkipping = false;
    this.#tell(name);
    this.#show();
  }

  /**
   * Tell the choice; again until the server has taken it. A run that goes on is told by the shortest way. Otherwise it
   * is for the page to know, in the order in which a person acts on it; Streamlit can lose a trigger.
   *
   * @param {string} name
   */
  #tell(name) {
    clearTimeout(this.#again);
    if (this.#isGoing) void this.#post(`pace?speed=${name}`);
    else this.#call?.setTriggerValue("speed", name);
    this.#again = setTimeout(() => {
      if (this.#chosen === name) this.#tell(name);
    }, AGAIN_MS);
  }

  #skipToTheEnd() {
    this.#isSkipping = true;
    void this.#post("skip");
    this.#show();
  }

  /** @param {string} path   beside the run's frames */
  async #post(path) {
    if (!this.#run) return;
    const { url } = this.#run;
    try {
      const answer = await fetch(url.replace(/\/frames$/, `/${path}`), { method: "POST", ...credentialsOf(url) });
      if (answer.ok) return;
      console.warn("Speed:", answer.status);
    } catch (error) {
      console.warn("Speed:", error);
    }
    this.#isSkipping = false; // the button comes back; a speed is told again
    this.#show();
  }

  get #isGoing() {
    const header = this.#run?.state.header;
    return Boolean(header && isUnderWay(header.status));
  }

  /** Show the speed of the run, which another tab may have chosen; without a run, that of the next one. */
  #show() {
    if (!this.#call) return;
    const { data } = this.#call;
    const header = (this.#run?.state ?? emptyRun()).header;
    const known = header?.speed || data.speed;
    if (known === this.#chosen) this.#chosen = null;
    const shown = data.speeds.find(({ name }) => name === (this.#chosen ?? known));
    const pressed = this.#buttons[data.speeds.findIndex((speed) => speed === shown)];
    pressOnly(this.#buttons, pressed);
    for (const button of this.#buttons) button.disabled = data.fixed !== "";
    const isHeldBack = shown !== undefined && HELD_BACK.has(shown.name);
    this.#offerSkip(isHeldBack, pressed);
    setText(this.#note, data.fixed || (shown?.note ?? ""));
    this.root.dataset.speed = shown?.name ?? "";
  }

  /**
   * Show what skips to the end while a run is held back, and otherwise the note in its place.
   *
   * @param {boolean} isHeldBack
   * @param {HTMLElement | undefined} next   takes the focus of a button that goes
   */
  #offerSkip(isHeldBack, next) {
    if (!this.#isGoing) this.#isSkipping = false;
    const hadFocus = document.activeElement === this.#skip;
    const isOffered = this.#isGoing && isHeldBack && !this.#isSkipping;
    this.#skip.hidden = !isOffered;
    this.#note.hidden = isOffered;
    if (!isOffered && hadFocus) next?.focus();
  }

  destroy() {
    clearTimeout(this.#again);
    document.removeEventListener("keydown", this.#onKey);
    this.#run?.release();
  }
}
