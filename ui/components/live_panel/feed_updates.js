/**
 * Feeds: how an array of the live frames changes a figure (core/figures/feeds.py).
 *
 * Every function takes a feed and what it draws, which is undefined before anything has come, and returns an update.
 */

import { classImage, pictureImages, valueImage } from "./pixel_images.js";

/**
 * The shortest time between two drawings, by kind of feed. An image costs about 2 ms, the others 20 to 40.
 *
 * @type {Record<FeedKind, number>}
 */
export const INTERVAL_MS = {
  class_image: 0,
  value_image: 0,
  epoch_mark: 100,
  values: 200,
  curve: 250,
  score: 250,
  predictions: 250,
  matrix: 200, // the worker sends these three less often, and then a person should not wait for them any longer
  mistakes: 200,
  pictures: 200,
};

const CURVE_POINTS_MOST = 1000; // there are fewer pixels across

/**
 * Return what a feed draws.
 *
 * @param {string} name   of the array
 * @param {Feed} feed
 * @param {RunState} state
 * @returns {FeedSource}
 */
export function feedSource(name, feed, state) {
  if (feed.kind === "epoch_mark") return state.replayed ?? restoredEpoch(state);
  return feed.kind === "curve" || feed.kind === "score" ? state.history[name] : state.arrays[name];
}

/**
 * Return the epoch whose weights the network has, where a run has ended with those of an earlier one than its last.
 *
 * @param {RunState} state
 */
function restoredEpoch({ latest, rows }) {
  const epoch = latest.weights_epoch?.data[0] ?? rows;
  return epoch < rows ? epoch : undefined;
}

/**
 * Return the update of a figure that draws `source`.
 *
 * @param {Feed} feed
 * @param {any} source   a FeedSource of the feed's kind
 * @param {Theme} theme
 * @returns {FigureUpdate}
 */
export function feedUpdate(feed, source, theme) {
  switch (feed.kind) {
    case "curve":
      return ofTraces({ [feed.trace]: curveTrace(source) });
    case "score":
      return ofLayout({ [`annotations[${feed.annotation}].text`]: scoreText(feed.name, source) });
    case "class_image":
      return imageUpdate(feed.image, source && classImage(source, feed.colours, theme.background));
    case "value_image":
      return imageUpdate(feed.image, source && valueImage(source, feed.colours));
    case "values":
      return valuesUpdate(feed, source);
    case "matrix":
      return matrixUpdate(feed, source);
    case "predictions":
      return predictionsUpdate(feed, source);
    case "mistakes":
      return mistakesUpdate(feed, source);
    case "pictures":
      return picturesUpdate(feed, source);
    case "epoch_mark":
      return epochMarkUpdate(feed, source);
  }
}

/**
 * @param {FigureUpdate["traces"]} traces
 * @returns {FigureUpdate}
 */
const ofTraces = (traces) => ({ traces, layout: {} });

/**
 * @param {FigureUpdate["layout"]} layout
 * @returns {FigureUpdate}
 */
const ofLayout = (layout) => ({ traces: {}, layout });

/** @param {number[] | undefined} column */
function curveTrace(column) {
  if (!column?.length) return { x: [null], y: [null] }; // draws nothing, but keeps the place in the legend
  const rows = drawnRows(column.length);
  return { x: rows.map((row) => row + 1), y: rows.map((row) => column[row]) };
}

/**
 * Return an even choice of rows to draw, with the first and the last.
 *
 * @param {number} count
 */
function drawnRows(count) {
  const drawn = Math.min(count, CURVE_POINTS_MOST);
  const step = drawn > 1 ? (count - 1) / (drawn - 1) : 0;
  return Array.from({ length: drawn }, (_, index) => Math.round(index * step));
}

/**
 * @param {string} name
 * @param {number[] | undefined} column
 */
function scoreText(name, column) {
  const last = column?.at(-1);
  if (last === undefined || !Number.isFinite(last)) return "";
  const digits = Math.abs(last) < 100 ? last.toFixed(3) : last.toPrecision(3);
  return `${name} ${digits.replace("-", "−")}`;
}

/**
 * @param {number} image
 * @param {string | undefined} url
 */
function imageUpdate(image, url) {
  return ofLayout({ [`images[${image}].source`]: url ?? "" });
}

/**
 * @param {FeedOf<"values">} feed
 * @param {FrameArray | undefined} source
 */
function valuesUpdate({ traces, subtract }, source) {
  const differences = (/** @type {number[] | null} */ numbers) =>
    source ? Array.from(source.data, (value, row) => value - (numbers?.[row] ?? 0)) : [null];
  return ofTraces(Object.fromEntries(traces.map((trace, index) => [trace, { y: differences(subtract[index]) }])));
}

/**
 * @param {FeedOf<"matrix">} feed
 * @param {FrameArray | undefined} source
 */
function matrixUpdate(feed, source) {
  if (!source) return ofTraces({ [feed.counts]: { z: [] }, [feed.shares]: { z: [] } });
  const [rows, columns] = source.shape;
  const counts = Array.from({ length: rows }, (_, row) => [...source.data.subarray(row * columns, (row + 1) * columns)]);
  const shares = counts.map((row) => {
    const sum = row.reduce((total, count) => total + count, 0);
    return row.map((count) => count / Math.max(sum, 1));
  });
  return ofTraces({ [feed.counts]: { z: counts }, [feed.shares]: { z: shares } });
}

/**
 * @param {FeedOf<"predictions">} feed
 * @param {FrameArray | undefined} source
 */
function predictionsUpdate({ trace, true_labels: trueLabels, right, wrong }, source) {
  const text = trueLabels.map((label, index) => {
    if (!source) return "–";
    const predicted = source.data[index];
    return (predicted === label ? right : wrong)[predicted] ?? "–";
  });
  return ofTraces({ [trace]: { text } });
}

/**
 * @param {FeedOf<"mistakes">} feed
 * @param {FrameArray | undefined} source
 */
function mistakesUpdate({ true_trace: trueTrace, predicted_trace: predictedTrace, names, right, wrong }, source) {
  const count = source?.shape[1] ?? 0;
  const rowOf = (/** @type {number} */ row) => Array.from(source?.data.subarray(row * count, (row + 1) * count) ?? []);
  const [labels, predicted] = [rowOf(1), rowOf(2)];
  return ofTraces({
    [trueTrace]: { text: labels.map((label) => names[label]) },
    [predictedTrace]: {
      text: predicted.map((label, index) => (label === labels[index] ? right : wrong)[label]),
    },
  });
}

/**
 * @param {FeedOf<"pictures">} feed
 * @param {FrameArray | undefined} source
 */
function picturesUpdate({ first_image: first, colours }, source) {
  if (!source) return ofLayout({});
  const sources = pictureImages(source, colours).map((url, index) => [`images[${first + index}].source`, url]);
  return ofLayout(Object.fromEntries(sources));
}

/**
 * @param {FeedOf<"epoch_mark">} feed
 * @param {number | undefined} epoch
 */
function epochMarkUpdate({ shape }, epoch) {
  const path = `shapes[${shape}]`;
  const x = epoch ?? 0;
  return ofLayout({ [`${path}.visible`]: epoch !== undefined, [`${path}.x0`]: x, [`${path}.x1`]: x });
}
