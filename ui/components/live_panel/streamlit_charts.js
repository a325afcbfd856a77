/** What the charts that Streamlit draws lack beside those of the live panel: words, a table, and PNG and SVG files. */

import { describeChart, labelChart } from "./chart_description.js";
import { figureButtons, saveFigure } from "./figure_buttons.js";
import { loadPlotly } from "./load_plotly.js";
import { Notice } from "./notice.js";
import { TableDialog } from "./table_dialog.js";
import { readTheme } from "./theme.js";

const MAIN = "[data-testid=stMain]";
const CHART = `${MAIN} .stPlotlyChart`;
const BUTTONS = `${CHART} > .hl-save`;

/** @typedef {import("./figure_buttons.js").FileFormat} FileFormat */
/** @typedef {PanelData & {plotly: string}} ChartsData */

/** @implements {PanelPart<ChartsData>} */
export class StreamlitCharts {
  #notice = new Notice("Chart buttons");
  #dialog = new TableDialog();
  #plotly = "";
  #theme;
  /** @type {WeakMap<Element, unknown>} what was described of a chart: Plotly makes it anew at every change */
  #described = new WeakMap();

  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.#theme = readTheme(root);
    root.append(this.#notice.root, this.#dialog.root);
    this.changes = new MutationObserver(() => this.#complete());
    this.changes.observe(document.querySelector(MAIN) ?? document.body, { childList: true, subtree: true });
  }

  /** @param {ComponentCall<ChartsData>} call */
  update({ data }) {
    this.#plotly = data.plotly;
    this.#theme = readTheme(this.root);
    for (const buttons of document.querySelectorAll(BUTTONS)) this.#applyTheme(/** @type {HTMLElement} */ (buttons));
    this.#complete();
  }

  /** Give buttons to every chart that has none, and words to every chart that has changed. */
  #complete() {
    for (const chart of document.querySelectorAll(`${CHART}:not(:has(> .hl-save))`)) {
      const onTable = () => this.#dialog.show(nameOf(chart), describeChart(plotOf(chart)));
      const buttons = figureButtons(onTable, (format) => this.#save(chart, format));
      this.#applyTheme(buttons);
      chart.append(buttons);
    }
    for (const chart of document.querySelectorAll(CHART)) this.#describe(chart);
  }

  /** @param {Element} chart */
  #describe(chart) {
    const plot = plotOf(chart);
    if (!plot?._fullData || this.#described.get(plot) === plot._fullData) return;
    this.#described.set(plot, plot._fullData);
    labelChart(plot, nameOf(chart), describeChart(plot).sentence);
  }

  /**
   * Streamlit sets its theme's variables on its components, and these buttons are outside of any.
   *
   * @param {HTMLElement} buttons
   */
  #applyTheme({ style }) {
    style.setProperty("--st-text-color", this.#theme.text);
    style.setProperty("--st-background-color", this.#theme.background);
    style.setProperty("--st-primary-color", this.#theme.primary);
  }

  /**
   * @param {Element} chart
   * @param {FileFormat} format
   */
  async #save(chart, format) {
    try {
      const Plotly = await loadPlotly(this.#plotly);
      this.#notice.hide();
      const file = { format, filename: keyOf(chart), background: this.#theme.background };
      await saveFigure(Plotly, plotOf(chart), file);
    } catch (error) {
      this.#notice.show(error);
    }
  }

  destroy() {
    this.changes.disconnect();
    this.#dialog.close();
    for (const buttons of document.querySelectorAll(BUTTONS)) buttons.remove();
  }
}

/** @param {Element} chart */
function plotOf(chart) {
  return /** @type {PlotlyElement} */ (chart.querySelector(".js-plotly-plot"));
}

/**
 * Return a chart's key in Python, which Streamlit puts among its classes: its file is called so.
 *
 * @param {Element} chart
 */
function keyOf(chart) {
  const classes = chart.closest("[class*=st-key-]")?.className ?? "";
  return /st-key-(\S+)/.exec(classes)?.[1] ?? "figure";
}

/**
 * Return what a chart is called in Python.
 *
 * @param {Element} chart
 */
function nameOf(chart) {
  return chart.getAttribute("aria-label") ?? "Figure";
}
