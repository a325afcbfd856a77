/** Streamlit's theme, read from its CSS variables, and Plotly's template made from it. */

import { context2d } from "./dom.js";

const probe = context2d(Object.assign(document.createElement("canvas"), { width: 1, height: 1 }), {
  willReadFrequently: true,
});

/**
 * Return red, green and blue of any CSS colour, 0..255.
 *
 * @param {string} colour
 * @returns {[number, number, number]}
 */
export function rgb(colour) {
  probe.clearRect(0, 0, 1, 1);
  probe.fillStyle = "#808080"; // stays if the colour is not valid
  probe.fillStyle = colour;
  probe.fillRect(0, 0, 1, 1);
  const [red, green, blue] = probe.getImageData(0, 0, 1, 1).data;
  return [red, green, blue];
}

/**
 * Return the colour `share` of the way from one colour to another.
 *
 * @param {string} from
 * @param {string} to
 * @param {number} share
 */
function mix(from, to, share) {
  const [start, end] = [rgb(from), rgb(to)];
  return `rgb(${start.map((value, channel) => Math.round(value + (end[channel] - value) * share)).join(",")})`;
}

/**
 * Read the theme that applies at an element.
 *
 * @param {Element} element
 * @returns {Theme}
 */
export function readTheme(element) {
  const style = getComputedStyle(element);
  const read = (/** @type {string} */ name, /** @type {string} */ fallback) =>
    style.getPropertyValue(`--st-${name}`).trim() || fallback;
  const background = read("background-color", "#ffffff");
  const text = read("text-color", "#31333f");
  return {
    background,
    text,
    muted: mix(background, text, 0.72),
    grid: mix(background, text, 0.12),
    border: mix(background, text, 0.22),
    primary: read("primary-color", "#2f7fd3"),
    font: read("font", "sans-serif"),
  };
}

/**
 * Return whether a theme is dark.
 *
 * @param {Theme} theme
 */
export function isDark({ background }) {
  const [red, green, blue] = rgb(background);
  return red + green + blue < 384;
}

/**
 * Return a figure's template with the theme's colours and font.
 *
 * @param {{layout?: PlotlyLayout, data?: object} | undefined} template
 * @param {Theme} theme
 */
export function themedTemplate(template, theme) {
  const { layout = {}, data = {} } = template ?? {};
  const axis = { gridcolor: theme.grid, linecolor: theme.border, zerolinecolor: theme.grid, color: theme.muted };
  const markers = [{ marker: { line: { color: theme.background } } }];
  return {
    data: { ...data, scatter: markers, scattergl: markers, heatmap: [{ textfont: { color: theme.text } }] },
    layout: {
      ...layout,
      font: { ...layout.font, color: theme.text, family: theme.font },
      xaxis: { ...layout.xaxis, ...axis },
      yaxis: { ...layout.yaxis, ...axis },
      hoverlabel: {
        ...layout.hoverlabel,
        bgcolor: theme.background,
        bordercolor: theme.border,
        font: { ...layout.hoverlabel?.font, color: theme.text, family: theme.font },
      },
      modebar: { bgcolor: "rgba(0,0,0,0)", color: theme.border, activecolor: theme.muted },
    },
  };
}
