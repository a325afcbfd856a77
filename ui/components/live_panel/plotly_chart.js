/** One figure on the page: built once, then only fed. */

import { INTERVAL_MS, feedSource, feedUpdate } from "./feed_updates.js";
import { saveFigure } from "./save_figure.js";
import { themedTemplate } from "./theme.js";

const RESIZE_WAIT_MS = 60;
const CONFIG = {
  displaylogo: false,
  displayModeBar: false,
  doubleClick: "reset",
  showTips: false,
};

export class Chart {
  /**
   * @param {object} Plotly
   * @param {HTMLElement} host   an empty element; the figure fills it
   */
  constructor(Plotly, host) {
    this.Plotly = Plotly;
    this.host = host;
    this.built = null; // what was built, as text
    this.isReady = false;
    this.feeds = {};
    this.drawn = new Map(); // feed -> what of it is drawn
    this.drawnAt = -Infinity;
    this.resizes = new ResizeObserver(() => this.onResize());
  }

  /**
   * Draw a figure, with the chosen options and what has come of the run in it; nothing where all is as it was. On a
   * chart that is there already only what differs changes: nothing is blanked, and a person's zoom stays for as long
   * as the figure's `uirevision`.
   */
  async build({ figure, feeds, options }, state, theme) {
    const text = JSON.stringify([figure, feeds, theme]);
    if (text === this.built) return;
    this.built = text;
    this.feeds = feeds;
    this.theme = theme;
    const { data, layout } = JSON.parse(text)[0]; // Plotly writes into what it gets
    layout.template = themedTemplate(layout.template, theme);
    Object.assign(layout, this.size()); // a size of its own saves Plotly from measuring the page at every frame
    if (matchMedia("(pointer: coarse)").matches) layout.dragmode = false; // a finger on a chart scrolls the page
    for (const option of options) applyOption(data, layout, option);
    applyUpdate(data, layout, this.takeUpdate(state, true));
    await this.Plotly.react(this.host, data, layout, CONFIG);
    if (!this.isReady) this.attend();
  }

  /** Begin to answer to what happens to the chart. */
  attend() {
    this.isReady = true;
    this.resizes.observe(this.host);
  }

  /** Shortest time between two drawings; 0 for a chart that is cheap enough for every frame. */
  get interval() {
    return Math.max(0, ...Object.values(this.feeds).map(({ kind }) => INTERVAL_MS[kind]));
  }

  /** When the chart may be drawn again. */
  get dueAt() {
    return this.drawnAt + this.interval;
  }

  /** Whether a person is dragging on it: a drawing would end that. */
  get isHeld() {
    return Boolean(this.host._dragging);
  }

  hasNews(state) {
    return this.isReady && Object.entries(this.feeds).some(([name, feed]) => this.isNew(name, feedSource(name, feed, state)));
  }

  isNew(name, source) {
    const drawn = this.drawn.get(name);
    return drawn?.source !== source || drawn?.length !== source?.length;
  }

  /** Draw what has come since the last drawing. */
  draw(state) {
    const { traces, layout } = this.takeUpdate(state, false);
    const indices = Object.keys(traces).map(Number);
    if (indices.length) {
      this.Plotly.update(this.host, byAttribute(Object.values(traces)), layout, indices);
    } else if (Object.keys(layout).length) {
      this.Plotly.relayout(this.host, layout);
    }
  }

  /** Return one update of the feeds that have something new (or of all), and count them as drawn. */
  takeUpdate(state, all) {
    const update = { traces: {}, layout: {} };
    for (const [name, feed] of Object.entries(this.feeds)) {
      const source = feedSource(name, feed, state);
      if (!all && !this.isNew(name, source)) continue;
      const { traces, layout } = feedUpdate(feed, source, this.theme);
      Object.assign(update.traces, traces);
      Object.assign(update.layout, layout);
      this.drawn.set(name, { source, length: source?.length });
    }
    this.drawnAt = performance.now();
    return update;
  }

  /** Change how the figure shows what it shows. */
  choose({ trace, traces, layout }) {
    if (traces.length) this.Plotly.update(this.host, trace, layout, traces);
    else this.Plotly.relayout(this.host, layout);
  }

  /** Have the browser save the figure as it stands, "png" or "svg", on the page's own background. */
  save(format, filename) {
    return saveFigure(this.Plotly, this.host, format, filename, this.theme.background);
  }

  /** Return the size that the page gives the chart; nothing while it is hidden. */
  size() {
    const { clientWidth: width, clientHeight: height } = this.host;
    return width && height ? { width, height } : {};
  }

  onResize() {
    clearTimeout(this.resizing);
    this.resizing = setTimeout(() => {
      const { width, height } = this.host.layout;
      const now = this.size();
      if (now.width && (now.width !== width || now.height !== height)) this.Plotly.relayout(this.host, now);
    }, RESIZE_WAIT_MS);
  }

  destroy() {
    this.resizes.disconnect();
    clearTimeout(this.resizing);
    this.Plotly.purge(this.host);
  }
}

/** Turn `[{x, y}, {x, y}]` of some traces into Plotly's `{x: [x, x], y: [y, y]}`. */
function byAttribute(traces) {
  return Object.fromEntries(Object.keys(traces[0]).map((name) => [name, traces.map((trace) => trace[name])]));
}

/** Write an update of feeds into a figure that is not drawn yet. */
function applyUpdate(data, layout, update) {
  for (const [index, values] of Object.entries(update.traces)) Object.assign(data[index], values);
  for (const [path, value] of Object.entries(update.layout)) setPath(layout, path, value);
}

/** Write a switch's option into a figure that is not drawn yet, as `Plotly.update` would into one that is. */
function applyOption(data, layout, option) {
  option.traces.forEach((index, position) => {
    for (const [path, value] of Object.entries(option.trace)) {
      setPath(data[index], path, Array.isArray(value) ? value[position] : value);
    }
  });
  for (const [path, value] of Object.entries(option.layout)) setPath(layout, path, value);
}

/** Set "yaxis.type" or "images[0].source" in nested objects. */
function setPath(object, path, value) {
  const keys = path.match(/[^.[\]]+/g);
  const last = keys.pop();
  const parent = keys.reduce((inner, key) => (inner[key] ??= {}), object);
  parent[last] = value;
}
