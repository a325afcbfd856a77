/** The figures: cards in a grid, each with a chart and its switches. */

import { Chart } from "./plotly_chart.js";
import { element } from "./dom.js";
import { loadPlotly } from "./load_plotly.js";
import { saveButtons } from "./save_figure.js";
import { emptyRun, isUnderWay, watchStream } from "./run_stream.js";
import { readTheme } from "./theme.js";

const PAUSE_MS = 20; // between two slow charts, so that a frame of the fast ones gets in

export class FiguresPart {
  constructor(root) {
    this.root = root;
    this.notice = element("p", "hl-notice", { role: "alert", hidden: "" });
    this.grid = element("div", "hl-grid");
    root.append(this.notice, this.grid);
    this.cards = new Map(); // name of the figure -> {section, title, switches, chart}
    this.chosen = new Map(); // figure and label of a switch -> index of the option
    this.stream = null;
    this.state = emptyRun();
    this.seq = 0; // of the frame drawn last
    this.work = Promise.resolve();
    Object.assign(root.dataset, { frames: 0, mounts: 0, epoch: 0, seq: 0 });
  }

  update(args) {
    this.args = args;
    // One after another: a call may come while the one before still waits for Plotly.
    this.work = this.work.then(() => this.bring(args.data)).catch((error) => this.fail(error));
  }

  /** Bring the page to what `data` says; what is there already and still right stays untouched. */
  async bring(data) {
    const [Plotly] = await Promise.all([loadPlotly(data.plotly), this.root.styled]);
    if (this.isDestroyed || data !== this.args.data) return; // overtaken
    this.notice.hidden = true;
    this.watch(data.stream);
    this.arrange(Plotly, data.panel);
    const theme = readTheme(this.root);
    for (const { name, title, figure, feeds, switches } of data.panel.cards) {
      const card = this.cards.get(name);
      card.title.textContent = title;
      card.section.setAttribute("aria-label", title);
      this.showSwitches(card, switches);
      await card.chart.build({ figure, feeds, options: this.chosenOptions(card, switches) }, this.state, theme);
    }
    if (!data.stream || this.state.header) this.draw();
  }

  watch(stream) {
    if (stream === this.stream) return;
    this.watched?.release();
    this.stream = stream;
    this.watched = stream ? watchStream(stream, () => this.onState()) : null;
    this.state = this.watched?.state ?? emptyRun();
    this.seq = 0;
    Object.assign(this.root.dataset, { epoch: 0, seq: 0 });
  }

  onState() {
    const { root, state } = this;
    if (!state.header) return;
    this.draw();
    root.dataset.frames = Number(root.dataset.frames) + 1;
    const { epoch, seq } = state.header;
    Object.assign(root.dataset, { epoch, seq, received: state.received, bytes: state.bytes });
  }

  /** Draw what is new: every cheap chart and one of the slow charts, or all charts when the run comes to rest. */
  draw() {
    const { header } = this.state;
    const all = header && header.seq !== this.seq && isAtRest(header);
    this.seq = header?.seq ?? 0;
    for (const { chart } of this.cards.values()) {
      if ((all || chart.interval === 0) && !chart.isHeld && chart.hasNews(this.state)) chart.draw(this.state);
    }
    this.drawNext();
  }

  /** Draw the chart that has waited longest, and come back for the others: the last state is always drawn. */
  drawNext() {
    clearTimeout(this.timer);
    const waiting = [...this.cards.values()]
      .map(({ chart }) => chart)
      .filter((chart) => chart.hasNews(this.state))
      .sort((one, other) => one.dueAt - other.dueAt);
    if (!waiting.length) return;
    const now = performance.now();
    const next = waiting.find((chart) => chart.dueAt <= now && !chart.isHeld);
    next?.draw(this.state);
    this.timer = setTimeout(() => this.drawNext(), Math.max(PAUSE_MS, waiting[0].dueAt - now));
  }

  /** Arrange the cards in order, the first one large. Cards that stay are kept, with their charts. */
  arrange(Plotly, { cards }) {
    const names = cards.map(({ name }) => name);
    for (const [name, card] of this.cards) {
      if (names.includes(name)) continue;
      card.chart.destroy();
      card.section.remove();
      this.cards.delete(name);
    }
    this.cards = new Map(names.map((name) => [name, this.cards.get(name) ?? this.makeCard(Plotly, name)]));
    [...this.cards.values()].forEach(({ section }, place) => {
      section.classList.toggle("hl-large", place === 0);
      if (this.grid.children[place] !== section) this.grid.insertBefore(section, this.grid.children[place] ?? null);
    });
  }

  makeCard(Plotly, name) {
    const section = element("section", "hl-card");
    const header = element("header", "hl-header");
    const title = element("h3", "hl-title");
    const switches = element("div", "hl-switches");
    const host = element("div", "hl-chart");
    header.append(title, switches);
    this.root.dataset.mounts = Number(this.root.dataset.mounts) + 1;
    const chart = new Chart(Plotly, host);
    const save = (format) => chart.save(format, title.textContent.toLowerCase()).catch((error) => this.fail(error));
    section.append(header, host, saveButtons(save));
    return { name, section, title, switches, chart, switchesMade: "" };
  }

  showSwitches(card, switches) {
    const made = JSON.stringify(switches);
    if (made === card.switchesMade) return; // buttons that stay keep the focus
    card.switchesMade = made;
    card.switches.replaceChildren(...switches.map((choice) => this.makeSwitch(card, choice)));
  }

  makeSwitch(card, choice) {
    const group = element("div", "hl-switch", { role: "group", "aria-label": choice.label });
    const buttons = choice.options.map(({ label }) => element("button", "hl-option", { type: "button" }, label));
    const press = (chosen) => buttons.forEach((button, index) => button.setAttribute("aria-pressed", index === chosen));
    buttons.forEach((button, index) => {
      button.onclick = () => {
        this.chosen.set(keyOf(card, choice), index);
        press(index);
        card.chart.choose(choice.options[index]);
      };
    });
    press(this.optionOf(card, choice));
    group.append(...buttons);
    return group;
  }

  optionOf(card, choice) {
    const index = this.chosen.get(keyOf(card, choice)) ?? 0;
    return index < choice.options.length ? index : 0;
  }

  /** Return the options that a figure must be built with: those that are not how it starts. */
  chosenOptions(card, switches) {
    return switches
      .map((choice) => [choice, this.optionOf(card, choice)])
      .filter(([, index]) => index > 0)
      .map(([choice, index]) => choice.options[index]);
  }

  fail(error) {
    console.error("Live panel:", error);
    this.notice.textContent = error.message;
    this.notice.hidden = false;
  }

  destroy() {
    this.isDestroyed = true;
    clearTimeout(this.timer);
    this.watched?.release();
    for (const { chart } of this.cards.values()) chart.destroy();
  }
}

/** Return whether the run is at rest: then all figures show the same epoch, so that they agree with each other. */
function isAtRest({ status, epoch, epochs }) {
  return !isUnderWay(status) || (status === "running" && epoch >= epochs);
}

const keyOf = ({ name }, { label }) => `${name}: ${label}`;
