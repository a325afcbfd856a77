/** A look at a run that shows nothing: without one, a run pauses after a minute, and is forgotten after half an hour. */

import { watchStream } from "./run_stream.js";

/** @typedef {{stream: ?string, ticket: string}} RunOfSession   the address of the live stream, and what claims it */
/** @typedef {PanelData & RunOfSession} WatchData */

/** @implements {PanelPart<WatchData>} */
export class RunWatch {
  /** @type {?string} */
  #stream = null;
  /** @type {?WatchedRun} */
  #run = null;

  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
  }

  /** @param {ComponentCall<WatchData>} call */
  update({ data: { stream, ticket } }) {
    if (stream === this.#stream) return;
    this.#run?.release();
    this.#stream = stream;
    this.#run = stream ? watchStream(stream, () => {}, false, ticket) : null;
  }

  destroy() {
    this.#run?.release();
  }
}
