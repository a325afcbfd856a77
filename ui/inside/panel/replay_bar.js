/** The slider that takes all that is drawn of the network back to an epoch from before, and lets go again. */

import { element } from "./dom.js";
import { decodeFrame } from "./frame_decoder.js";

const PLAYED_STEPS = 120; // of which a whole run is played in
const STEP_MS = 60; // between two of them, at least
const SAID = [410, 503]; // answers whose text is for the person: what is gone, or busy
const LOST = "That epoch could not be shown.";

export class Replay {
  #wanted = null; // the epoch that is asked for next
  #asking = false;
  #playing = false;

  /** @param {() => ?object} watched   what watchStream returned, or null */
  constructor(watched) {
    this.watched = watched;
    this.root = element("div", "hl-replay", { role: "group", "aria-label": "Replay" });
    this.playButton = this.#button("Play", () => this.#togglePlay());
    const words = "Epoch that is looked at";
    this.slider = element("input", "", { type: "range", min: 0, max: 1, step: 1, "aria-label": words });
    this.slider.addEventListener("input", () => {
      this.#stop();
      this.#go(Number(this.slider.value));
    });
    this.epoch = element("span", "hl-epoch");
    this.liveButton = this.#button("Live", () => this.live());
    this.notice = element("span", "hl-message", { role: "alert" });
    this.root.append(this.playButton, this.slider, this.epoch, this.liveButton, this.notice);
  }

  #button(words, onclick) {
    const button = element("button", "hl-button", { type: "button" }, words);
    button.addEventListener("click", onclick);
    return button;
  }

  /** Show where the run is, and where in it one looks. */
  show({ header, replayed }) {
    const last = header?.epoch ?? 0;
    this.slider.max = Math.max(1, last);
    this.slider.disabled = this.playButton.disabled = last < 1;
    if (replayed === null && this.#wanted === null) this.slider.value = last;
    else if (this.#wanted === null && document.activeElement !== this.slider) this.slider.value = replayed;
    const epoch = replayed ?? last;
    this.epoch.textContent = replayed === null ? `live, epoch ${epoch}` : `back at epoch ${epoch}`;
    this.root.dataset.replayed = replayed ?? "";
    this.liveButton.disabled = replayed === null;
    this.playButton.textContent = this.#playing ? "Pause replay" : "Play";
  }

  /** Let go: everything follows the run again. */
  live() {
    this.#stop();
    this.#wanted = null;
    this.notice.textContent = "";
    this.watched()?.show(null);
  }

  #togglePlay() {
    if (this.#playing) {
      this.#stop();
      this.show(this.watched().state);
      return;
    }
    const state = this.watched()?.state;
    if (!state?.header) return;
    this.#playing = true;
    const at = state.replayed ?? Infinity;
    void this.#play(at < state.header.epoch ? at : 0);
  }

  #stop() {
    this.#playing = false;
  }

  async #play(from) {
    let epoch = from;
    while (this.#playing) {
      const last = this.watched()?.state.header?.epoch ?? 0;
      if (epoch > last) break;
      const started = performance.now();
      await this.#fetch(epoch);
      epoch += Math.max(1, Math.round(last / PLAYED_STEPS));
      await new Promise((resolve) => setTimeout(resolve, STEP_MS - (performance.now() - started)));
    }
    if (this.#playing) this.live(); // it has come to where the run is
  }

  /** Ask for an epoch; while an answer is on its way, for the last one that was wanted. */
  async #go(epoch) {
    this.#wanted = epoch;
    if (this.#asking) return;
    this.#asking = true;
    while (this.#wanted !== null) {
      const wanted = this.#wanted;
      await this.#fetch(wanted, () => this.#wanted !== null);
      if (this.#wanted === wanted) this.#wanted = null;
    }
    this.#asking = false;
  }

  /** Show the kept epoch next to one, unless `isMeant` is no longer so when it comes. */
  async #fetch(epoch, isMeant = () => this.#playing) {
    const watched = this.watched();
    if (!watched) return;
    try {
      const url = watched.url.replace(/\/frames$/, "/replay");
      const answer = await fetch(`${url}?epoch=${epoch}&inside=1`, { credentials: "same-origin", cache: "no-store" });
      if (!answer.ok) {
        this.#fail(SAID.includes(answer.status) ? await answer.text() : LOST, answer.status);
        return;
      }
      const { header, arrays } = decodeFrame(await answer.arrayBuffer());
      if (!isMeant() || watched !== this.watched()) return;
      this.notice.textContent = "";
      // What is measured of the levels is not kept, so there is none for an epoch from before.
      watched.show({ epoch: header.epoch, arrays: { separable: undefined, ...arrays } });
    } catch (error) {
      this.#fail(LOST, error);
    }
  }

  #fail(words, reason) {
    console.warn("Replay:", reason);
    this.#stop();
    this.notice.textContent = words;
  }

  destroy() {
    this.#stop();
    this.#wanted = null;
  }
}
