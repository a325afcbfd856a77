/** The ? beside a figure or number: its words when the pointer is over it, and the way to the glossary. */

import { createElement } from "./dom.js";

/**
 * Return a ? that opens the glossary at a term, in another tab, so that the run stays in sight. Its sign is drawn by
 * the style sheet, so that it is no part of the text beside it.
 *
 * @param {string} term
 */
export function helpLink(term) {
  return createElement("a", "hl-help", { href: `glossary?term=${term}`, target: "_blank", rel: "noopener" });
}

/**
 * Have a ? say what it explains.
 *
 * @param {HTMLAnchorElement} link
 * @param {string} title   what is explained
 * @param {string} text
 */
export function showHelp(link, title, text) {
  link.title = text;
  link.setAttribute("aria-label", `Glossary: ${title}`);
}
