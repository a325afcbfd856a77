/** The slider that takes everything drawn of the network back to an earlier epoch, and to the latest one again. */

import { createButton, createElement } from "./dom.js";
import { Replay } from "./replay.js";

export class ReplayBar {
  #getRun;
  #replay;
  root = createElement("div", "hl-replay", { role: "group", "aria-label": "Replay" });
  #play = createButton("Play", () => this.#replay.togglePlay());
  #slider = createElement("input", "", { type: "range", min: 0, max: 1, step: 1, "aria-label": "Viewed epoch" });
  #epoch = createElement("span", "hl-epoch");
  #latest = createButton("Latest", () => this.showLatest());
  #notice = createElement("span", "hl-message", { role: "alert" });

  /** @param {() => ?WatchedRun} getRun */
  constructor(getRun) {
    this.#getRun = getRun;
    this.#replay = new Replay(getRun, true, () => this.#showAgain());
    this.#slider.addEventListener("input", () => void this.#replay.goTo(Number(this.#slider.value)));
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
    const isHeld = this.#replay.isOnItsWay || (replayed !== null && document.activeElement === this.#slider);
    if (!isHeld) this.#slider.value = String(replayed ?? last);
    this.#epoch.textContent = replayed === null ? `latest (${last})` : `viewing epoch ${replayed}`;
    this.root.dataset.replayed = replayed === null ? "" : String(replayed);
    this.#latest.disabled = replayed === null;
    this.#play.textContent = this.#replay.isPlaying ? "Pause replay" : "Play";
    this.#notice.textContent = this.#replay.problem;
  }

  #showAgain() {
    const state = this.#getRun()?.state;
    if (state) this.show(state);
  }

  /** Have everything follow the run again. */
  showLatest() {
    this.#replay.showLatest();
  }

  destroy() {
    this.#replay.stop();
  }
}
