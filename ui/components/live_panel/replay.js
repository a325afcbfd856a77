/** Takes everything that is drawn of a run's network back to an earlier epoch, and to the latest one again. */

import { decodeFrame } from "./frame_decoder.js";
import { credentialsOf } from "./run_stream.js";

const PLAYED_STEPS = 120; // in which a whole run is played
const STEP_MS = 60; // from one to the next, at least
const EXPLAINED = new Set([410, 503]); // status codes whose text is for the person: the epoch is gone, the server busy
const FAILED = "That epoch could not be shown.";

export class Replay {
  #getRun;
  #isInside;
  #onChange;
  /** @type {?number} the epoch to request next */
  #wanted = null;
  #isRequesting = false;
  #isPlaying = false;
  #problem = "";

  /**
   * @param {() => ?WatchedRun} getRun
   * @param {boolean} isInside   whether the weights and what the layers compute are wanted too
   * @param {() => void} onChange   called when it begins or ceases to play, and when there is another problem
   */
  constructor(getRun, isInside, onChange) {
    this.#getRun = getRun;
    this.#isInside = isInside;
    this.#onChange = onChange;
  }

  get isPlaying() {
    return this.#isPlaying;
  }

  /** Whether an epoch is asked for that is not shown yet. */
  get isOnItsWay() {
    return this.#wanted !== null;
  }

  /** What is wrong, for the person; "" where nothing is. */
  get problem() {
    return this.#problem;
  }

  /** Have everything follow the run again. */
  showLatest() {
    this.stop();
    this.#say("");
    this.#getRun()?.show(null);
  }

  /** Cease to play, and show no epoch that is on its way. */
  stop() {
    this.#isPlaying = false;
    this.#wanted = null;
  }

  togglePlay() {
    const state = this.#getRun()?.state;
    if (this.#isPlaying) {
      this.#isPlaying = false;
      this.#onChange();
    } else if (state?.header) {
      this.#isPlaying = true;
      this.#onChange();
      const viewed = state.replayed ?? Infinity;
      void this.#playFrom(viewed < state.header.epoch ? viewed : 0);
    }
  }

  /**
   * Show an epoch; while an answer is on its way, only the last of further epochs is requested after it.
   *
   * @param {number} epoch
   */
  async goTo(epoch) {
    this.#isPlaying = false;
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
   * Show an epoch.
   *
   * @param {number} epoch
   * @param {() => boolean} isWanted   whether the answer is still to be shown when it comes
   */
  async #request(epoch, isWanted) {
    const run = this.#getRun();
    if (!run) return;
    try {
      const url = run.url.replace(/\/frames$/, "/replay");
      const query = `epoch=${epoch}&inside=${Number(this.#isInside)}`;
      const answer = await fetch(`${url}?${query}`, { ...credentialsOf(run.url), cache: "no-store" });
      if (!answer.ok) {
        this.#fail(EXPLAINED.has(answer.status) ? await answer.text() : FAILED, answer.status);
        return;
      }
      const { header, arrays } = decodeFrame(await answer.arrayBuffer());
      if (!isWanted() || run !== this.#getRun()) return;
      this.#say("");
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
    this.#say(message);
  }

  /** @param {string} problem */
  #say(problem) {
    this.#problem = problem;
    this.#onChange();
  }
}

/** @param {number} milliseconds */
function wait(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
