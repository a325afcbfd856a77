/** The data of a chart as tables, in a dialog over the page. */

import { createButton, createElement } from "./dom.js";

/** @typedef {import("./chart_description.js").ChartDescription} ChartDescription */
/** @typedef {import("./chart_tables.js").ChartTable} ChartTable */

export class TableDialog {
  #title = createElement("h2", "hl-table-title");
  #sentence = createElement("p", "hl-sentence");
  // The keyboard scrolls what has the focus.
  #tables = createElement("div", "hl-tables", { tabindex: 0, role: "region", "aria-label": "Data" });
  root = createElement("dialog", "hl-table");

  constructor() {
    const header = createElement("header", "hl-header");
    header.append(this.#title, createButton("Close", () => this.root.close(), "hl-button hl-close"));
    this.root.append(header, this.#sentence, this.#tables);
    this.root.addEventListener("click", ({ target }) => {
      if (target === this.root) this.root.close(); // beside what it shows
    });
    this.root.addEventListener("close", () => this.#tables.replaceChildren());
  }

  get isOpen() {
    return this.root.open;
  }

  /**
   * @param {string} title   of the chart
   * @param {ChartDescription} description
   */
  show(title, { sentence, tables }) {
    this.root.setAttribute("aria-label", `${title} as a table`);
    this.#title.textContent = title;
    this.#sentence.textContent = sentence;
    this.#tables.replaceChildren(...tables().map(tableElement));
    if (!this.root.open) this.root.showModal();
  }

  close() {
    this.root.close();
  }
}

/** @param {ChartTable} table */
function tableElement({ columns, rows }) {
  const table = createElement("table", "hl-data");
  table.createTHead().append(rowElement(columns.map((column) => createElement("th", "", { scope: "col" }, column))));
  const body = table.createTBody();
  for (const [head, ...cells] of rows) {
    body.append(rowElement([createElement("th", "", { scope: "row" }, head), ...cells.map((cell) => createElement("td", "", {}, cell))]));
  }
  return table;
}

/** @param {HTMLElement[]} cells */
function rowElement(cells) {
  const row = createElement("tr");
  row.append(...cells);
  return row;
}
