/** A chart in one sentence: figures at its ends, what rose and fell, and where it is lowest and highest. */

import { numberText, shareText } from "./chart_reading.js";

const LINES_MOST = 6; // of which each is described
const BARS_MOST = 6;
const NOTES_MOST = 8;
const WRONG = "✗"; // before a wrong prediction, in the text below a picture

/** @typedef {import("./chart_reading.js").ChartReading} ChartReading */
/** @typedef {import("./chart_reading.js").Series} Series */
/** @typedef {import("./chart_reading.js").Grid} Grid */
/** @typedef {{at: number, value: number}} Place */

/**
 * Describe what a chart shows.
 *
 * @param {ChartReading} chart
 * @param {string[]} [more]   what is known beside its series, to be said first
 */
export function chartSentence({ series, grids, notes, pictures }, more = []) {
  const of = (/** @type {Series["kind"]} */ kind) => series.filter((one) => one.kind === kind);
  const isDrawn = series.length > 0 || grids.some(({ z }) => z.length);
  const parts = [
    ...more,
    ...grids.map(gridWords),
    ...lineWords(of("line")),
    ...of("bars").map(barWords),
    ...pointWords(of("points")),
    ...textWords(of("texts"), pictures),
    ...(isDrawn ? notes.slice(0, NOTES_MOST) : []),
  ].filter(Boolean);
  if (!parts.length) return "Nothing is drawn yet.";
  const text = parts.join("; ");
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** @param {Series[]} lines */
function lineWords(lines) {
  if (!lines.length) return [];
  const spans = new Set(lines.map(span));
  const words = lines.length > LINES_MOST ? [manyLines(lines)] : lines.map((line) => trend(line, spans.size > 1));
  const [shared] = spans.size === 1 ? spans : [""];
  return shared ? [`${shared}, ${words[0]}`, ...words.slice(1)] : words;
}

/**
 * Say where a line begins and ends.
 *
 * @param {Series} line
 */
function span({ xName, labels }) {
  const name = xName ? `${xName} ` : "";
  return labels.length > 1 ? `from ${name}${labels[0]} to ${labels[labels.length - 1]}` : `at ${name}${labels[0]}`;
}

/**
 * Say how a line goes from its beginning to its end.
 *
 * @param {Series} line
 * @param {boolean} withSpan   whether to say where it begins and ends
 */
function trend(line, withSpan) {
  const name = line.name || line.yName || "the line";
  const places = finite(line.y);
  if (!places.length) return `${name} has no number`;
  const [first, last] = [places[0], places[places.length - 1]];
  const [start, end] = [numberText(first.value), numberText(last.value)];
  const where = withSpan ? ` ${span(line)}` : "";
  const lost = line.y.length - 1 > last.at ? `, and no number after ${place(line, last)}` : "";
  if (places.length === 1) return `${name} is ${end}${where}${lost}`;
  const verb = last.value < first.value ? "fell" : "rose";
  const change = start === end ? `${isEven(places) ? "stayed" : "began and ended"} at ${end}` : `${verb} from ${start} to ${end}`;
  return `${name} ${change}${where}${extremes(line, places)}${lost}`;
}

/**
 * Name the lowest and the highest value, where they are not at the ends.
 *
 * @param {Series} line
 * @param {Place[]} places
 */
function extremes(line, places) {
  const ends = new Set([places[0], places[places.length - 1]].map(({ value }) => numberText(value)));
  const lowest = places.reduce((one, other) => (other.value < one.value ? other : one));
  const highest = places.reduce((one, other) => (other.value > one.value ? other : one));
  return Object.entries({ lowest, highest })
    .filter(([, { value }]) => !ends.has(numberText(value)))
    .map(([word, one]) => `, ${word} ${numberText(one.value)} at ${place(line, one)}`)
    .join("");
}

/**
 * @param {Series} line
 * @param {Place} place
 */
function place({ xName, labels }, { at }) {
  return named(xName, labels[at]);
}

/**
 * @param {string} name
 * @param {string} value
 */
function named(name, value) {
  return name ? `${name} ${value}` : value;
}

/** @param {Series[]} lines */
function manyLines(lines) {
  const ends = lines
    .map((line) => ({ name: line.name || "one without a name", end: finite(line.y).at(-1)?.value ?? NaN }))
    .filter(({ end }) => Number.isFinite(end))
    .toSorted((one, other) => one.end - other.end);
  const what = lines[0].yName ? ` of ${lines[0].yName}` : "";
  if (!ends.length) return `${lines.length} lines${what}`;
  const [low, high] = [ends[0], ends[ends.length - 1]];
  return `${lines.length} lines${what}: ${high.name} ends highest at ${numberText(high.end)}, ${low.name} lowest at ${numberText(low.end)}`;
}

/** @param {Series} bars */
function barWords({ name, xName, yName, y, labels, values }) {
  const what = name || yName || xName;
  const before = what ? `${what}: ` : "";
  if (y.length <= BARS_MOST) return `${before}${labels.map((label, at) => `${label} ${values[at]}`).join(", ")}`;
  const places = finite(y).toSorted((one, other) => one.value - other.value);
  if (!places.length) return `${before}${y.length} bars`;
  const [low, high] = [places[0], places[places.length - 1]];
  return `${before}${y.length} bars, highest ${labels[high.at]} with ${values[high.at]}, lowest ${labels[low.at]} with ${values[low.at]}`;
}

/** @param {Series[]} groups */
function pointWords(groups) {
  if (!groups.length) return [];
  /** @type {Map<string, number>} */
  const counts = new Map();
  let total = 0;
  for (const { name, y } of groups) {
    const count = finite(y).length;
    counts.set(name, (counts.get(name) ?? 0) + count);
    total += count;
  }
  const points = `${numberText(total)} ${total === 1 ? "point" : "points"}`;
  if (counts.size === 1 && groups[0].name) return [`${points} of ${groups[0].name}`];
  if (counts.size > 1) {
    return [`${points}: ${[...counts].map(([name, count]) => `${numberText(count)} ${name || "others"}`).join(", ")}`];
  }
  const { yName, y } = groups[0];
  const values = finite(y).map(({ value }) => value);
  if (!yName || !values.length) return [points];
  return [`${points}, ${yName} from ${numberText(Math.min(...values))} to ${numberText(Math.max(...values))}`];
}

/**
 * @param {Series[]} texts
 * @param {number} pictures
 */
function textWords(texts, pictures) {
  if (!texts.length) return [];
  const lines = texts.flatMap(({ details }) => details);
  const wrong = lines.filter((line) => line.startsWith(WRONG)).length;
  const judged = wrong + lines.filter((line) => line.startsWith("✓")).length;
  const what = pictures ? `${pictures} pictures` : `${texts[0].x.length} texts`;
  return [judged ? `${what}, ${judged - wrong} predicted right and ${wrong} wrong` : what];
}

/** @param {Grid} grid */
function gridWords(grid) {
  const { name, xName, yName, columns, rows, z, areShares, texts } = grid;
  const cells = z.flatMap((row, at) => finite(row).map(({ at: column, value }) => ({ row: at, column, value })));
  if (!cells.length) return "";
  const text = areShares ? shareText : numberText;
  const isMatrix = xName === "predicted" && yName === "true" && cells.every(({ value }) => value >= 0);
  if (isMatrix) return areShares ? shareWords(grid) : matrixWords(grid);
  const size = `${name ? `${name}: ` : ""}${rows.length} rows by ${columns.length} columns`;
  // Of every pair of the same things, those with themselves tell nothing.
  const counted = String(rows) === String(columns) ? cells.filter(({ row, column }) => row !== column) : cells;
  if (!counted.length) return size;
  const ordered = counted.toSorted((one, other) => one.value - other.value);
  const [low, high] = [ordered[0], ordered[ordered.length - 1]];
  if (low.value === high.value) return texts ? size : `${size}, all ${text(low.value)}`;
  const cell = (/** @type {typeof low} */ { row, column, value }) => `${text(value)} at ${named(yName, rows[row])} and ${named(xName, columns[column])}`;
  return `${size}, lowest ${cell(low)}, highest ${cell(high)}`;
}

/**
 * Say how many rows of a confusion matrix are right, and what is mistaken most often.
 *
 * @param {Grid} grid
 */
function matrixWords({ columns, rows, z }) {
  let [total, right, most] = [0, 0, 0];
  let mistake = "no row is wrong";
  z.forEach((counts, row) => {
    Array.from(counts).forEach((count, column) => {
      total += count;
      if (row === column) right += count;
      else if (count > most) {
        most = count;
        mistake = `the most frequent mistake is ${rows[row]} predicted as ${columns[column]}, ${numberText(count)} times`;
      }
    });
  });
  return `${numberText(right)} of ${numberText(total)} rows are predicted right, ${mistake}`;
}

/**
 * Say of which class most rows are right, and of which fewest.
 *
 * @param {Grid} grid
 */
function shareWords({ rows, z }) {
  const shares = rows.map((name, row) => ({ name, share: z[row][row] })).toSorted((one, other) => one.share - other.share);
  const [low, high] = [shares[0], shares[shares.length - 1]];
  return `the largest share of rows predicted right is ${shareText(high.share)} of ${high.name}, the smallest ${shareText(low.share)} of ${low.name}`;
}

/**
 * @param {ArrayLike<any>} values
 * @returns {Place[]}
 */
function finite(values) {
  return Array.from(values, (value, at) => ({ at, value })).filter(({ value }) => typeof value === "number" && Number.isFinite(value));
}

/** @param {Place[]} places */
function isEven(places) {
  const text = numberText(places[0].value);
  return places.every(({ value }) => numberText(value) === text);
}
