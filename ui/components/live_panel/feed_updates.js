/**
 * How feeds are drawn; core/figures/feeds.py says which there are. Every feed turns its array, or undefined before the
 * array has come, into an update
 * `{traces: {index: {attribute: value}}, layout: {path: value}}`.
 */

import { shadesOf } from "./colour_scales.js";
import { rgb } from "./theme.js";

/** Shortest time between two drawings of a kind of feed. An image costs about 2 ms, the others 20 to 40. */
export const INTERVAL_MS = {
  class_image: 0,
  value_image: 0,
  epoch_mark: 100,
  values: 200,
  curve: 250,
  score: 250,
  predictions: 250,
  matrix: 500,
  mistakes: 500,
  pictures: 500,
};

const CURVE_POINTS_MOST = 1000; // more than there are pixels across
const TINT_LEAST = 0.06; // how much of the class colour the boundary has where the network is undecided …
const TINT_MOST = 0.5; // … and where it is sure

const PICTURE_SIDE = 96; // pixels at least, so that the browser's smoothing leaves those of a picture square

const KINDS = {
  curve,
  score,
  class_image: classImage,
  value_image: valueImage,
  values,
  matrix,
  predictions,
  mistakes,
  pictures,
  epoch_mark: epochMark,
};
const OF_HISTORY = ["curve", "score"];
const brush = document.createElement("canvas").getContext("2d", { willReadFrequently: true });

/** Return what has come for a feed: a history column, {data, shape}, or an epoch; undefined before it came. */
export function feedSource(name, feed, state) {
  if (feed.kind === "epoch_mark") return state.replayed ?? undefined;
  return OF_HISTORY.includes(feed.kind) ? state.history[name] : state.arrays[name];
}

/** Return the update that draws `source`. */
export function feedUpdate(feed, source, theme) {
  return KINDS[feed.kind](feed, source, theme);
}

function curve(feed, column) {
  if (!column?.length) return { traces: { [feed.trace]: { x: [null], y: [null] } } }; // keeps its place in the legend
  const rows = drawnRows(column.length);
  return { traces: { [feed.trace]: { x: rows.map((row) => row + 1), y: rows.map((row) => column[row]) } } };
}

/** Return which of so many rows to draw: evenly chosen, the first and the last always among them. */
function drawnRows(count) {
  const drawn = Math.min(count, CURVE_POINTS_MOST);
  const step = drawn > 1 ? (count - 1) / (drawn - 1) : 0;
  return Array.from({ length: drawn }, (_, index) => Math.round(index * step));
}

function score({ annotation, name }, column) {
  const last = column?.at(-1);
  const text = Number.isFinite(last) ? `${name} ${scoreText(last)}` : "";
  return { layout: { [`annotations[${annotation}].text`]: text } };
}

function scoreText(value) {
  const digits = Math.abs(value) < 100 ? value.toFixed(3) : value.toPrecision(3);
  return digits.replace("-", "−");
}

function classImage(feed, source, theme) {
  return { layout: { [`images[${feed.image}].source`]: source ? paint(source, feed.colours, theme.background) : "" } };
}

/** Return a data URL of the cells, each in its class's colour, paler where the confidence is low. */
function paint({ data, shape: [, rows, columns] }, classColours, background) {
  const cells = rows * columns;
  const tints = tintsOf(classColours, background);
  const pixels = new Uint32Array(cells);
  for (let cell = 0; cell < cells; cell++) {
    pixels[cell] = tints[(data[cell] % classColours.length) * 256 + data[cells + cell]];
  }
  return picture(pixels, rows, columns);
}

function valueImage(feed, source) {
  return { layout: { [`images[${feed.image}].source`]: source ? paintValues(source, feed.colours) : "" } };
}

/** Return a data URL of the cells, each in its value's place among the colours. */
function paintValues({ data, shape: [rows, columns] }, colours) {
  const shades = shadesOf(colours);
  return picture(Uint32Array.from(data, (value) => shades[value]), rows, columns);
}

/** Return a data URL of pixels, row by row from the top. */
function picture(pixels, rows, columns) {
  Object.assign(brush.canvas, { width: columns, height: rows });
  const image = new Uint8ClampedArray(pixels.buffer);
  soften(image, rows, columns);
  brush.putImageData(new ImageData(image, columns, rows), 0, 0);
  return brush.canvas.toDataURL();
}

