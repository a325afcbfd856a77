/**
 * The figure panel: one figure that stays on the page while what it shows changes, and tells where it is clicked.
 *
 * A module for a Streamlit component (v2). Its default export is called at every change of data or theme with
 *
 *   css      address of figure_panel.css
 *   plotly   address of plotly.min.js
 *   name     what the figure is; its files are called so
 *   figure   {data, layout}; layout.height is how high it is
 *   feeds    by name of an array, how it changes the figure (core/figures/feeds.py)
 *   arrays   by name, {bytes, shape}: uint8 as base64
 *   clickable  whether clicks are reported
 *
 * One trigger: "clicked" with [x, y] in the units of the axes, for a click between them; a drag is none.
 *
 * For tests the root (`.hl-figure`) carries data-mounts, the charts made since it was made.
 */

import { Chart } from "./plotly_chart.js";
import { element } from "./dom.js";
import { mount } from "./mount.js";
import { loadPlotly } from "./load_plotly.js";
import { saveButtons } from "./save_figure.js";
import { emptyRun } from "./run_stream.js";
import { readTheme } from "./theme.js";

const STILL_PX = 5; // as far as a finger moves in a tap

export default function figurePanel(args) {
  return mount(args, (root) => new FigurePanel(root));
}

class FigurePanel {
  constructor(root) {
    this.root = root;
    this.notice = element("p", "hl-notice", { role: "alert", hidden: "" });
    this.host = element("div", "hl-chart", { role: "group" });
    const save = (format) => this.chart?.save(format, this.args.data.name.toLowerCase()).catch((error) => this.fail(error));
    root.append(this.notice, this.host, saveButtons(save));
    root.dataset.mounts = 0;
    this.arrays = {}; // by name, {bytes, data, shape}: one that stays is not drawn again
    this.work = Promise.resolve();
    this.closing = new AbortController();
    this.listen();
  }

  update(args) {
    this.args = args;
    // One after another: a call may come while the one before still waits for Plotly.
    this.work = this.work.then(() => this.bring(args.data)).catch((error) => this.fail(error));
  }

  async bring(data) {
    const [Plotly] = await Promise.all([loadPlotly(data.plotly), this.root.styled]);
    if (this.closing.signal.aborted || data !== this.args.data) return; // gone, or overtaken
    this.notice.hidden = true;
    this.root.classList.toggle("hl-clickable", data.clickable);
    this.host.setAttribute("aria-label", data.name);
    this.host.style.height = `${data.figure.layout.height}px`;
    this.chart ??= this.makeChart(Plotly);
    this.arrays = this.unpack(data.arrays);
    const state = { ...emptyRun(), arrays: this.arrays };
    await this.chart.build({ figure: data.figure, feeds: data.feeds, options: [] }, state, readTheme(this.root));
    if (this.chart.hasNews(state)) this.chart.draw(state);
  }

  makeChart(Plotly) {
    this.root.dataset.mounts = Number(this.root.dataset.mounts) + 1;
    return new Chart(Plotly, this.host);
  }

  unpack(packed) {
    const known = ([name, array]) => (this.arrays[name]?.bytes === array.bytes ? this.arrays[name] : unpacked(array));
    return Object.fromEntries(Object.entries(packed).map(([name, array]) => [name, known([name, array])]));
  }

  /** Take clicks from the pointer itself: Plotly tells of those on points alone. */
  listen() {
    const { signal } = this.closing;
    let pressed = null;
    this.host.addEventListener(
      "pointerdown",
      ({ isPrimary, button, clientX, clientY }) => {
        pressed = isPrimary && button === 0 ? { clientX, clientY } : null;
      },
      { capture: true, signal },
    );
    // On the window: while a button is down Plotly lays an element over the page.
    window.addEventListener("pointercancel", () => (pressed = null), { capture: true, signal });
    window.addEventListener(
      "pointerup",
      ({ clientX, clientY }) => {
        const isStill = pressed && Math.hypot(clientX - pressed.clientX, clientY - pressed.clientY) <= STILL_PX;
        pressed = null;
        if (isStill) this.tell(clientX, clientY);
      },
      { capture: true, signal },
    );
  }

  tell(clientX, clientY) {
    if (!this.args.data.clickable || !this.chart?.isReady) return;
    const box = this.host.querySelector(".nsewdrag").getBoundingClientRect();
    const across = (clientX - box.left) / box.width;
    const up = (box.bottom - clientY) / box.height;
    if (Math.min(across, up) < 0 || Math.max(across, up) > 1) return; // in the margin
    const { xaxis, yaxis } = this.host.layout;
    this.args.setTriggerValue("clicked", [between(xaxis.range, across), between(yaxis.range, up)]);
  }

  fail(error) {
    console.error("Figure panel:", error);
    this.notice.textContent = error.message;
    this.notice.hidden = false;
  }

  destroy() {
    this.closing.abort();
    this.chart?.destroy();
  }
}

function unpacked({ bytes, shape }) {
  return { bytes, shape, data: Uint8Array.from(atob(bytes), (character) => character.charCodeAt(0)) };
}

function between([low, high], share) {
  return low + (high - low) * share;
}
