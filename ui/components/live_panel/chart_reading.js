/**
 * What a chart holds, for people who cannot see it: its series and grids, with the names and words that are drawn.
 *
 * A sentence (chart_words.js) and tables (chart_tables.js) are made of it. Nothing here knows a figure by name.
 */

/**
 * @typedef {object} Series
 * @property {"line" | "points" | "bars" | "texts"} kind
 * @property {string} name   "" where it has none
 * @property {string} xName   "" where the axis has no name or is hidden
 * @property {string} yName   likewise
 * @property {ArrayLike<any>} x
 * @property {ArrayLike<any>} y
 * @property {string[]} labels   of every x, as text
 * @property {string[]} values   of every y, as text
 * @property {string[]} details   more words about every point; [] where there are none
 * @property {ArrayLike<number> | null} colours   the numbers that colour the points
 * @property {string} colourName   what these are
 */
/**
 * @typedef {object} Grid
 * @property {string} name   what its numbers are; "" where that is not said
 * @property {string} xName
 * @property {string} yName
 * @property {string[]} columns
 * @property {string[]} rows
 * @property {number[][]} z   row by row
 * @property {boolean} areShares   whether these are written in per cent
 * @property {string[][] | null} texts   what is shown of the cells on hover
 */
/** @typedef {{series: Series[], grids: Grid[], notes: string[], pictures: number}} ChartReading */

const WHOLE = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const SHORT = new Intl.NumberFormat("en", { maximumSignificantDigits: 4 });
const TINY = 1e-4;
const HUGE = 1e9;
const UNNAMED = /^trace \d+$/; // Plotly's own name of a trace without one …
const UNTITLED = "Click to enter"; // … and the beginning of its title of a scale without one
/** @type {Record<string, string>} */
const SIGNS = { "&amp;": "&", "&lt;": "<", "&gt;": ">" };

/**
 * Read what is shown of a chart.
 *
 * @param {PlotlyTrace[]} traces   with their arrays decoded, as in Plotly's `_fullData`
 * @param {PlotlyLayout} layout   as it was given to Plotly
 * @returns {ChartReading}
 */
export function readChart(traces, layout) {
  const shown = traces.filter(({ visible }) => visible === undefined || visible === true);
  const grids = shown.filter(isGrid).map((trace) => readGrid(trace, layout));
  const series = shown.filter((trace) => !isGrid(trace)).flatMap((trace) => readSeries(trace, layout));
  const several = new Set(series.map(({ yName }) => yName)).size > 1;
  for (const one of series) if (several) one.name = inFull(one);
  // The numbers in the cells of a grid are a series of texts over it.
  const kept = grids.length ? series.filter(({ kind }) => kind !== "texts") : series;
  const pictures = (layout.images ?? []).filter((/** @type {any} */ image) => image.source && image.visible !== false);
  return { series: kept, grids, notes: readNotes(layout), pictures: pictures.length };
}

/**
 * Return a number as text, with at most four digits that count; whole numbers in full.
 *
 * @param {unknown} value
 */
export function numberText(value) {
  if (typeof value !== "number" || !Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size !== 0 && (size < TINY || size >= HUGE)) return value.toExponential(2).replaceAll("-", "−");
  return (Number.isInteger(value) ? WHOLE : SHORT).format(value).replace("-", "−");
}

/**
 * Return a share as text in per cent.
 *
 * @param {unknown} value
 */
export function shareText(value) {
  return typeof value === "number" && Number.isFinite(value) ? `${numberText(Number((100 * value).toFixed(1)))} %` : "–";
}

/**
 * Return a text of Plotly's without its marks.
 *
 * @param {unknown} text
 */
export function plain(text) {
  const spaced = String(text ?? "").replaceAll(/<br ?\/?>/g, ", ");
  const bare = spaced.replaceAll(/<\/?(?:b|i|a|span|sup|sub|em|extra)\b[^>]*>/g, "");
  const signs = bare.replaceAll(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)));
  return signs.replaceAll(/&(?:amp|lt|gt);/g, (sign) => SIGNS[sign]).trim();
}

