/** Colour scales: from a value to a pixel or a CSS colour. */

import { rgb } from "./theme.js";

/** @type {Map<string, Uint32Array>} */
const scales = new Map(); // made once for each list of colours; a page has a handful

/**
 * Return the pixels of values 0 to 255 on the scale of evenly spaced colours: Uint32 (256).
 *
 * @param {string[]} colours
 */
export function colourScale(colours) {
  const key = String(colours);
  const known = scales.get(key);
  if (known) return known;
  const stops = colours.map((colour) => rgb(colour));
  const channels = new Uint8ClampedArray(256 * 4);
  for (let value = 0; value < 256; value++) {
    const place = (value / 255) * (stops.length - 1);
    const below = Math.min(Math.floor(place), stops.length - 2);
    const colour = stops[below].map((from, channel) => from + (stops[below + 1][channel] - from) * (place - below));
    channels.set([...colour, 255], value * 4);
  }
  const scale = new Uint32Array(channels.buffer);
  scales.set(key, scale);
  return scale;
}

/**
 * Return the index on a colour scale of a value from -1 to 1; NaN is in the middle.
 *
 * @param {number} value
 */
export function scaleIndex(value) {
  return Math.round(127.5 * (1 + Math.max(-1, Math.min(1, value || 0))));
}

/**
 * Return the CSS colour of a value from -1 to 1.
 *
 * @param {string[]} colours
 * @param {number} value
 */
export function scaleColour(colours, value) {
  const [red, green, blue] = new Uint8Array(colourScale(colours).buffer, 4 * scaleIndex(value), 3);
  return `rgb(${red},${green},${blue})`;
}
