/** A drawn chart for people who cannot see it: a label of one sentence, and tables of its data. */

import { readChart } from "./chart_reading.js";
import { chartTables } from "./chart_tables.js";
import { chartSentence } from "./chart_words.js";
import { classRegions, valueRegions } from "./region_words.js";

/** @typedef {import("./chart_tables.js").ChartTable} ChartTable */
/** @typedef {{sentence: string, tables: () => ChartTable[]}} ChartDescription */
/** @typedef {{feed: Feed, source: FeedSource}} DrawnFeed */

/**
 * Describe a drawn chart. The tables are made when they are asked for.
 *
 * @param {PlotlyElement} plot
 * @param {DrawnFeed[]} [drawn]   what its feeds have brought
 * @returns {ChartDescription}
 */
export function describeChart(plot, drawn = []) {
  const traces = plot._fullData ?? [];
  const chart = readChart(traces, plot.layout ?? {});
  const images = drawn.filter(({ feed }) => feed.kind === "class_image" || feed.kind === "value_image");
  // A grid of many boundaries says in words what each of them is.
  const more = images.length === 1 ? regions(images[0], traces, plot.layout) : [];
  return { sentence: chartSentence(chart, more), tables: () => chartTables(chart) };
}

/**
 * Give a chart its label. What is drawn within it is then no more read letter by letter.
 *
 * @param {HTMLElement} host
 * @param {string} title
 * @param {string} sentence
 */
export function labelChart(host, title, sentence) {
  const label = `${title}. ${sentence}`;
  host.setAttribute("role", "img");
  if (host.getAttribute("aria-label") !== label) host.setAttribute("aria-label", label);
}

/**
 * @param {DrawnFeed} image
 * @param {PlotlyTrace[]} traces
 * @param {PlotlyLayout} layout
 */
function regions({ feed, source }, traces, layout) {
  if (typeof source !== "object" || Array.isArray(source)) return [];
  if (feed.kind === "class_image") return classRegions(source, feed.colours, traces, layout.images[feed.image]);
  return valueRegions(source, traces);
}
