/**
 * The live stream of a run: one WebSocket for each address, shared by all parts of the page that watch it; where none
 * can be opened, one request after another.
 *
 * It asks, has the frame drawn in an animation frame, and asks again. So it never asks for more than is drawn, and a
 * hidden tab, which gets no animation frames, stops by itself and continues when a person looks at it again.
 */

import { decodeFrame } from "./frame_decoder.js";
import { FrameSocket } from "./frame_socket.js";

const RETRY_FIRST_MS = 500;
const RETRY_MOST_MS = 5000;
const ANSWER_MOST_MS = 30000; // the server answers within 3 s; after this long the connection is dead
const REQUEST_EVERY_MS = 10000; // a WebSocket does not learn that its browser has got another cookie; a request does
const FIGURES_MOST_MS = 3000; // to wait for the figures; they may have failed to load
const NOT_FOUND = 404;
const GONE = new Set([403, 404, 410]);
const UNDER_WAY = new Set(["queued", "running"]);

/** @typedef {import("./frame_socket.js").Answer} Answer */
/** @typedef {(state: RunState) => void} Listener */
/**
 * @typedef {object} Stream
 * @property {string} url
 * @property {RunState} state
 * @property {string} ticket   to claim the run with, if the browser has got another cookie; "" if not known
 * @property {boolean} hasClaimed   whether that was tried
 * @property {?FrameSocket} socket
 * @property {boolean} hasSockets   whether no WebSocket has failed to open
 * @property {number} requestedAt   when the last request was made, by `performance.now`, or the stream
 * @property {number} seq   of the last frame, which the server need not send again
 * @property {Map<Listener, boolean>} listeners   with whether each looks inside the network
 * @property {AbortController} closing   aborted when the stream ends
 * @property {AbortController} changing   aborted when the waiting request asks for too little
 */

/** @type {Map<string, Stream>} by address */
const streams = new Map();
/** @type {Map<string, string>} by the address of a stream: what shows that this page was given its run */
const tickets = new Map();
const isEmbedded = new URLSearchParams(location.search).get("embed") === "true"; // there is no cookie then

/**
 * Return the state of a run that nothing is known of.
 *
 * @returns {RunState}
 */
export function emptyRun() {
  const latest = {};
  return {
    header: null,
    history: {},
    rows: 0,
    latest,
    arrays: latest,
    replayed: null,
    connection: "live",
    received: 0,
    bytes: 0,
  };
}

/**
 * Return whether a run with this status is waiting or training. In any other, nothing changes until a person acts.
 *
 * @param {string} status
 */
export function isUnderWay(status) {
  return UNDER_WAY.has(status);
}

/**
 * Return what a request about a run shows: the browser's cookie, and on an embedded page the ticket in its place.
 *
 * @param {string} url   of its stream
 * @returns {RequestInit}
 */
export function credentialsOf(url) {
  const ticket = tickets.get(url);
  return { credentials: "same-origin", headers: isEmbedded && ticket ? { "X-Hidden-Layers-Ticket": ticket } : {} };
}

/**
 * Watch the stream at an address; it is closed when its last watcher leaves.
 *
 * @param {string} url
 * @param {Listener} listener   called in an animation frame whenever something is new
 * @param {boolean} [inside]   whether the watcher needs the weights and what the layers compute
 * @param {string} [ticket]   with which the run can be claimed
 * @returns {WatchedRun}
 */
export function watchStream(url, listener, inside = false, ticket = "") {
  if (ticket) tickets.set(url, ticket);
  const known = streams.get(url);
  const stream = known ?? newStream(url);
  if (ticket && !stream.hasClaimed) stream.ticket = ticket;
  if (known && inside && !looksInside(known)) {
    known.seq = 0; // the frames so far lack something
    known.changing.abort(); // and so would the answer to the waiting request
  }
  stream.listeners.set(listener, inside);
  if (!known) {
    streams.set(url, stream);
    void poll(stream);
  }
  return {
    url,
    state: stream.state,
    show: (replayed) => show(stream, replayed),
    release() {
      stream.listeners.delete(listener);
      if (stream.listeners.size || stream.closing.signal.aborted) return;
      stream.closing.abort();
      stream.socket?.close();
      streams.delete(url);
    },
  };
}

