/** The figures: cards in a grid, each with a chart and its switches. */

import { CardDescriptions } from "./card_descriptions.js";
import { createButton, createElement, pressOnly, setText } from "./dom.js";
import { figureButtons } from "./figure_buttons.js";
import { helpLink, showHelp } from "./help_link.js";
import { loadPlotly } from "./load_plotly.js";
import { Notice } from "./notice.js";
import { PlotlyChart } from "./plotly_chart.js";
import { onChange } from "./presenter.js";
import { emptyRun, isUnderWay, watchStream } from "./run_stream.js";
import { remember, rememberedList } from "./tab_storage.js";
import { readTheme } from "./theme.js";

const CHOSEN = "hl-views"; // the key under which the tab remembers the chosen options
const FILLS = "data-hl-fills";
const PAUSE_MS = 20; // between two slow charts, so that a frame of the fast ones gets in

/**
 * @typedef {object} FiguresOfRun
 * @property {string} plotly   the address of plotly.min.js
 * @property {?string} stream   the address of the live stream; null before anything is trained
 * @property {{cards: FigureCard[]}} panel   the first card is large
 * @property {boolean} fills   whether the figures take the height that the window has left
 */
/** @typedef {PanelData & FiguresOfRun} FiguresData */

/**
 * @typedef {object} ShownCard
 * @property {string} name
 * @property {HTMLElement} section
 * @property {HTMLElement} title
 * @property {HTMLAnchorElement} help   leads to the glossary
 * @property {HTMLElement} switches
 * @property {string} builtSwitches   what `switches` was built from, as text
 * @property {HTMLElement} host   of the chart
 * @property {HTMLElement} epoch   says of which epoch the figure is, where it is not the one that the strip shows
 * @property {PlotlyChart} chart
 */

/** @implements {PanelPart<FiguresData>} */
export class FigureCards {
  #styled;
  #notice = new Notice("Live panel");
  #grid = createElement("div", "hl-grid");
  /** @type {Map<string, ShownCard>} by name */
  #cards = new Map();
  /** @type {Map<string, string>} label of the chosen option, by switch */
  #chosen = new Map(rememberedList(CHOSEN).filter((entry) => Array.isArray(entry) && entry.length === 2));
  /** @type {?ComponentCall<FiguresData>} */
  #call = null;
  /** @type {?string} */
  #stream = null;
  /** @type {?WatchedRun} */
  #run = null;
  #state = emptyRun();
  #seq = 0; // of the frame drawn last
  /** @type {?number} the earlier epoch that was drawn last */
  #replayed = null;
  #work = Promise.resolve();
  #isDestroyed = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #frames = 0;
  #mounts = 0;
  /** @type {Element[]} what stands between the figures and the page's column, and that; marked where they fill it */
  #around = [];
  #descriptions = new CardDescriptions(() => this.#cards.values());
  #forgetPresenter = onChange(() => this.#call && this.update(this.#call));

