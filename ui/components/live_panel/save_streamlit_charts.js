/** PNG and SVG on the figures that Streamlit draws, as those of the live panel have them. */

import { element } from "./dom.js";
import { loadPlotly } from "./load_plotly.js";
import { saveButtons, saveFigure } from "./save_figure.js";
import { readTheme } from "./theme.js";

const FIGURE = "[data-testid=stMain] .stPlotlyChart";

export class SavingPart {
  constructor(root) {
    this.root = root;
    this.notice = element("p", "hl-notice", { role: "alert", hidden: "" });
    root.append(this.notice);
    this.changes = new MutationObserver(() => this.equip());
    this.changes.observe(document.querySelector("[data-testid=stMain]"), { childList: true, subtree: true });
  }

  update({ data }) {
    this.plotly = data.plotly;
    this.theme = readTheme(this.root);
    for (const buttons of document.querySelectorAll(`${FIGURE} > .hl-save`)) this.paint(buttons);
    this.equip();
  }

  /** Give buttons to every figure that has none. */
  equip() {
    for (const figure of document.querySelectorAll(`${FIGURE}:not(:has(> .hl-save))`)) {
      const buttons = saveButtons((format) => this.save(figure, format).catch((error) => this.fail(error)));
      this.paint(buttons);
      figure.append(buttons);
    }
  }

  /** Streamlit's variables end at its components, and these buttons stand outside. */
  paint({ style }) {
    style.setProperty("--st-text-color", this.theme.text);
    style.setProperty("--st-background-color", this.theme.background);
    style.setProperty("--st-primary-color", this.theme.primary);
  }

  async save(figure, format) {
    const Plotly = await loadPlotly(this.plotly);
    this.notice.hidden = true;
    const plot = figure.querySelector(".js-plotly-plot");
    await saveFigure(Plotly, plot, format, nameOf(figure), this.theme.background);
  }

  fail(error) {
    console.error("Live panel:", error);
    this.notice.textContent = error.message;
    this.notice.hidden = false;
  }

  destroy() {
    this.changes.disconnect();
    for (const buttons of document.querySelectorAll(`${FIGURE} > .hl-save`)) buttons.remove();
  }
}

/** Return what a figure's file is called: the key that Python gave it, which Streamlit writes among its classes. */
function nameOf(figure) {
  return figure.closest("[class*=st-key-]").className.match(/st-key-(\S+)/)[1];
}
