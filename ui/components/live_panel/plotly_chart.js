/** One Plotly figure on the page: built once, then only updated. */

import { describeChart } from "./chart_description.js";
import { enlarge } from "./enlarge.js";
import { feedSource, feedUpdate, INTERVAL_MS } from "./feed_updates.js";
import { saveFigure } from "./figure_buttons.js";
import { scale } from "./presenter.js";
import { themedTemplate } from "./theme.js";

const RESIZE_WAIT_MS = 60;
const CONFIG = {
  displaylogo: false,
  displayModeBar: false,
  doubleClick: "reset",
  showTips: false,
};

/** @typedef {{figure: PlotlyFigure, feeds: Record<string, Feed>, options: SwitchOption[]}} FedFigure */

export class PlotlyChart {
  #Plotly;
  #plot;
  #built = ""; // the figure that was built, as text
  #isReady = false;
  #drawnAt = -Infinity;
  #resizes = new ResizeObserver(() => this.#onResize());
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #resizing;
  /** @type {Record<string, Feed>} */
  #feeds = {};
  /** @type {Map<string, {source: FeedSource, length: number}>} what is drawn, by feed */
  #drawn = new Map();
  /** @type {?Theme} */
  #theme = null;

  /**
   * @param {PlotlyLibrary} Plotly
   * @param {HTMLElement} host   an empty element; the figure fills it
   */
  constructor(Plotly, host) {
    this.#Plotly = Plotly;
    this.#plot = /** @type {PlotlyElement} */ (host);
  }

  /** Whether there is a figure. */
  get isReady() {
    return this.#isReady;
  }