/** @param {PlotlyTrace} trace */
function isGrid({ type }) {
  return type === "heatmap" || type === "contour";
}

/**
 * @param {PlotlyTrace} trace
 * @param {PlotlyLayout} layout
 * @returns {Grid}
 */
function readGrid(trace, layout) {
  const [across, up] = [readAxis(layout, "x", trace.xaxis), readAxis(layout, "y", trace.yaxis)];
  const drawn = inRows(trace.z);
  const beside = inRows(trace.customdata); // what is shown on hover: words, or the numbers whose logarithms are drawn
  const isBeside = (/** @type {string} */ type) =>
    beside.length === drawn.length && beside.length > 0 && beside.flat().every((one) => typeof one === type);
  return {
    name: titleOf(trace.colorbar),
    xName: across.name,
    yName: up.name,
    columns: Array.from(drawn[0] ?? [], (_, column) => across.text(trace.x?.[column] ?? column)),
    rows: drawn.map((_, row) => up.text(trace.y?.[row] ?? row)),
    z: isBeside("number") ? beside : drawn,
    areShares: /%\}/.test(trace.texttemplate ?? ""),
    texts: isBeside("string") ? beside.map((row) => row.map(plain)) : null,
  };
}

/**
 * @param {ArrayLike<ArrayLike<any>> | undefined} values
 * @returns {any[][]}
 */
function inRows(values) {
  return Array.from(values ?? [], (row) => Array.from(row ?? []));
}

/**
 * Return a trace as a series: none where it has no point or is only a guide for the eye, two where it is a band.
 *
 * @param {PlotlyTrace} trace
 * @param {PlotlyLayout} layout
 * @returns {Series[]}
 */
function readSeries(trace, layout) {
  const kind = kindOf(trace);
  const name = UNNAMED.test(trace.name ?? "") ? "" : plain(trace.name);
  if (!name && kind !== "texts" && trace.hoverinfo === "skip") return [];
  const { x, y, along, up } = placesOf(trace, layout);
  const count = Math.min(x.length, y.length);
  if (!Array.from({ length: count }).some((_, at) => isThere(x[at]) && isThere(y[at]))) return [];
  /** @type {Series} */
  const series = {
    kind,
    name,
    xName: along.name,
    yName: up.name,
    x,
    y,
    labels: Array.from({ length: count }, (_, at) => along.text(x[at])),
    values: Array.from({ length: count }, (_, at) => up.text(y[at])),
    ...wordsOf(trace, kind, count),
    ...coloursOf(trace),
  };
  return isBand(trace, x, count) ? halves(series, count / 2) : [series];
}

/**
 * Return where the points of a trace are: along its axis, and up; bars that lie go along the other one.
 *
 * @param {PlotlyTrace} trace
 * @param {PlotlyLayout} layout
 */
function placesOf({ x = [], y = [], xaxis, yaxis, orientation }, layout) {
  const [across, up] = [readAxis(layout, "x", xaxis), readAxis(layout, "y", yaxis)];
  return orientation === "h" ? { x: y, y: x, along: up, up: across } : { x, y, along: across, up };
}

/** @param {PlotlyTrace} trace */
function coloursOf({ marker }) {
  const colours = typeof marker?.color?.[0] === "number" ? marker.color : null;
  return { colours, colourName: titleOf(marker?.colorbar) || "colour" };
}

/** @param {{title?: {text?: string}} | undefined} scale */
function titleOf(scale) {
  const text = plain(scale?.title?.text);
  return text.startsWith(UNTITLED) ? "" : text;
}

/**
 * @param {PlotlyTrace} trace
 * @returns {Series["kind"]}
 */
function kindOf({ type, mode }) {
  if (type === "bar") return "bars";
  const modes = String(mode ?? "lines");
  if (modes === "text") return "texts";
  return modes.includes("lines") ? "line" : "points";
}

/**
 * Return the words that a trace has for its points, beside their places: those of bars take the place of the numbers.
 *
 * @param {PlotlyTrace} trace
 * @param {Series["kind"]} kind
 * @param {number} count
 * @returns {Partial<Series> & {details: string[]}}
 */
