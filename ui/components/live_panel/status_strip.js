/** The line above the figures: status, epochs, speed, message. */

import { emptyRun, isUnderWay, watchStream } from "./run_stream.js";
import { element } from "./dom.js";

const READY = "Press Train";
const SPOKEN = { role: "status", "aria-live": "polite" };
const AGAIN_MS = 5000; // until Python is told again
const CONNECTIONS = { live: "", reconnecting: "Reconnecting…", gone: "This run is no longer on the server." };

export class StripPart {
  constructor(root) {
    this.root = root;
    this.reported = null; // what Python was last told
    this.status = element("span", "hl-status", SPOKEN);
    this.message = element("span", "hl-message", SPOKEN);
    this.epoch = element("span", "hl-epoch");
    this.speed = element("span", "hl-speed");
    this.filled = element("div", "hl-filled");
    this.bar = element("div", "hl-bar", { role: "progressbar", "aria-label": "Epochs done", "aria-valuemin": 0 });
    this.bar.append(this.filled);
    const line = element("div", "hl-line");
    line.append(this.status, this.epoch, this.bar, this.speed, this.message);
    root.append(line);
    root.dataset.frames = 0;
  }

  update(args) {
    const before = this.args?.data;
    this.args = args;
    if (!before || before.stream !== args.data.stream || placeOf(before) !== placeOf(args.data)) this.forgetReport();
    if (!before || before.stream !== args.data.stream) this.watch(args.data.stream);
    this.show(this.watched?.state ?? emptyRun());
  }

  watch(stream) {
    this.watched?.release();
    this.watched = stream ? watchStream(stream, (state) => this.onState(state)) : null;
  }

  onState(state) {
    this.show(state);
    this.report(state);
    this.root.dataset.frames = Number(this.root.dataset.frames) + 1;
    Object.assign(this.root.dataset, { received: state.received, bytes: state.bytes });
  }

  show(state) {
    const { data } = this.args;
    const header = state.header ?? { status: data.status, epoch: 0, epochs: data.epochs, ms_per_epoch: null };
    const status = data.stream ? (header.status ?? "") : "ready";
    const epochs = Math.max(header.epochs ?? 0, 0);
    const done = epochs ? Math.min(header.epoch / epochs, 1) : 0;
    setText(this.status, data.stream ? asWords(status) : (data.ready ?? READY));
    setText(this.message, CONNECTIONS[state.connection] || header.message || "");
    setText(this.epoch, `epoch ${header.epoch} / ${epochs}`);
    setText(this.speed, speedText(header.ms_per_epoch));
    this.filled.style.transform = `scaleX(${done})`;
    this.bar.setAttribute("aria-valuemax", epochs);
    this.bar.setAttribute("aria-valuenow", header.epoch);
    Object.assign(this.root.dataset, { status, connection: state.connection, epoch: header.epoch, seq: header.seq ?? 0 });
  }

  /**
   * Tell Python where the run is, if the page was not drawn for that. Repeat it after a while, because Streamlit can
   * lose a trigger: if a widget of a fragment changes in the same batch, it runs that fragment and not the page.
   */
  report({ connection, header }) {
    const run = connection === "gone" ? { status: "gone" } : header;
    if (!run) return;
    const place = placeOf(run);
    if (place === placeOf(this.args.data) || place === this.reported) return;
    this.forgetReport();
    this.reported = place;
    this.args.setTriggerValue("status", run.status);
    this.again = setTimeout(() => {
      this.reported = null;
      this.report(this.watched.state);
    }, AGAIN_MS);
  }

  forgetReport() {
    this.reported = null;
    clearTimeout(this.again);
  }

  destroy() {
    this.forgetReport();
    this.watched?.release();
  }
}

/** Return what the page depends on: its buttons on the status, its figures on the epoch at which a run rests. */
function placeOf({ status, generation, epoch }) {
  return isUnderWay(status) ? status : `${status} ${generation} ${epoch}`;
}

/** Writing the same text again would make screen readers speak again. */
function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function asWords(status) {
  const words = status.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function speedText(ms) {
  if (ms === null || ms === undefined) return "";
  const digits = ms < 10 ? 1 : 0;
  return ms < 1000 ? `${ms.toFixed(digits)} ms per epoch` : `${(ms / 1000).toFixed(1)} s per epoch`;
}