  /**
   * Draw a figure with the chosen options and what its feeds have; do nothing if it is the one that is drawn already.
   * An existing chart changes only where the figures differ: nothing goes blank, and a person's zoom lasts as long as
   * the figure's `uirevision`.
   *
   * @param {FedFigure} fed
   * @param {RunState} state
   * @param {Theme} theme
   */
  async build({ figure, feeds, options }, state, theme) {
    const text = JSON.stringify([figure, feeds, theme, scale()]);
    if (text === this.#built) return;
    this.#built = text;
    this.#feeds = feeds;
    this.#theme = theme;
    const { data, layout } = /** @type {PlotlyFigure} */ (JSON.parse(text)[0]); // a copy, which Plotly may change
    layout.template = themedTemplate(layout.template, theme);
    enlarge(data, layout, scale());
    Object.assign(layout, this.#size()); // with a given size, Plotly does not measure the page at every frame
    if (matchMedia("(pointer: coarse)").matches) layout.dragmode = false; // a finger on a chart scrolls the page
    for (const option of options) applyOption(data, layout, option);
    applyUpdate(data, layout, this.#takeUpdate(state, Object.keys(feeds)));
    await this.#Plotly.react(this.#plot, data, layout, CONFIG);
    if (this.#isReady) return;
    this.#isReady = true;
    this.#resizes.observe(this.#plot);
  }

  /** The shortest time between two drawings; 0 for a chart that is cheap enough for every frame. */
  get interval() {
    return Math.max(0, ...Object.values(this.#feeds).map(({ kind }) => INTERVAL_MS[kind]));
  }

  /** When the chart may be drawn again. */
  get dueAt() {
    return this.#drawnAt + this.interval;
  }

  /** The earliest epoch of what is drawn of the network; null where that is nothing. */
  get epoch() {
    const epochs = [...this.#drawn.values()].flatMap(({ source }) => epochOf(source));
    return epochs.length ? Math.min(...epochs) : null;
  }

  /** Whether a person is dragging on it; drawing would end that. */
  get isHeld() {
    return Boolean(this.#plot._dragging);
  }

  /**
   * Return whether a feed has something new.
   *
   * @param {RunState} state
   */
  hasNews(state) {
    return this.#isReady && this.#newFeeds(state).length > 0;
  }

  /**
   * Draw what has come since the last drawing.
   *
   * @param {RunState} state
   */
  draw(state) {
    const { traces, layout } = this.#takeUpdate(state, this.#newFeeds(state));
    const indices = Object.keys(traces).map(Number);
    if (indices.length) {
      this.#Plotly.update(this.#plot, byAttribute(Object.values(traces)), layout, indices);
    } else if (Object.keys(layout).length) {
      this.#Plotly.relayout(this.#plot, layout);
    }
  }

  /** @param {RunState} state */
  #newFeeds(state) {
    return Object.entries(this.#feeds)
      .filter(([name, feed]) => {
        const [drawn, source] = [this.#drawn.get(name), feedSource(name, feed, state)];
        return drawn?.source !== source || drawn?.length !== lengthOf(source);
      })
      .map(([name]) => name);
  }

  /**
   * Return one update of the named feeds, and note them as drawn.
   *
   * @param {RunState} state
   * @param {string[]} names
   * @returns {FigureUpdate}
   */
  #takeUpdate(state, names) {
    if (!this.#theme) throw new Error("A chart can be updated once it is built.");
    /** @type {FigureUpdate} */
    const update = { traces: {}, layout: {} };
    for (const name of names) {
      const source = feedSource(name, this.#feeds[name], state);
      const { traces, layout } = feedUpdate(this.#feeds[name], source, this.#theme);
      Object.assign(update.traces, traces);
      Object.assign(update.layout, layout);
      this.#drawn.set(name, { source, length: lengthOf(source) });
    }
    this.#drawnAt = performance.now();
    return update;
  }

  /**
   * Apply a switch's option.
   *
   * @param {SwitchOption} option
   */
  choose({ trace, traces, layout }) {
    if (traces.length) this.#Plotly.update(this.#plot, trace, layout, traces);
    else this.#Plotly.relayout(this.#plot, layout);
  }

  /**
   * Have the browser save the figure as it is shown.
   *
   * @param {import("./figure_buttons.js").FileFormat} format
   * @param {string} filename
   */
  async save(format, filename) {
    const background = this.#theme?.background ?? "#ffffff";
    await saveFigure(this.#Plotly, this.#plot, { format, filename, background });
  }

  /** Return what the chart shows, in words and tables. */
  describe() {
    return describeChart(
      this.#plot,
      [...this.#drawn].map(([name, { source }]) => ({ feed: this.#feeds[name], source })),
    );
  }

  /**
   * Return a place on the page in the units of the axes, or null if it is not between them.
   *
   * @param {number} clientX
   * @param {number} clientY
   * @returns {?[number, number]}
   */
  locate(clientX, clientY) {
    const box = this.#plot.querySelector(".nsewdrag")?.getBoundingClientRect();
    if (!this.#isReady || !box) return null;
    const across = (clientX - box.left) / box.width;
    const up = (box.bottom - clientY) / box.height;
    if (Math.min(across, up) < 0 || Math.max(across, up) > 1) return null; // in the margin
    const { xaxis, yaxis } = this.#plot.layout;
    return [between(xaxis.range, across), between(yaxis.range, up)];
  }

  /** Return the size that the page gives the chart; nothing while it is hidden. */
  #size() {
    const { clientWidth: width, clientHeight: height } = this.#plot;
    return width && height ? { width, height } : {};
  }

  #onResize() {
    clearTimeout(this.#resizing);
    this.#resizing = setTimeout(() => {
      const { width, height } = this.#plot.layout;
      const now = this.#size();
      if (now.width && (now.width !== width || now.height !== height)) this.#Plotly.relayout(this.#plot, now);
    }, RESIZE_WAIT_MS);
  }

  destroy() {
    this.#resizes.disconnect();
    clearTimeout(this.#resizing);
    this.#Plotly.purge(this.#plot);
  }
}

/**
 * A column of the history grows in place, so that its length tells whether it has changed.
 *
 * @param {FeedSource} source
 */
function lengthOf(source) {
  return Array.isArray(source) ? source.length : 0;
}

/**
 * Return the epoch that an array of a frame belongs to, as a list; an empty one for everything else.
 *
 * @param {FeedSource} source
 */
function epochOf(source) {
  if (typeof source !== "object" || Array.isArray(source) || source.epoch === null) return [];
  return [source.epoch];
}

/**
 * Turn `[{x, y}, {x, y}]` of some traces into Plotly's `{x: [x, x], y: [y, y]}`.
 *
 * @param {Record<string, unknown>[]} traces
 */
function byAttribute(traces) {
  return Object.fromEntries(Object.keys(traces[0]).map((name) => [name, traces.map((trace) => trace[name])]));
}

/**
 * Apply an update of feeds to a figure that is not drawn yet.
 *
 * @param {PlotlyTrace[]} data
 * @param {PlotlyLayout} layout
 * @param {FigureUpdate} update
 */
function applyUpdate(data, layout, update) {
  for (const [index, values] of Object.entries(update.traces)) Object.assign(data[Number(index)], values);
  for (const [path, value] of Object.entries(update.layout)) setPath(layout, path, value);
}

/**
 * Apply a switch's option to a figure that is not drawn yet, as `Plotly.update` does to one that is.
 *
 * @param {PlotlyTrace[]} data
 * @param {PlotlyLayout} layout
 * @param {SwitchOption} option
 */
function applyOption(data, layout, option) {
  option.traces.forEach((index, position) => {
    for (const [path, value] of Object.entries(option.trace)) {
      setPath(data[index], path, Array.isArray(value) ? value[position] : value);
    }
  });
  for (const [path, value] of Object.entries(option.layout)) setPath(layout, path, value);
}

/**
 * Set "yaxis.type" or "images[0].source" in nested objects.
 *
 * @param {Record<string, any>} object
 * @param {string} path
 * @param {unknown} value
 */
function setPath(object, path, value) {
  const keys = path.split(/[.[\]]+/).filter(Boolean);
  const parent = keys.slice(0, -1).reduce((inner, key) => (inner[key] ??= {}), object);
  parent[keys[keys.length - 1]] = value;
}

/**
 * @param {[number, number]} range
 * @param {number} share
 */
function between([low, high], share) {
  return low + (high - low) * share;
}