/**
 * @param {string} url
 * @returns {Stream}
 */
function newStream(url) {
  const [closing, changing] = [new AbortController(), new AbortController()];
  const sockets = { socket: null, hasSockets: true, requestedAt: performance.now() };
  const claims = { ticket: "", hasClaimed: false };
  return { url, ...claims, ...sockets, state: emptyRun(), seq: 0, listeners: new Map(), closing, changing };
}

/** @param {Stream} stream */
function looksInside({ listeners }) {
  return [...listeners.values()].some(Boolean);
}

/**
 * @param {Stream} stream
 * @param {{epoch: number, arrays: FrameArrays} | null} replayed
 */
function show(stream, replayed) {
  const { state } = stream;
  state.replayed = replayed?.epoch ?? null;
  state.arrays = replayed ? { ...state.latest, ...replayed.arrays } : state.latest;
  notify(stream);
}

/** @param {Stream} stream */
async function poll(stream) {
  const { state, closing } = stream;
  let wait = RETRY_FIRST_MS;
  let asking = ask(stream);
  while (state.connection !== "gone") {
    try {
      const answer = await asking;
      await new Promise((resolve) => requestAnimationFrame(resolve));
      if (!state.received) await untilFiguresFollow(stream.url);
      take(stream, answer);
      wait = RETRY_FIRST_MS;
    } catch (error) {
      if (closing.signal.aborted) return;
      if (stream.changing.signal.aborted) {
        stream.changing = new AbortController();
        stream.seq = 0; // an answer that was here already may have set it
      } else {
        console.warn("Live stream:", error);
        state.connection = "reconnecting";
        notify(stream);
        await new Promise((resolve) => setTimeout(resolve, wait));
        wait = Math.min(2 * wait, RETRY_MOST_MS);
      }
      asking = ask(stream);
      continue;
    }
    if (closing.signal.aborted) return;
    if (!isGone(state)) asking = ask(stream); // on its way while this frame is drawn
    asking.catch(() => {}); // awaited above, perhaps only after it has failed
    notify(stream);
  }
}

/**
 * Wait until the page's figures follow a stream too, so that its first frame, which may be the last of a short run, is
 * shown by all parts at once.
 *
 * @param {string} url
 */
async function untilFiguresFollow(url) {
  const latest = performance.now() + FIGURES_MOST_MS;
  const lag = () => [...document.querySelectorAll(".hl-figures")].some((root) => root instanceof HTMLElement && root.dataset.stream !== url);
  while (lag() && performance.now() < latest) await new Promise((resolve) => requestAnimationFrame(resolve));
}

/**
 * Separate, so that TypeScript does not take the loop's condition for still true.
 *
 * @param {RunState} state
 */
function isGone({ connection }) {
  return connection === "gone";
}

/**
 * Ask for what is new.
 *
 * @param {Stream} stream
 * @returns {Promise<Answer>}
 * @throws {Error} if there is no answer.
 */
async function ask(stream) {
  const { state, seq, closing, changing } = stream;
  const generation = state.header?.generation ?? 0;
  const inside = looksInside(stream) ? "&inside=1" : "";
  const query = `seq=${seq}&generation=${generation}&rows=${state.rows}${inside}`;
  const ticket = isEmbedded ? `&ticket=${tickets.get(stream.url) ?? ""}` : "";
  const signal = AbortSignal.any([closing.signal, changing.signal, AbortSignal.timeout(ANSWER_MOST_MS)]);
  return (await askSocket(stream, query + ticket, signal)) ?? askServer(stream, query, signal);
}

/**
 * Ask over the stream's WebSocket, and open one where there is none.
 *
 * @param {Stream} stream
 * @param {string} query
 * @param {AbortSignal} signal
 * @returns {Promise<Answer | null>} null where the connection fails, so that a request says why, or one is due
 * @throws {Error} if the signal is aborted.
 */
