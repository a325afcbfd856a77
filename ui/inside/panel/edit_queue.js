/** Changes by hand on their way to Python: told until it has taken them, once each and in order. */

const AGAIN_MS = 2000;

export class Changes {
  #panel = `${performance.timeOrigin + performance.now()}`; // two panels of one page may not be taken for one another
  #last = 0;

  /** @param {(message: {panel: string, changes: object[]}) => void} tell */
  constructor(tell) {
    this.tell = tell;
    this.waiting = [];
  }

  /** @param {object} change   {token, kind, …} as in unit_card.js */
  add(change) {
    this.#last += 1;
    this.waiting.push({ ...change, number: this.#last });
    this.#tellAll();
  }

  /** @param {?{panel: string, number: number}} taken   what Python has taken last, of whichever panel */
  onTaken(taken) {
    if (taken?.panel !== this.#panel) return;
    this.waiting = this.waiting.filter(({ number }) => number > taken.number);
    if (!this.waiting.length) clearTimeout(this.again);
  }

  /** Of two messages that come while the page runs, Streamlit keeps the last, so each holds all that waits. */
  #tellAll() {
    clearTimeout(this.again);
    if (!this.waiting.length) return;
    this.tell({ panel: this.#panel, changes: this.waiting });
    this.again = setTimeout(() => this.#tellAll(), AGAIN_MS);
  }

  destroy() {
    clearTimeout(this.again);
  }
}
