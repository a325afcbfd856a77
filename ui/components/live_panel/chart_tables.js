/** A chart as tables of its data. */

import { numberText, shareText } from "./chart_reading.js";

/** @typedef {import("./chart_reading.js").ChartReading} ChartReading */
/** @typedef {import("./chart_reading.js").Series} Series */
/** @typedef {import("./chart_reading.js").Grid} Grid */
/** @typedef {{columns: string[], rows: string[][]}} ChartTable   the first cell of a row says what the others are of */

/**
 * Return the tables of a chart: one for each grid, one for lines and bars over the same places, one for points of the
 * same axes.
 *
 * @param {ChartReading} chart
 * @returns {ChartTable[]}
 */
export function chartTables({ series, grids, pictures }) {
  const of = (/** @type {Series["kind"][]} */ ...kinds) => series.filter(({ kind }) => kinds.includes(kind));
  return [
    ...grids.filter(({ z }) => z.length).map(gridTable),
    ...grouped(of("line", "bars"), ({ xName, labels }) => JSON.stringify([xName, labels])).map(curvesTable),
    ...grouped(of("points"), ({ xName, yName }) => JSON.stringify([xName, yName])).map(pointsTable),
    ...grouped(of("texts"), ({ labels }) => JSON.stringify(labels)).map((texts) => textsTable(texts, pictures > 0)),
  ];
}

/**
 * @param {Grid} grid
 * @returns {ChartTable}
 */
function gridTable({ xName, yName, columns, rows, z, areShares, texts }) {
  const isPicture = new Set(z.flat()).size === 1; // a grid of pictures has no numbers, only words
  const text = areShares ? shareText : numberText;
  return {
    columns: [[yName, xName].filter(Boolean).join(" \\ "), ...columns],
    rows: z.map((row, at) => [rows[at], ...(isPicture && texts ? texts[at] : row.map(text))]),
  };
}

/**
 * @param {Series[]} curves   over the same places
 * @returns {ChartTable}
 */
function curvesTable(curves) {
  const [{ xName, labels }] = curves;
  const known = new Set([String(labels), ""]);
  const columns = curves.flatMap(({ name, yName, values, details }, at) => {
    const column = { name: name || yName || (at ? `value ${at + 1}` : "value"), cells: values };
    if (known.has(String(details))) return [column];
    known.add(String(details));
    return [{ name: "in words", cells: details }, column];
  });
  return {
    columns: [xName || "name", ...columns.map(({ name }) => name)],
    rows: labels.map((label, row) => [label].concat(columns.map(({ cells }) => cells[row]))),
  };
}

/**
 * @param {Series[]} groups   of the same axes
 * @returns {ChartTable}
 */
function pointsTable(groups) {
  const [{ xName, yName }] = groups;
  const has = {
    name: groups.some(({ name }) => name),
    x: xName !== "" || !groups.some(({ details }) => details.length),
    y: yName !== "" || !groups.some(({ details }) => details.length),
    colour: groups.some(({ colours }) => colours),
    details: groups.some(({ details }) => details.length),
  };
  const colourName = groups.find(({ colours }) => colours)?.colourName ?? "";
  const chosen = (/** @type {Record<keyof typeof has, string>} */ cells) =>
    /** @type {(keyof typeof has)[]} */ (Object.keys(has)).filter((key) => has[key]).map((key) => cells[key]);
  return {
    columns: chosen({ name: "group", x: xName || "across", y: yName || "up", colour: colourName, details: "in words" }),
    rows: groups.flatMap(({ name, labels, values, colours, details }) =>
      labels.map((x, at) =>
        chosen({ name, x, y: values[at], colour: numberText(colours?.[at]), details: details[at] ?? "" }),
      ),
    ),
  };
}

/**
 * @param {Series[]} texts   at the same places, such as two lines below a picture
 * @param {boolean} arePictures
 * @returns {ChartTable}
 */
function textsTable(texts, arePictures) {
  const several = texts.length > 1;
  return {
    columns: [arePictures ? "picture" : "place", ...texts.map((_, at) => (several ? `text ${at + 1}` : "text"))],
    rows: texts[0].labels.map((_, at) => [String(at + 1), ...texts.map(({ details }) => details[at] ?? "")]),
  };
}

/**
 * Return the series in groups of the same key.
 *
 * @param {Series[]} series
 * @param {(series: Series) => string} keyOf
 */
function grouped(series, keyOf) {
  return [...Map.groupBy(series, keyOf).values()];
}
