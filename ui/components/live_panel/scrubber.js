/** The progress of a run; once it rests, a slider over its epochs, on which it can be played again. */

import { createButton, createElement } from "./dom.js";
import { Replay } from "./replay.js";
import { isUnderWay } from "./run_stream.js";

const STAYING = ".hl-figures"; // whoever acts there still looks at the epoch that is viewed

export class Scrubber {
  #getRun;
  #replay;
  #isOffered = false;
  root = createElement("div", "hl-progress");
  #filled = createElement("div", "hl-filled");
  #bar = createElement("div", "hl-bar", { role: "progressbar", "aria-label": "Epochs done", "aria-valuemin": 0 });
  #group = createElement("div", "hl-scrubber", { role: "group", "aria-label": "Replay" });
  #play = createButton("", () => this.#replay.togglePlay(), "hl-play");
  #slider = createElement("input", "", { type: "range", min: 0, step: 1, "aria-label": "Viewed epoch" });
  #latest = createButton("Latest", () => this.#replay.showLatest(), "hl-to-end");

  /**
   * @param {() => ?WatchedRun} getRun
   * @param {() => void} onChange   called when a problem comes or goes
   */
  constructor(getRun, onChange) {
    this.#getRun = getRun;
    this.#replay = new Replay(getRun, false, () => {
      this.#showPlaying();
      onChange();
    });
    this.#bar.append(this.#filled);
    this.#group.append(this.#play, this.#slider, this.#latest);
    this.root.append(this.#bar);
    this.#slider.addEventListener("input", () => {
      this.#fillSlider();
      void this.#replay.goTo(Number(this.#slider.value));
    });
    this.#slider.addEventListener("change", () => {
      if (Number(this.#slider.value) === this.#end) this.#replay.showLatest();
    });
    this.#group.addEventListener("keydown", ({ key }) => {
      if (key === "Escape") this.#replay.showLatest();
    });
    this.#group.addEventListener("focusout", ({ relatedTarget }) => this.#onFocusOut(relatedTarget));
    this.#showPlaying();
  }

  /** What is wrong with the replay, for the person; "" where nothing is. */
  get problem() {
    return this.#replay.problem;
  }

  /**
   * Show how far a run is, or which of its epochs is viewed.
   *
   * @param {{epoch: number, epochs: number, status: string}} place
   * @param {?number} replayed
   * @param {boolean} isOffered   whether the page has figures that can go back
   */
  show({ epoch, epochs, status }, replayed, isOffered) {
    const rests = isOffered && epoch > 0 && !isUnderWay(status);
    const wasOffered = this.#isOffered;
    this.#isOffered = rests;
    if (wasOffered && !rests) this.#replay.showLatest(); // what is to be seen now is the run
    this.#bar.hidden = rests;
    if (!rests) this.#group.remove();
    else if (!this.#group.isConnected) this.root.append(this.#group);
    this.#filled.style.transform = `scaleX(${epochs ? Math.min(epoch / epochs, 1) : 0})`;
    this.#bar.setAttribute("aria-valuemax", String(epochs));
    this.#bar.setAttribute("aria-valuenow", String(epoch));
    this.#slider.max = String(Math.max(1, epoch));
    const isHeld = this.#replay.isOnItsWay || (replayed !== null && document.activeElement === this.#slider);
    if (!isHeld) this.#slider.value = String(replayed ?? this.#end);
    this.#fillSlider();
    this.#latest.disabled = replayed === null;
    this.root.dataset.replayed = replayed === null ? "" : String(replayed);
  }

  /** The epoch of the network as the run ended: its last, or the best one, whose weights were restored. */
  get #end() {
    const state = this.#getRun()?.state;
    return state?.latest.weights_epoch?.data[0] ?? state?.header?.epoch ?? 0;
  }

  #fillSlider() {
    const { value, max } = this.#slider;
    this.#slider.style.setProperty("--hl-done", `${(100 * Number(value)) / Number(max)}%`);
  }

  #showPlaying() {
    const { isPlaying } = this.#replay;
    this.#play.textContent = isPlaying ? "❚❚" : "▶";
    this.#play.setAttribute("aria-label", isPlaying ? "Pause replay" : "Play");
  }

  /** @param {?EventTarget} to   what has the focus now; null where nothing has */
  #onFocusOut(to) {
    if (!(to instanceof Element) || this.#group.contains(to) || to.closest(STAYING)) return;
    if (this.#getRun()?.state.replayed !== null) this.#replay.showLatest();
  }

  /** Leave the run as its other watchers see it. */
  destroy() {
    this.#replay.stop();
  }
}