/** Mix every pixel with its neighbours, 1:2:1 along and down, so that an edge across the cells shows no steps. */
function soften(image, rows, columns) {
  for (const [step, length, stride, lines] of [
    [4, columns, 4 * columns, rows],
    [4 * columns, rows, 4, columns],
  ]) {
    for (let line = 0; line < lines; line++) {
      for (let channel = 0; channel < 3; channel++) {
        let at = line * stride + channel;
        let before = image[at];
        for (let cell = 0; cell < length; cell++, at += step) {
          const here = image[at];
          const after = cell + 1 < length ? image[at + step] : here;
          image[at] = (before + 2 * here + after) / 4;
          before = here;
        }
      }
    }
  }
}

let tintsMade = { key: null, tints: null };

/** Return the pixel of every class at every confidence: Uint32 (classes * 256). */
function tintsOf(classColours, background) {
  const key = `${classColours} on ${background}`;
  if (tintsMade.key !== key) {
    const from = rgb(background);
    const channels = new Uint8ClampedArray(classColours.length * 256 * 4);
    classColours.map(rgb).forEach((to, index) => {
      for (let confidence = 0; confidence < 256; confidence++) {
        const share = TINT_LEAST + (TINT_MOST - TINT_LEAST) * (confidence / 255);
        const colour = from.map((value, channel) => value + (to[channel] - value) * share);
        channels.set([...colour, 255], (index * 256 + confidence) * 4);
      }
    });
    tintsMade = { key, tints: new Uint32Array(channels.buffer) };
  }
  return tintsMade.tints;
}

function values({ traces, subtract }, source) {
  const less = (numbers) => (source ? Array.from(source.data, (value, row) => value - (numbers?.[row] ?? 0)) : [null]);
  return { traces: Object.fromEntries(traces.map((trace, index) => [trace, { y: less(subtract[index]) }])) };
}

function matrix(feed, source) {
  if (!source) return { traces: { [feed.counts]: { z: [] }, [feed.shares]: { z: [] } } };
  const [rows, columns] = source.shape;
  const counts = Array.from({ length: rows }, (_, row) => [...source.data.subarray(row * columns, (row + 1) * columns)]);
  const shares = counts.map((row) => {
    const sum = row.reduce((total, count) => total + count, 0);
    return row.map((count) => count / Math.max(sum, 1));
  });
  return { traces: { [feed.counts]: { z: counts }, [feed.shares]: { z: shares } } };
}

function predictions({ trace, true_labels: truth, right, wrong }, source) {
  const text = truth.map((label, index) => {
    const answer = source?.data[index];
    return (answer === label ? right : wrong)[answer] ?? "–";
  });
  return { traces: { [trace]: { text } } };
}

function mistakes({ true_trace: truth, predicted_trace: said, names, right, wrong }, source) {
  const count = source?.shape[1] ?? 0;
  const [classes, predicted] = [1, 2].map((row) => Array.from(source?.data.subarray(row * count, (row + 1) * count) ?? []));
  const text = predicted.map((answer, index) => (answer === classes[index] ? right : wrong)[answer]);
  return { traces: { [truth]: { text: classes.map((label) => names[label]) }, [said]: { text } } };
}

function pictures({ first_image: first, colours }, source) {
  if (!source) return {};
  const [count, rows, columns, channels = 1] = source.shape;
  const size = rows * columns * channels;
  const layout = {};
  for (let index = 0; index < count; index++) {
    const pixels = source.data.subarray(index * size, (index + 1) * size);
    layout[`images[${first + index}].source`] = pixelated(channels === 3 ? coloured(pixels) : shaded(pixels, colours), rows, columns);
  }
  return { layout };
}

function shaded(pixels, colours) {
  const shades = shadesOf(colours);
  return Uint32Array.from(pixels, (value) => shades[value]);
}

function coloured(pixels) {
  const channels = new Uint8ClampedArray((pixels.length / 3) * 4).fill(255);
  for (let at = 0; at < pixels.length; at++) channels[at + Math.floor(at / 3)] = pixels[at];
  return new Uint32Array(channels.buffer);
}

/** Return a data URL of pixels, row by row from the top, each enlarged to a square. */
function pixelated(pixels, rows, columns) {
  const scale = Math.ceil(PICTURE_SIDE / Math.max(rows, columns));
  const [height, width] = [rows * scale, columns * scale];
  const enlarged = new Uint32Array(height * width);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      enlarged[row * width + column] = pixels[Math.floor(row / scale) * columns + Math.floor(column / scale)];
    }
  }
  Object.assign(brush.canvas, { width, height });
  brush.putImageData(new ImageData(new Uint8ClampedArray(enlarged.buffer), width, height), 0, 0);
  return brush.canvas.toDataURL();
}

function epochMark({ shape }, epoch) {
  const at = `shapes[${shape}]`;
  const isSeen = epoch !== undefined;
  return { layout: { [`${at}.visible`]: isSeen, [`${at}.x0`]: epoch ?? 0, [`${at}.x1`]: epoch ?? 0 } };
}
