/** The bar above the drawing: the chosen sample, the colours of weights, and how many units are shown. */

import { createButton, createElement, pressOnly, setText } from "./dom.js";
import { formatNumber } from "./format_number.js";
import { sampleColour } from "./layer_spaces.js";

export class SampleBar {
  root = createElement("div", "hl-insidebar");
  #samples = createElement("div", "hl-samples", { role: "group", "aria-label": "Sample" });
  #sample = createElement("span", "hl-sample", { role: "status" });
  #signs = createElement("div", "hl-signs");
  #amount = createElement("div", "hl-switch", { role: "group", "aria-label": "Units shown" });

  /**
   * @param {(step: number) => void} onStep   gets -1 or 1, for the previous or the next sample
   * @param {(all: boolean) => void} onShowAll
   */
  constructor(onStep, onShowAll) {
    this.#samples.append(
      createButton("‹", () => onStep(-1), "hl-button", { "aria-label": "Previous sample" }),
      this.#sample,
      createButton("›", () => onStep(1), "hl-button", { "aria-label": "Next sample" }),
    );
    const options = ["Strongest", "All units"].map((label, index) => {
      const option = createButton(label, () => choose(option, index === 1), "hl-option");
      return option;
    });
    const choose = (/** @type {HTMLElement} */ option, /** @type {boolean} */ all) => {
      pressOnly(options, option);
      onShowAll(all);
    };
    pressOnly(options, options[0]);
    this.#amount.append(...options);
    this.root.append(this.#samples, this.#signs, this.#amount);
  }

  /**
   * @param {Network} network
   * @param {number} chosen   the index of the sample
   * @param {boolean} isWide   whether there are more units than are shown at first
   */
  show(network, chosen, isWide) {
    const { labels } = network.samples;
    this.#samples.hidden = !labels.length;
    if (labels.length) {
      const label = labels[chosen];
      const what = network.target ? `${network.target.name} ${formatNumber(label)}` : network.classNames[label];
      setText(this.#sample, `Sample ${chosen + 1} of ${labels.length}: ${what}`);
      this.#sample.style.setProperty("--hl-sample", sampleColour(network, chosen));
    }
    this.#amount.hidden = !isWide;
    if (this.#signs.children.length) return;
    ["negative weight", "positive weight"].forEach((text, index) => {
      const sign = createElement("span", "hl-sign", {}, text);
      sign.style.setProperty("--hl-sign", network.signColours[index]);
      this.#signs.append(sign);
    });
  }
}
