/**
 * The figure panel: one figure that stays on the page while its content changes, and that reports clicks.
 *
 * A module for a Streamlit component (v2). Its default export is called at every change of data or theme. One trigger:
 * "clicked" with [x, y] in the units of the axes, after a click between them (not after a drag).
 *
 * For tests the root (`.hl-figure`) has data-mounts, the charts made since it was made.
 */

import { labelChart } from "./chart_description.js";
import { createElement } from "./dom.js";
import { figureButtons } from "./figure_buttons.js";
import { loadPlotly } from "./load_plotly.js";
import { mount } from "./mount.js";
import { Notice } from "./notice.js";
import { PlotlyChart } from "./plotly_chart.js";
import { emptyRun } from "./run_stream.js";
import { TableDialog } from "./table_dialog.js";
import { readTheme } from "./theme.js";

const TAP_DISTANCE = 5; // pixels that a finger may move in a tap

/** @typedef {{bytes: string, shape: number[]}} PackedArray   uint8 as base64 */
/**
 * @typedef {object} NamedFigure
 * @property {string} plotly   the address of plotly.min.js
 * @property {string} name   what the figure is; its files are called so
 * @property {PlotlyFigure} figure   its layout has a height
 * @property {Record<string, Feed>} feeds   by the name of an array, how it changes the figure
 * @property {Record<string, PackedArray>} arrays
 * @property {boolean} clickable   whether clicks are reported
 */
/** @typedef {PanelData & NamedFigure} FigureData */

/** @param {ComponentCall<FigureData>} call */
export default function figurePanel(call) {
  return mount(call, (root, styled) => new FigurePanel(root, styled));
}

/** @implements {PanelPart<FigureData>} */
class FigurePanel {
  #styled;
  #notice = new Notice("Figure panel");
  #host = createElement("div", "hl-chart");
  #dialog = new TableDialog();
  /** @type {?ComponentCall<FigureData>} */
  #call = null;
  /** @type {?PlotlyChart} */
  #chart = null;
  #mounts = 0;
  /** @type {Record<string, FrameArray & {bytes: string}>} an array that stays the same object is not drawn again */
  #arrays = {};
  #work = Promise.resolve();
  #closing = new AbortController();

  /**
   * @param {HTMLElement} root
   * @param {Promise<void>} styled
   */
  constructor(root, styled) {
    this.root = root;
    this.#styled = styled;
    root.append(
      this.#notice.root,
      this.#host,
      figureButtons(
        () => this.#showTable(),
        (format) => this.#save(format),
      ),
      this.#dialog.root,
    );
    root.dataset.mounts = "0";
    this.#listen();
  }

  /** @param {ComponentCall<FigureData>} call */
  update(call) {
    this.#call = call;
    // One after another: a call may come while an earlier one still waits for Plotly.
    this.#work = this.#work.then(() => this.#draw(call.data)).catch((error) => this.#notice.show(error));
  }

  /** @param {FigureData} data */
  async #draw(data) {
    const [Plotly] = await Promise.all([loadPlotly(data.plotly), this.#styled]);
    if (this.#closing.signal.aborted || data !== this.#call?.data) return; // gone, or replaced by a later call
    this.#notice.hide();
    this.root.classList.toggle("hl-clickable", data.clickable);
    this.#host.style.height = `${data.figure.layout.height}px`;
    const chart = this.#chart ?? this.#makeChart(Plotly);
    this.#arrays = this.#unpack(data.arrays);
    const state = { ...emptyRun(), arrays: this.#arrays };
    await chart.build({ figure: data.figure, feeds: data.feeds, options: [] }, state, readTheme(this.root));
    if (chart.hasNews(state)) chart.draw(state);
    labelChart(this.#host, data.name, chart.describe().sentence);
  }

  /** @param {PlotlyLibrary} Plotly */
  #makeChart(Plotly) {
    const chart = new PlotlyChart(Plotly, this.#host);
    this.#chart = chart;
    this.#mounts += 1;
    this.root.dataset.mounts = String(this.#mounts);
    return chart;
  }

  /** @param {Record<string, PackedArray>} packed */
  #unpack(packed) {
    const entries = Object.entries(packed).map(([name, array]) => {
      const known = this.#arrays[name];
      return [name, known?.bytes === array.bytes ? known : unpacked(array)];
    });
    return Object.fromEntries(entries);
  }

  #showTable() {
    if (this.#chart && this.#call) this.#dialog.show(this.#call.data.name, this.#chart.describe());
  }

  /** @param {import("./figure_buttons.js").FileFormat} format */
  async #save(format) {
    try {
      await this.#chart?.save(format, this.#call?.data.name.toLowerCase() ?? "figure");
    } catch (error) {
      this.#notice.show(error);
    }
  }

  /** Recognize clicks from pointer events: Plotly reports only those on points. */
  #listen() {
    const options = { capture: true, signal: this.#closing.signal };
    /** @type {?PointerEvent} */
    let pressed = null;
    this.#host.addEventListener(
      "pointerdown",
      (event) => {
        pressed = event.isPrimary && event.button === 0 ? event : null;
      },
      options,
    );
    // On the window, because Plotly covers the page with an element while a button is down.
    window.addEventListener(
      "pointercancel",
      () => {
        pressed = null;
      },
      options,
    );
    window.addEventListener(
      "pointerup",
      ({ clientX, clientY }) => {
        const moved = pressed ? Math.hypot(clientX - pressed.clientX, clientY - pressed.clientY) : Infinity;
        pressed = null;
        if (moved <= TAP_DISTANCE) this.#report(clientX, clientY);
      },
      options,
    );
  }

  /**
   * @param {number} clientX
   * @param {number} clientY
   */
  #report(clientX, clientY) {
    if (!this.#call?.data.clickable) return;
    const place = this.#chart?.locate(clientX, clientY);
    if (place) this.#call.setTriggerValue("clicked", place);
  }

  destroy() {
    this.#closing.abort();
    this.#dialog.close();
    this.#chart?.destroy();
  }
}

/** @param {PackedArray} array */
function unpacked({ bytes, shape }) {
  return { bytes, shape, data: Uint8Array.from(atob(bytes), (character) => character.charCodeAt(0)) };
}
