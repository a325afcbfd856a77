/** PNG and SVG buttons on the charts that Streamlit draws, like those of the live panel. */

import { loadPlotly } from "./load_plotly.js";
import { Notice } from "./notice.js";
import { saveButtons, saveFigure } from "./save_figure.js";
import { readTheme } from "./theme.js";

const MAIN = "[data-testid=stMain]";
const CHART = `${MAIN} .stPlotlyChart`;
const BUTTONS = `${CHART} > .hl-save`;

/** @typedef {import("./save_figure.js").FileFormat} FileFormat */
/** @typedef {PanelData & {plotly: string}} SavingData */

/** @implements {PanelPart<SavingData>} */
export class StreamlitChartSaver {
  #notice = new Notice("Save buttons");
  #plotly = "";
  #theme;

  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.#theme = readTheme(root);
    root.append(this.#notice.root);
    this.changes = new MutationObserver(() => this.#addButtons());
    this.changes.observe(document.querySelector(MAIN) ?? document.body, { childList: true, subtree: true });
  }

  /** @param {ComponentCall<SavingData>} call */
  update({ data }) {
    this.#plotly = data.plotly;
    this.#theme = readTheme(this.root);
    for (const buttons of document.querySelectorAll(BUTTONS)) this.#applyTheme(/** @type {HTMLElement} */ (buttons));
    this.#addButtons();
  }

  /** Give buttons to every chart that has none. */
  #addButtons() {
    for (const chart of document.querySelectorAll(`${CHART}:not(:has(> .hl-save))`)) {
      const buttons = saveButtons((format) => this.#save(chart, format));
      this.#applyTheme(buttons);
      chart.append(buttons);
    }
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
      const plot = /** @type {PlotlyElement} */ (chart.querySelector(".js-plotly-plot"));
      await saveFigure(Plotly, plot, { format, filename: fileName(chart), background: this.#theme.background });
    } catch (error) {
      this.#notice.show(error);
    }
  }

  destroy() {
    this.changes.disconnect();
    for (const buttons of document.querySelectorAll(BUTTONS)) buttons.remove();
  }
}

/**
 * Return the name of a chart's file: its key in Python, which Streamlit puts among its classes.
 *
 * @param {Element} chart
 */
function fileName(chart) {
  const classes = chart.closest("[class*=st-key-]")?.className ?? "";
  return /st-key-(\S+)/.exec(classes)?.[1] ?? "figure";
}
