/**
 * The live stream of a run: one long poll per address, shared by all parts of the page that watch it.
 *
 * Ask, draw in an animation frame, ask again: the server is never asked for more than is drawn, and a
 * hidden tab, which gets no animation frames, stops by itself and goes on when it is looked at.
 */

import { decodeFrame } from "./frame_decoder.js";

const RETRY_FIRST_MS = 500;
const RETRY_MOST_MS = 5000;
const ANSWER_MOST_MS = 30000; // the server answers within 3 s; so long means that the connection is dead
const GONE = [403, 404, 410];
const UNDER_WAY = ["queued", "running"];

const streams = new Map();

/**
 * What is known of a run.
 * @typedef {object} RunState
 * @property {?object} header   header of the latest frame; null before the first
 * @property {Object<string, number[]>} history   columns by name, all of `rows` rows
 * @property {number} rows
 * @property {Object<string, {data, shape}>} arrays   of every other array what is to be drawn: the latest, or while an
 *   epoch from before is looked at (replay_bar.js), what it was then
 * @property {Object<string, {data, shape}>} latest   the latest of every other array
 * @property {?number} replayed   the epoch from before that is looked at
 * @property {"live"|"reconnecting"|"gone"} connection
 * @property {number} received   frames
 * @property {number} bytes
 */

/** @returns {RunState} of a run nothing is known of. */
export function emptyRun() {
  const latest = {};
  const shown = { arrays: latest, latest, replayed: null };
  return { header: null, history: {}, rows: 0, ...shown, connection: "live", received: 0, bytes: 0 };
}

/** Return whether a run with this status is waiting or training. In any other, nothing changes until a person acts. */
export function isUnderWay(status) {
  return UNDER_WAY.includes(status);
}

/**
 * Watch the stream at `url`; it is closed when its last watcher leaves.
 *
 * @param {string} url
 * @param {(state: RunState) => void} listener called in an animation frame whenever something is new
 * @param {boolean} inside whether weights and what the layers give are wanted too
 * @returns {{url: string, state: RunState, show: (replayed: ?{epoch: number, arrays: object}) => void, release: () => void}}
 *   `show` has all watchers draw what was at an epoch from before, or, without one, follow the run again
 */
export function watchStream(url, listener, inside = false) {
  let stream = streams.get(url);
  if (!stream) {
    const changing = new AbortController();
    const known = { seq: 0, listeners: new Map() }; // `seq`: the frame that the server need not send again
    stream = { url, state: emptyRun(), closing: new AbortController(), changing, ...known };
    streams.set(url, stream);
    stream.listeners.set(listener, inside);
    void poll(stream);
  } else {
    if (inside && !looksInside(stream)) {
      stream.seq = 0; // of the frames that came something was left out
      stream.changing.abort(); // the question that waits does not ask for it
    }
    stream.listeners.set(listener, inside);
  }
  return {
    url,
    state: stream.state,
    show: (replayed) => show(stream, replayed),
    release() {
      stream.listeners.delete(listener);
      if (stream.listeners.size || stream.closing.signal.aborted) return;
      stream.closing.abort();
      streams.delete(url);
    },
  };
}

function looksInside({ listeners }) {
  return [...listeners.values()].some(Boolean);
}

function show(stream, replayed) {
  const { state } = stream;
  state.replayed = replayed?.epoch ?? null;
  state.arrays = replayed ? { ...state.latest, ...replayed.arrays } : state.latest;
  notify(stream);
}

async function poll(stream) {
  const { state, closing } = stream;
  let wait = RETRY_FIRST_MS;
  let asking = ask(stream);
  while (state.connection !== "gone") {
    try {
      const answer = await asking;
      await new Promise((resolve) => requestAnimationFrame(resolve));
      take(stream, answer);
      wait = RETRY_FIRST_MS;
    } catch (error) {
      if (closing.signal.aborted) return;
      if (stream.changing.signal.aborted) {
        stream.changing = new AbortController();
        asking = ask(stream);
        continue;
      }
      console.warn("Live stream:", error);
      state.connection = "reconnecting";
      notify(stream);
      await new Promise((resolve) => setTimeout(resolve, wait));
      wait = Math.min(2 * wait, RETRY_MOST_MS);
      asking = ask(stream);
      continue;
    }
    if (closing.signal.aborted) return;
    if (state.connection !== "gone") asking = ask(stream); // on its way while this frame is drawn
    asking.catch(() => {}); // awaited above, perhaps only after it has failed
    notify(stream);
  }
}

/** Ask for what is new. Returns {status, body}; throws where there was no answer. */
async function ask(stream) {
  const { url, state, seq, closing, changing } = stream;
  const { generation = 0 } = state.header ?? {};
  const inside = looksInside(stream) ? "&inside=1" : "";
  const query = `${url.includes("?") ? "&" : "?"}seq=${seq}&generation=${generation}&rows=${state.rows}${inside}`;
  const answer = await fetch(url + query, {
    credentials: "same-origin",
    cache: "no-store",
    signal: AbortSignal.any([closing.signal, changing.signal, AbortSignal.timeout(ANSWER_MOST_MS)]),
  });
  return { status: answer.status, body: await answer.arrayBuffer() };
}

/** Take an answer into the state; throws where it is no proper one. */
function take(stream, { status, body }) {
  const { state } = stream;
  if (GONE.includes(status)) {
    state.connection = "gone";
    return;
  }
  if (status === 200) {
    accept(state, body);
    stream.seq = state.header.seq;
  } else if (status !== 204) {
    throw new Error(`the server answered ${status}`);
  }
  state.connection = "live";
}

/**
 * Take a frame into the state. A new generation starts the history anew; rows known already are overwritten; an
 * array that has not changed is not sent again.
 */
function accept(state, body) {
  const { header, arrays } = decodeFrame(body);
  if (state.header?.generation !== header.generation) Object.assign(state, { history: {}, rows: 0 });
  state.header = header;
  for (const [name, array] of Object.entries(arrays)) {
    if (!array.history) state.latest[name] = array;
    else if (header.first_row <= state.rows) extend((state.history[name] ??= []), header.first_row, array.data);
  }
  const lengths = Object.values(state.history).map((column) => column.length);
  state.rows = lengths.length ? Math.min(...lengths) : 0;
  state.received += 1;
  state.bytes += body.byteLength;
}

/** Put `values` into a column from row `first` on, in the place of what was there. */
function extend(column, first, values) {
  column.length = first;
  for (const value of values) column.push(value);
}

function notify({ state, listeners }) {
  for (const listener of [...listeners.keys()]) {
    try {
      listener(state);
    } catch (error) {
      console.error("Live panel:", error); // a drawing that fails must not end the stream
    }
  }
}
