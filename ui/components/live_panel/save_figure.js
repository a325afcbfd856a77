/** Saving a figure: its buttons, and the file. */

import { createButton, createElement } from "./dom.js";

const PNG_SCALE = 3; // pixels of a saved picture for each pixel on the page

/** @typedef {"png" | "svg"} FileFormat */

/**
 * Return the buttons that save a figure.
 *
 * @param {(format: FileFormat) => void} onSave
 */
export function saveButtons(onSave) {
  const group = createElement("div", "hl-save", { role: "group", "aria-label": "Save the figure" });
  for (const format of /** @type {FileFormat[]} */ (["png", "svg"])) {
    group.append(createButton(format.toUpperCase(), () => onSave(format), "hl-option"));
  }
  return group;
}

/**
 * Have the browser save a figure as it is shown.
 *
 * @param {PlotlyLibrary} Plotly
 * @param {PlotlyElement} plot
 * @param {{format: FileFormat, filename: string, background: string}} file
 */
export async function saveFigure(Plotly, plot, { format, filename, background }) {
  const { data, layout, clientWidth: width, clientHeight: height } = plot;
  const figure = { data, layout: { ...layout, paper_bgcolor: background } };
  await Plotly.downloadImage(figure, { format, filename, scale: format === "png" ? PNG_SCALE : 1, width, height });
}
