/** The slider that takes everything drawn of the network back to an earlier epoch, and to the latest one again. */

import { createButton, createElement } from "./dom.js";
import { decodeFrame } from "./frame_decoder.js";

const PLAYED_STEPS = 120; // in which a whole run is played
const STEP_MS = 60; // from one to the next, at least
const EXPLAINED = new Set([410, 503]); // status codes whose text is for the person: the epoch is gone, the server busy
const FAILED = "That epoch could not be shown.";

export class ReplayBar {
  #getRun;
  /** @type {?number} the epoch to request next */
  #wanted = null;
  #isRequesting = false;
  #isPlaying = false;
  root = createElement("div", "hl-replay", { role: "group", "aria-label": "Replay" });
  #play = createButton("Play", () => this.#togglePlay());
  #slider = createElement("input", "", { type: "range", min: 0, max: 1, step: 1, "aria-label": "Viewed epoch" });
  #epoch = createElement("span", "hl-epoch");
  #latest = createButton("Latest", () => this.showLatest());
  #notice = createElement("span", "hl-message", { role: "alert" });

  /** @param {() => ?WatchedRun} getRun */
  constructor(getRun) {
    this.#getRun = getRun;
    this.#slider.addEventListener("input", () => {
      this.#isPlaying = false;
      void this.#goTo(Number(this.#slider.value));
    });
    this.root.append(this.#play, this.#slider, this.#epoch, this.#latest, this.#notice);
  }

  /**
   * Show where the run is, and which of its epochs is viewed.
   *
   * @param {Pick<RunState, "header" | "replayed">} state
   */
  show({ header, replayed }) {
    const last = header?.epoch ?? 0;
    this.#slider.max = String(Math.max(1, last));
    this.#slider.disabled = last < 1;
    this.#play.disabled = last < 1;
    const isHeld = this.#wanted !== null || (replayed !== null && document.activeElement === this.#slider);
    if (!isHeld) this.#slider.value = String(replayed ?? last);
    this.#epoch.textContent = replayed === null ? `latest (${last})` : `viewing epoch ${replayed}`;
    this.root.dataset.replayed = replayed === null ? "" : String(replayed);
    this.#latest.disabled = replayed === null;
    this.#play.textContent = this.#isPlaying ? "Pause replay" : "Play";
  }

  /** Have everything follow the run again. */
  showLatest() {
    this.#isPlaying = false;
    this.#wanted = null;
    this.#notice.textContent = "";
    this.#getRun()?.show(null);
  }

  #togglePlay() {
    const state = this.#getRun()?.state;
    if (this.#isPlaying) {
      this.#isPlaying = false;
      if (state) this.show(state);
    } else if (state?.header) {
      this.#isPlaying = true;
      const viewed = state.replayed ?? Infinity;
      void this.#playFrom(viewed < state.header.epoch ? viewed : 0);
    }
  }

  /** @param {number} start */
  async #playFrom(start) {
    let epoch = start;
    while (this.#isPlaying) {
      const last = this.#getRun()?.state.header?.epoch ?? 0;
      if (epoch > last) break;
      const started = performance.now();
      await this.#request(epoch, () => this.#isPlaying);
      epoch += Math.max(1, Math.round(last / PLAYED_STEPS));
      await wait(STEP_MS - (performance.now() - started));
    }
    if (this.#isPlaying) this.showLatest(); // it has caught up with the run
  }

  /**
   * Request an epoch; while an answer is on its way, only the last of further epochs is requested after it.
   *
   * @param {number} epoch
   */
  async #goTo(epoch) {
    this.#wanted = epoch;
    if (this.#isRequesting) return;
    this.#isRequesting = true;
    while (this.#wanted !== null) {
      /** @type {number} */
      const wanted = this.#wanted;
      await this.#request(wanted, () => this.#wanted !== null);
      if (this.#wanted === wanted) this.#wanted = null;
    }
    this.#isRequesting = false;
  }

  /**
   * Show the kept epoch that is nearest to one.
   *
   * @param {number} epoch
   * @param {() => boolean} isWanted   whether the answer is still to be shown when it comes
   */
  async #request(epoch, isWanted) {
    const run = this.#getRun();
    if (!run) return;
    try {
      const url = run.url.replace(/\/frames$/, "/replay");
      const answer = await fetch(`${url}?epoch=${epoch}&inside=1`, { credentials: "same-origin", cache: "no-store" });
      if (!answer.ok) {
        this.#fail(EXPLAINED.has(answer.status) ? await answer.text() : FAILED, answer.status);
        return;
      }
      const { header, arrays } = decodeFrame(await answer.arrayBuffer());
      if (!isWanted() || run !== this.#getRun()) return;
      this.#notice.textContent = "";
      // How well a linear model does is not kept, so an earlier epoch has no such figures.
      run.show({ epoch: header.epoch, arrays: { separable: undefined, ...arrays } });
    } catch (error) {
      this.#fail(FAILED, error);
    }
  }

  /**
   * @param {string} message
   * @param {unknown} reason
   */
  #fail(message, reason) {
    console.warn("Replay:", reason);
    this.#isPlaying = false;
    this.#notice.textContent = message;
  }

  destroy() {
    this.#isPlaying = false;
    this.#wanted = null;
  }
}

/** @param {number} milliseconds */
function wait(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