function wordsOf({ text, customdata }, kind, count) {
  const most = kind === "line" ? 2 : 1;
  const [shown, onHover] = [pointWords(text, count, most), pointWords(customdata, count, most)];
  if (kind === "bars") return { ...(onHover.length && { labels: onHover }), ...(shown.length && { values: shown }), details: [] };
  const [first, other] = kind === "texts" ? [onHover, shown] : [shown, onHover]; // over a text there is more to read
  return { details: first.length ? first : other };
}

/**
 * Return the words in a list of texts, or of lists with some; [] where there are none.
 *
 * @param {unknown} list
 * @param {number} count
 * @param {number} most   texts of a point
 */
function pointWords(list, count, most) {
  if (!Array.isArray(list) || !list.some((one) => textsIn(one).length)) return [];
  return Array.from({ length: count }, (_, at) => plain(textsIn(list[at]).slice(0, most).join(": ")));
}

/** @param {unknown} one */
function textsIn(one) {
  return (Array.isArray(one) ? one : [one]).filter((part) => typeof part === "string" && part);
}

/**
 * Return whether a trace is the outline of a band: over all x, and back again.
 *
 * @param {PlotlyTrace} trace
 * @param {ArrayLike<any>} x
 * @param {number} count
 */
function isBand({ fill }, x, count) {
  return fill === "toself" && count % 2 === 0 && x[0] === x[count - 1] && x[count / 2 - 1] === x[count / 2];
}

/**
 * Return a band as its upper and its lower edge.
 *
 * @param {Series} band
 * @param {number} half
 * @returns {Series[]}
 */
function halves(band, half) {
  const upper = { ...band, name: `${band.name}, highest` };
  const lower = { ...band, name: `${band.name}, lowest` };
  for (const key of /** @type {const} */ (["x", "y", "labels", "values"])) {
    const values = Array.from(band[key]);
    Object.assign(upper, { [key]: values.slice(0, half) });
    Object.assign(lower, { [key]: values.slice(half).toReversed() });
  }
  return [upper, lower];
}

/**
 * Return an axis's name, "" where it has none or is hidden, and how it writes a value.
 *
 * @param {PlotlyLayout} layout
 * @param {"x" | "y"} letter
 * @param {string} [id]   such as "y2"
 */
function readAxis(layout, letter, id = letter) {
  const axis = layout[`${letter}axis${id.slice(1)}`] ?? {};
  const written = id === letter ? layout.meta?.[letter] : undefined; // of a figure that writes the name itself
  const name = axis.visible === false ? "" : plain(axis.title?.text ?? written);
  const ticks = Array.from(axis.tickvals ?? []);
  const text = (/** @type {unknown} */ value) => {
    const tick = axis.ticktext ? ticks.indexOf(value) : -1;
    if (tick >= 0) return plain(axis.ticktext[tick]);
    if (typeof value === "string") return plain(value);
    return String(axis.tickformat ?? "").endsWith("%") ? shareText(value) : numberText(value);
  };
  return { name, text };
}

/**
 * Return what is written over a chart, but for names of axes and bare numbers.
 *
 * @param {PlotlyLayout} layout
 */
function readNotes(layout) {
  const names = new Set(Object.values(layout.meta ?? {}));
  const notes = (layout.annotations ?? [])
    .filter((/** @type {any} */ note) => note.visible !== false)
    .map((/** @type {any} */ note) => plain(note.text));
  return notes.filter((/** @type {string} */ note) => note && !names.has(note) && !/^[\d.,\s]+$/.test(note));
}

/**
 * Return the name of a series beside others of another axis, such as "loss (training)".
 *
 * @param {Series} series
 */
function inFull({ name, yName }) {
  return name && yName && name !== yName ? `${yName} (${name})` : name || yName;
}

/** @param {unknown} value */
function isThere(value) {
  return typeof value === "string" || (typeof value === "number" && Number.isFinite(value));
}
