/** What saves a figure: its buttons, and the file that they make. */

import { element } from "./dom.js";

const PNG_SCALE = 3; // pixels of a saved picture to one of the page

/** Return the buttons of a figure; `save` gets "png" or "svg". */
export function saveButtons(save) {
  const group = element("div", "hl-save", { role: "group", "aria-label": "Save the figure" });
  for (const format of ["png", "svg"]) {
    const button = element("button", "hl-option", { type: "button" }, format.toUpperCase());
    button.onclick = () => save(format);
    group.append(button);
  }
  return group;
}

/** Have the browser save the figure of a plot as it stands, "png" or "svg", on the page's own background. */
export function saveFigure(Plotly, plot, format, filename, background) {
  const { data, layout, clientWidth: width, clientHeight: height } = plot;
  const figure = { data, layout: { ...layout, paper_bgcolor: background } };
  const scale = format === "png" ? PNG_SCALE : 1;
  return Plotly.downloadImage(figure, { format, filename, scale, width, height });
}
