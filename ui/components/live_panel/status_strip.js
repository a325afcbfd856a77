/** The line above the figures: status, epoch, progress, time of an epoch, message. */

import { BarKeyboard } from "./bar_keyboard.js";
import { createElement, setText } from "./dom.js";
import { emptyRun, isLost, isUnderWay, watchStream } from "./run_stream.js";
import { Scrubber } from "./scrubber.js";

const SPOKEN = { role: "status", "aria-live": "polite" };
const AGAIN_MS = 5000; // until Python is told again
const LOST = "This run is no longer on the server. Press Train to start it again.";
const CONNECTIONS = { live: "", reconnecting: "Reconnecting…", gone: LOST };

/**
 * Where a run is: what the page is drawn for.
 *
 * @typedef {{status: string, generation: number, epoch: number}} RunPlace
 */
/**
 * @typedef {object} StripOfRun
 * @property {?string} stream   the address of the live stream; null before anything is trained
 * @property {string} ticket   with which the run can be claimed
 * @property {number} epochs   epochs asked for
 * @property {boolean} replays   whether the page has figures that go back to an earlier epoch
 * @property {string} experiment   what the run trains, as the query of an address; "" before anything is trained
 */
/** @typedef {PanelData & RunPlace & StripOfRun} StripData   the place is the one that Python knows */

// Of this tab: Streamlit may put a new strip onto the page when it connects again.
/** @type {?string} the stream that was shown last */
let lastStream = null;
/** @type {?{stream: string, search: string}} the run that the server has lost: its stream, and the page's address then */
let lost = null;

/** @implements {PanelPart<StripData>} */
export class StatusStrip {
  #status = createElement("span", "hl-status", SPOKEN);
  #message = createElement("span", "hl-message", SPOKEN);
  #epoch = createElement("span", "hl-epoch");
  #duration = createElement("span", "hl-duration");
  #scrubber = new Scrubber(
    () => this.#run,
    () => this.#showAgain(),
  );
  #keyboard = new BarKeyboard();
  /** @type {?ComponentCall<StripData>} */
  #call = null;
  /** @type {?WatchedRun} */
  #run = null;
  #frames = 0;
  /** @type {?string} the place that Python was last told */
  #reported = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #again;

  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    const line = createElement("div", "hl-line");
    line.append(this.#status, this.#epoch, this.#scrubber.root, this.#duration, this.#message);
    root.append(line);
    root.dataset.frames = "0";
  }

  /** @param {ComponentCall<StripData>} call */
  update(call) {
    const before = this.#call?.data;
    const { data } = call;
    this.#call = call;
    const isOther = before?.stream !== data.stream;
    if (!before || isOther || placeText(before) !== placeText(data)) this.#forgetReport();
    if (!before || isOther) this.#watch(data);
    const left = lastStream;
    lastStream = data.stream;
    if (data.stream && data.stream !== lost?.stream) lost = null;
    else if (!data.stream && left && left !== lost?.stream) void this.#findOut(left);
    this.#show(data, this.#run?.state ?? emptyRun());
  }

  /** @param {StripData} data */
  #watch({ stream, ticket }) {
    this.#run?.release();
    this.#run = stream ? watchStream(stream, (state) => this.#onState(state), false, ticket) : null;
  }

  /**
   * Find out whether the server has lost the run of a stream, as after a restart. Then this stays said until another
   * run is shown, or another experiment.
   *
   * @param {string} left
   */
  async #findOut(left) {
    const { search } = location;
    if (!(await isLost(left)) || !this.#call || this.#call.data.stream) return;
    lost = { stream: left, search };
    this.#show(this.#call.data, emptyRun());
  }

  /** @param {RunState} state */
  #onState(state) {
    if (!this.#call) return;
    const { stream } = this.#call.data;
    if (stream && state.connection === "gone") lost = { stream, search: location.search };
    this.#show(this.#call.data, state);
    this.#report(this.#call, state);
    this.#frames += 1;
    Object.assign(this.root.dataset, { frames: this.#frames, received: state.received, bytes: state.bytes });
  }

  /**
   * @param {StripData} data
   * @param {RunState} state
   */
  #show(data, { header, connection, replayed }) {
    const epochs = Math.max(header?.epochs ?? data.epochs, 0);
    const epoch = header?.epoch ?? 0;
    const status = data.stream ? (header?.status ?? data.status) : "ready";
    setText(this.#status, capitalized(status.replaceAll("_", " ")));
    const isRunLost = !data.stream && lost?.search === location.search;
    const { problem } = this.#scrubber;
    setText(this.#message, CONNECTIONS[connection] || problem || header?.message || (isRunLost ? LOST : ""));
    setText(this.#epoch, replayed === null ? `epoch ${epoch} / ${epochs}` : `viewing epoch ${replayed}`);
    setText(this.#duration, durationText(header?.ms_per_epoch ?? null));
    this.#scrubber.show({ epoch, epochs, status }, replayed, data.replays);
    const { experiment } = data;
    Object.assign(this.root.dataset, { status, connection, epoch, experiment, seq: header?.seq ?? 0 });
  }

  #showAgain() {
    if (this.#call) this.#show(this.#call.data, this.#run?.state ?? emptyRun());
  }

  /**
   * Tell Python where the run is, if the page was not drawn for that; after a while again, because Streamlit drops
   * a trigger of a fragment that a run of the page has just drawn anew.
   *
   * @param {ComponentCall<StripData>} call
   * @param {RunState} state
   */
  #report(call, { connection, header }) {
    const place = connection === "gone" ? { status: "gone", generation: 0, epoch: 0 } : header;
    if (!place) return;
    const text = placeText(place);
    if (text === placeText(call.data) || text === this.#reported) return;
    this.#forgetReport();
    this.#reported = text;
    call.setTriggerValue("status", place.status);
    this.#again = setTimeout(() => {
      this.#reported = null;
      if (this.#call && this.#run) this.#report(this.#call, this.#run.state);
    }, AGAIN_MS);
  }

  #forgetReport() {
    this.#reported = null;
    clearTimeout(this.#again);
  }

  destroy() {
    this.#forgetReport();
    this.#keyboard.destroy();
    this.#scrubber.destroy();
    this.#run?.release();
  }
}

/**
 * Return a place as text: buttons depend on the status, figures on the epoch at which a run rests.
 *
 * @param {RunPlace} place
 */
function placeText({ status, generation, epoch }) {
  return isUnderWay(status) || status === "gone" ? status : `${status} ${generation} ${epoch}`;
}

/** @param {string} text */
function capitalized(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** @param {?number} milliseconds */
function durationText(milliseconds) {
  if (milliseconds === null) return "";
  if (milliseconds >= 1000) return `${(milliseconds / 1000).toFixed(1)} s per epoch`;
  return `${milliseconds.toFixed(milliseconds < 10 ? 1 : 0)} ms per epoch`;
}
