/** One WebSocket for the frames of a run, on which every ask is answered by one message. */

const CLOSED = "The connection was closed.";
const OPEN_MOST_MS = 5000; // until it is open; something on the way may neither let it through nor refuse it

/** @typedef {{status: number, body: ArrayBuffer}} Answer   the status as of the same request over HTTP */

export class FrameSocket {
  #socket;
  /** @type {PromiseWithResolvers<Answer> | null} of the ask that waits */
  #asked = null;
  #opened = false;

  /** @param {string} url   of the stream's frames over HTTP */
  constructor(url) {
    const address = new URL(url.replace(/\/frames$/, "/socket"), location.href);
    address.protocol = address.protocol.replace("http", "ws");
    this.#socket = new WebSocket(address);
    this.#socket.binaryType = "arraybuffer";
    const late = setTimeout(() => this.close(), OPEN_MOST_MS);
    this.#socket.addEventListener("open", () => {
      clearTimeout(late);
      this.#opened = true;
    });
    this.#socket.addEventListener("message", ({ data }) => {
      this.#asked?.resolve({ status: data.byteLength ? 200 : 204, body: data });
      this.#asked = null;
    });
    this.#socket.addEventListener("close", () => this.#fail());
  }

  /** Whether it has ever been open: where it was not, something on the way may let no WebSocket through. */
  get hasOpened() {
    return this.#opened;
  }

  get isClosed() {
    return this.#socket.readyState >= WebSocket.CLOSING;
  }

  /**
   * Ask for what is new; one ask at a time.
   *
   * @param {string} query
   * @param {AbortSignal} signal   closes the connection: it would answer an ask that nobody waits for any more
   * @returns {Promise<Answer>}
   * @throws {Error} if the connection is closed before the answer comes, or was by `signal`
   */
  async ask(query, signal) {
    signal.throwIfAborted();
    if (this.isClosed) throw new Error(CLOSED);
    const asked = Promise.withResolvers();
    this.#asked = asked;
    const leave = () => {
      this.close();
      asked.reject(signal.reason);
    };
    signal.addEventListener("abort", leave, { once: true });
    try {
      if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(query);
      else this.#socket.addEventListener("open", () => this.#socket.send(query), { once: true });
      return await asked.promise;
    } finally {
      signal.removeEventListener("abort", leave);
    }
  }

  close() {
    this.#socket.close();
    this.#fail();
  }

  #fail() {
    this.#asked?.reject(new Error(CLOSED));
    this.#asked = null;
  }
}
