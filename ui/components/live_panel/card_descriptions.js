/** The live panel's figures in words and tables, which cost a run that trains nothing. */

import { labelChart } from "./chart_description.js";
import { TableDialog } from "./table_dialog.js";

const REST_MS = 200; // after the last change of the figures
const MOVING = "The network is training; what the figure shows follows when it rests.";

/** @typedef {{title: HTMLElement, host: HTMLElement, chart: import("./plotly_chart.js").PlotlyChart}} DescribedCard */

export class CardDescriptions {
  #dialog = new TableDialog();
  /** @type {?DescribedCard} */
  #inTable = null;
  #isMoving = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {() => Iterable<DescribedCard>} cards */
  constructor(cards) {
    this.cards = cards;
    this.root = this.#dialog.root;
  }

  /** Describe the figures once they have come to rest. */
  tell() {
    this.#isMoving = false;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#describe(), REST_MS);
  }

  /** Say that the figures move: their words would be old before they are read. */
  wait() {
    if (this.#isMoving) return;
    this.#isMoving = true;
    clearTimeout(this.#timer);
    for (const { host, title } of this.cards()) labelChart(host, title.textContent, MOVING);
  }

  /** @param {DescribedCard} card */
  openTable(card) {
    this.#inTable = card;
    this.#dialog.show(card.title.textContent, card.chart.describe());
  }

  #describe() {
    for (const card of this.cards()) {
      const description = card.chart.describe();
      labelChart(card.host, card.title.textContent, description.sentence);
      if (this.#dialog.isOpen && card === this.#inTable) this.#dialog.show(card.title.textContent, description);
    }
  }

  destroy() {
    clearTimeout(this.#timer);
    this.#dialog.close();
  }
}
