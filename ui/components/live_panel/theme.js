/** Streamlit's theme, read from its CSS variables, and Plotly's template made of it. */

const probe = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", {
  willReadFrequently: true,
});

/** @returns {number[]} red, green, blue of any CSS colour, 0..255. */
export function rgb(colour) {
  probe.clearRect(0, 0, 1, 1);
  probe.fillStyle = "#808080"; // stays where the colour is none
  probe.fillStyle = colour;
  probe.fillRect(0, 0, 1, 1);
  return [...probe.getImageData(0, 0, 1, 1).data].slice(0, 3);
}

/** @returns {string} the colour `share` of the way from one to another. */
function mix(from, to, share) {
  const [a, b] = [rgb(from), rgb(to)];
  return `rgb(${a.map((value, index) => Math.round(value + (b[index] - value) * share)).join(",")})`;
}

/** Read the theme that applies at an element, as plain values that can be compared. */
export function readTheme(element) {
  const style = getComputedStyle(element);
  const read = (name, otherwise) => style.getPropertyValue(`--st-${name}`).trim() || otherwise;
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

/** Return a figure's template with the theme's colours and font in it. */
export function themedTemplate(template, theme) {
  const { layout = {}, data = {} } = template ?? {};
  const axis = { gridcolor: theme.grid, linecolor: theme.border, zerolinecolor: theme.grid, color: theme.muted };
  const marks = [{ marker: { line: { color: theme.background } } }];
  return {
    data: { ...data, scatter: marks, scattergl: marks, heatmap: [{ textfont: { color: theme.text } }] },
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