async function askSocket(stream, query, signal) {
  if (!stream.hasSockets || performance.now() - stream.requestedAt > REQUEST_EVERY_MS) return null;
  if (!stream.socket || stream.socket.isClosed) stream.socket = new FrameSocket(stream.url);
  const { socket } = stream;
  try {
    return await socket.ask(query, signal);
  } catch (error) {
    if (signal.aborted) throw error;
    stream.hasSockets = socket.hasOpened;
    return null;
  }
}

/**
 * Ask by a request.
 *
 * @param {Stream} stream
 * @param {string} query
 * @param {AbortSignal} signal
 * @returns {Promise<Answer>}
 * @throws {Error} if there is no answer.
 */
async function askServer(stream, query, signal) {
  const { url } = stream;
  stream.requestedAt = performance.now();
  const answer = await fetch(`${url}?${query}`, { ...credentialsOf(url), cache: "no-store", signal });
  if (answer.status === NOT_FOUND && (await claim(stream))) return ask(stream);
  if (answer.ok) stream.hasClaimed = false; // a later cookie may take the run's place once more
  return { status: answer.status, body: await answer.arrayBuffer() };
}

/**
 * Claim the run for the cookie that the browser has now: two first tabs of a browser get two, and it keeps one.
 *
 * @param {Stream} stream
 * @returns {Promise<boolean>} whether it is this browser's now
 */
async function claim(stream) {
  const { url, ticket, hasClaimed, closing } = stream;
  if (!ticket || hasClaimed) return false;
  const answer = await fetch(url.replace(/\/frames$/, "/claim"), {
    method: "POST",
    credentials: "same-origin",
    headers: { "X-Hidden-Layers-Ticket": ticket },
    signal: AbortSignal.any([closing.signal, AbortSignal.timeout(ANSWER_MOST_MS)]),
  });
  stream.hasClaimed = true;
  return answer.ok;
}

/**
 * Take an answer into the state.
 *
 * @param {Stream} stream
 * @param {Answer} answer
 * @throws {Error} if the answer is neither a frame nor one that says there is none.
 */
function take(stream, { status, body }) {
  const { state } = stream;
  if (GONE.has(status)) {
    state.connection = "gone";
    return;
  }
  if (status === 200) stream.seq = takeFrame(state, body);
  else if (status !== 204) throw new Error(`The server answered ${status}.`);
  state.connection = "live";
}

/**
 * Take a frame into the state and return its number. A new generation starts a new history; rows that are known
 * already are overwritten; an array that has not changed is not sent again.
 *
 * @param {RunState} state
 * @param {ArrayBuffer} body
 */
function takeFrame(state, body) {
  const { header, arrays, history } = decodeFrame(body);
  if (state.header?.generation !== header.generation) Object.assign(state, { history: {}, rows: 0 });
  state.header = header;
  Object.assign(state.latest, arrays);
  if (header.first_row <= state.rows) {
    for (const [name, values] of Object.entries(history)) {
      extend((state.history[name] ??= []), header.first_row, values);
    }
  }
  const lengths = Object.values(state.history).map((column) => column.length);
  state.rows = lengths.length ? Math.min(...lengths) : 0;
  state.received += 1;
  state.bytes += body.byteLength;
  return header.seq;
}

/**
 * Replace what a column has from a row on.
 *
 * @param {number[]} column
 * @param {number} first
 * @param {Float32Array} values
 */
function extend(column, first, values) {
  column.length = first;
  for (const value of values) column.push(value);
}

/**
 * Return whether the server no longer knows the run of a stream that the page has left: it was started again since.
 *
 * @param {string} url
 */
export async function isLost(url) {
  try {
    const query = "?seq=0&generation=0&rows=0";
    const answer = await fetch(url + query, { method: "HEAD", ...credentialsOf(url), cache: "no-store" });
    return answer.status === NOT_FOUND;
  } catch {
    return false; // nobody knows
  }
}

/** @param {Stream} stream */
function notify({ state, listeners }) {
  const current = [...listeners.keys()]; // a listener may leave
  for (const listener of current) {
    try {
      listener(state);
    } catch (error) {
      console.error("Live panel:", error); // a drawing that fails must not end the stream
    }
  }
}
