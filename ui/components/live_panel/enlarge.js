/** Figures for the last row: the same figure with larger type, lines and dots. */

const LINE_PX = 2; // of a curve whose figure sets no width
const SIZES = new Set(["size", "width", "standoff", "l", "r", "t", "b", "xshift", "yshift", "ticklen", "pad"]);
const OF = new Set(["font", "tickfont", "textfont", "marker", "line", "title", "margin", "annotations", "xaxis", "yaxis", "colorbar", "legend"]);

/**
 * Make type, lines and dots of a figure larger in place, and the margins for them.
 *
 * @param {PlotlyTrace[]} data
 * @param {PlotlyLayout} layout
 * @param {number} scale   1 changes nothing
 */
export function enlarge(data, layout, scale) {
  if (scale === 1) return;
  layout.font = { size: 12, ...layout.template?.layout?.font, ...layout.font };
  for (const trace of data) {
    if (trace.type === "scatter" && String(trace.mode).includes("lines")) trace.line = { width: LINE_PX, ...trace.line };
    enlargeWithin(trace, scale, "");
  }
  for (const [name, value] of Object.entries(layout)) if (name !== "template") enlargeWithin(value, scale, name);
  enlargeWithin(layout.template?.layout, scale, "");
}

/**
 * @param {unknown} part
 * @param {number} scale
 * @param {string} name   of the part in its figure
 */
function enlargeWithin(part, scale, name) {
  if (Array.isArray(part)) {
    if (typeof part[0] === "object") for (const one of part) enlargeWithin(one, scale, name);
    return;
  }
  if (part === null || typeof part !== "object") return;
  const values = /** @type {Record<string, unknown>} */ (part);
  for (const [key, value] of Object.entries(values)) {
    if (typeof value === "number" && OF.has(name) && SIZES.has(key)) values[key] = value * scale;
    else enlargeWithin(value, scale, key);
  }
}
