/** Changes by hand on their way to Python: sent until Python has taken them, once each and in order. */

const AGAIN_MS = 2000;

/**
 * A change that a person makes.
 *
 * @typedef {{kind: "set", name: string, index: number[], value: number}
 *   | {kind: "silence" | "freeze", layer: number, unit: number, on: boolean}
 *   | {kind: "undo"}} Change
 */
/** @typedef {Change & {token: string, number: number}} QueuedChange   of which run, and its number in this queue */
/** @typedef {{panel: string, number: number}} TakenChange */

export class EditQueue {
  #panel = `${performance.timeOrigin + performance.now()}`; // distinguishes the queues of several panels
  #last = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** @type {QueuedChange[]} */
  waiting = [];

  /** @param {(message: {panel: string, changes: QueuedChange[]}) => void} send */
  constructor(send) {
    this.send = send;
  }

  /**
   * @param {string} token   of the run
   * @param {Change} change
   */
  add(token, change) {
    this.#last += 1;
    this.waiting.push({ ...change, token, number: this.#last });
    this.#sendAll();
  }

  /**
   * Drop what Python has taken.
   *
   * @param {?TakenChange} taken   the change that Python has taken last, of any panel
   */
  onTaken(taken) {
    if (taken?.panel !== this.#panel) return;
    this.waiting = this.waiting.filter(({ number }) => number > taken.number);
    if (!this.waiting.length) clearTimeout(this.#timer);
  }

  /** Of two messages that come while the page runs, Streamlit keeps the last, so each has all that waits. */
  #sendAll() {
    clearTimeout(this.#timer);
    if (!this.waiting.length) return;
    this.send({ panel: this.#panel, changes: this.waiting });
    this.#timer = setTimeout(() => this.#sendAll(), AGAIN_MS);
  }

  destroy() {
    clearTimeout(this.#timer);
  }
}