  /**
   * @param {HTMLElement} root
   * @param {Promise<void>} styled
   */
  constructor(root, styled) {
    this.root = root;
    this.#styled = styled;
    root.append(this.#notice.root, this.#grid, this.#descriptions.root);
    Object.assign(root.dataset, { frames: 0, mounts: 0, epoch: 0, seq: 0 });
  }

  /** @param {ComponentCall<FiguresData>} call */
  update(call) {
    this.#call = call;
    this.#markAround(call.data.fills);
    // One after another: a call may come while an earlier one still waits for Plotly.
    this.#work = this.#work.then(() => this.#build(call.data)).catch((error) => this.#notice.show(error));
  }

  /**
   * Build what `data` describes; what is on the page already and still right stays untouched.
   *
   * @param {FiguresData} data
   */
  async #build(data) {
    const [Plotly] = await Promise.all([loadPlotly(data.plotly), this.#styled]);
    if (this.#isDestroyed || data !== this.#call?.data) return; // a later call replaces this one
    this.#notice.hide();
    this.#watch(data.stream);
    const theme = readTheme(this.root);
    const cards = this.#arrange(Plotly, data.panel.cards);
    for (const [index, { title, help, figure, feeds, switches }] of data.panel.cards.entries()) {
      const card = cards[index];
      card.title.textContent = title;
      showHelp(card.help, title, help);
      card.section.setAttribute("aria-label", title);
      this.#showSwitches(card, switches);
      await card.chart.build({ figure, feeds, options: this.#chosenOptions(card, switches) }, this.#state, theme);
    }
    if (!data.stream || this.#state.header) this.#draw();
  }

  /**
   * Mark what is around the figures, for ui/style.css. With `:has` in place of a mark, the browser would look at all of
   * the page again whenever a figure changes.
   *
   * @param {boolean} fills
   */
  #markAround(fills) {
    for (const place of this.#around) place.removeAttribute(FILLS);
    this.#around = [];
    const column = this.root.closest(".stMainBlockContainer");
    if (!fills || !column) return;
    for (let place = this.root.parentElement; place && place !== column; place = place.parentElement) this.#around.push(place);
    this.#around.push(column);
    for (const place of this.#around) place.setAttribute(FILLS, "");
  }

  /** @param {?string} stream */
  #watch(stream) {
    if (stream === this.#stream) return;
    this.#run?.release();
    this.#stream = stream;
    this.#run = stream ? watchStream(stream, () => this.#onState()) : null;
    this.#state = this.#run?.state ?? emptyRun();
    this.#seq = 0;
    Object.assign(this.root.dataset, { epoch: 0, seq: 0, stream: stream ?? "" });
  }

  #onState() {
    const { header, received, bytes } = this.#state;
    if (!header) return;
    this.#draw();
    this.#frames += 1;
    const { epoch, seq } = header;
    Object.assign(this.root.dataset, { frames: this.#frames, epoch, seq, received, bytes });
  }

  // Drawing

  /**
   * Draw what is new: every cheap chart and one of the slow charts, or all charts when the run comes to rest or another
   * epoch is viewed.
   */
  #draw() {
    const { header, replayed } = this.#state;
    const isResting = header === null || isAtRest(header);
    const all = (header !== null && header.seq !== this.#seq && isResting) || replayed !== this.#replayed;
    this.#seq = header?.seq ?? 0;
    this.#replayed = replayed;
    for (const { chart } of this.#cards.values()) {
      if ((all || chart.interval === 0) && !chart.isHeld && chart.hasNews(this.#state)) chart.draw(this.#state);
    }
    this.#drawNext();
    this.#showEpochs();
    if (isResting) this.#descriptions.tell();
    else this.#descriptions.wait();
  }

  /** Have every card say of which epoch it is, where that is another one than the strip shows. */
  #showEpochs() {
    const { header, replayed } = this.#state;
    const shown = replayed ?? header?.epoch ?? 0;
    for (const { chart, section, epoch } of this.#cards.values()) {
      const drawn = chart.epoch ?? shown;
      section.dataset.epoch = String(drawn);
      setText(epoch, drawn === shown ? "" : `epoch ${drawn}`);
    }
  }

  /** Draw the chart that has waited longest, and come back for the others: the last state is always drawn. */
  #drawNext() {
    clearTimeout(this.#timer);
    const waiting = [...this.#cards.values()]
      .map(({ chart }) => chart)
      .filter((chart) => chart.hasNews(this.#state))
      .toSorted((one, other) => one.dueAt - other.dueAt);
    if (!waiting.length) return;
    const now = performance.now();
    const next = waiting.find((chart) => chart.dueAt <= now && !chart.isHeld);
    if (next) {
      next.draw(this.#state);
      this.#showEpochs();
    }
    this.#timer = setTimeout(() => this.#drawNext(), Math.max(PAUSE_MS, waiting[0].dueAt - now));
  }

  // Cards

  /**
   * Put the cards in order, the first one large, and return them. Cards that stay are kept, with their charts.
   *
   * @param {PlotlyLibrary} Plotly
   * @param {FigureCard[]} wanted
   */
  #arrange(Plotly, wanted) {
    const names = wanted.map(({ name }) => name);
    for (const [name, card] of this.#cards) {
      if (names.includes(name)) continue;
      card.chart.destroy();
      card.section.remove();
    }
    const cards = names.map((name) => this.#cards.get(name) ?? this.#makeCard(Plotly, name));
    this.#cards = new Map(cards.map((card) => [card.name, card]));
    cards.forEach(({ section }, index) => {
      section.classList.toggle("hl-large", index === 0);
      const there = this.#grid.children.item(index);
      if (there !== section) this.#grid.insertBefore(section, there);
    });
    return cards;
  }

  /**
   * @param {PlotlyLibrary} Plotly
   * @param {string} name
   * @returns {ShownCard}
   */
  #makeCard(Plotly, name) {
    const section = createElement("section", "hl-card");
    const header = createElement("header", "hl-header");
    const title = createElement("h3", "hl-title");
    const switches = createElement("div", "hl-switches");
    const host = createElement("div", "hl-chart");
    const help = helpLink(name);
    header.append(title, help, switches);
    const chart = new PlotlyChart(Plotly, host);
    const epoch = createElement("span", "hl-of-epoch");
    const card = { name, section, title, help, switches, builtSwitches: "", host, epoch, chart };
    section.append(
      header,
      host,
      epoch,
      figureButtons(
        () => this.#descriptions.openTable(card),
        (format) => this.#save(card, format),
      ),
    );
    this.#mounts += 1;
    this.root.dataset.mounts = String(this.#mounts);
    return card;
  }

  /**
   * @param {ShownCard} card
   * @param {import("./figure_buttons.js").FileFormat} format
   */
  async #save({ chart, title }, format) {
    try {
      await chart.save(format, title.textContent.toLowerCase());
    } catch (error) {
      this.#notice.show(error);
    }
  }

  // Switches

  /**
   * @param {ShownCard} card
   * @param {FigureSwitch[]} switches
   */
  #showSwitches(card, switches) {
    const built = JSON.stringify(switches);
    if (built === card.builtSwitches) return; // buttons that stay keep the focus
    card.builtSwitches = built;
    card.switches.replaceChildren(...switches.map((choice) => this.#makeSwitch(card, choice)));
  }

  /**
   * @param {ShownCard} card
   * @param {FigureSwitch} choice
   */
  #makeSwitch(card, choice) {
    const group = createElement("div", "hl-switch", { role: "group", "aria-label": choice.label });
    const buttons = choice.options.map((option, index) => {
      const choose = () => {
        this.#chosen.set(switchKey(card, choice), option.label);
        remember(CHOSEN, [...this.#chosen]);
        pressOnly(buttons, buttons[index]);
        card.chart.choose(option);
        if (!this.#state.header || isAtRest(this.#state.header)) this.#descriptions.tell();
      };
      return createButton(option.label, choose, "hl-option");
    });
    pressOnly(buttons, buttons[this.#chosenIndex(card, choice)]);
    group.append(...buttons);
    return group;
  }

  /**
   * @param {ShownCard} card
   * @param {FigureSwitch} choice
   */
  #chosenIndex(card, choice) {
    const label = this.#chosen.get(switchKey(card, choice));
    return Math.max(
      choice.options.findIndex((option) => option.label === label),
      0,
    );
  }

  /**
   * Return the chosen options that differ from how the figure starts.
   *
   * @param {ShownCard} card
   * @param {FigureSwitch[]} switches
   */
  #chosenOptions(card, switches) {
    return switches.flatMap((choice) => {
      const index = this.#chosenIndex(card, choice);
      return index > 0 ? [choice.options[index]] : [];
    });
  }

  destroy() {
    this.#isDestroyed = true;
    this.#forgetPresenter();
    this.#markAround(false);
    clearTimeout(this.#timer);
    this.#descriptions.destroy();
    this.#run?.release();
    for (const { chart } of this.#cards.values()) chart.destroy();
  }
}

/**
 * Return whether a run is at rest. Then all figures show the same epoch, so that they agree with each other.
 *
 * @param {FrameHeader} header
 */
function isAtRest({ status, epoch, epochs }) {
  return !isUnderWay(status) || (status === "running" && epoch >= epochs);
}

/**
 * @param {ShownCard} card
 * @param {FigureSwitch} choice
 */
function switchKey({ name }, { label }) {
  return `${name}: ${label}`;
}
