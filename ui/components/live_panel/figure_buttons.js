/** The buttons of a figure: its data as a table, and the figure as a file. */

import { createButton, createElement } from "./dom.js";

const PNG_SCALE = 3; // pixels of a saved picture for each pixel on the page

/** @typedef {"png" | "svg"} FileFormat */

/**
 * Return the buttons of a figure.
 *
 * @param {() => void} onTable
 * @param {(format: FileFormat) => void} onSave
 */
export function figureButtons(onTable, onSave) {
  const group = createElement("div", "hl-save", { role: "group", "aria-label": "The figure as a table or a file" });
  group.append(createButton("Table", onTable, "hl-option hl-as-table", { "aria-haspopup": "dialog", title: "Show as a table" }));
  for (const format of /** @type {FileFormat[]} */ (["png", "svg"])) {
    group.append(createButton(format.toUpperCase(), () => onSave(format), "hl-option hl-as-file"));
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
