/** Scales of colours. */

import { rgb } from "./theme.js";

const made = new Map(); // colours as text -> their shades

/** Return the pixel of every value from 0 to 255 on the scale of evenly spaced colours: Uint32 (256). */
export function shadesOf(colours) {
  const key = String(colours);
  if (!made.has(key)) {
    const stops = colours.map(rgb);
    const channels = new Uint8ClampedArray(256 * 4);
    for (let value = 0; value < 256; value++) {
      const place = (value / 255) * (stops.length - 1);
      const below = Math.min(Math.floor(place), stops.length - 2);
      const colour = stops[below].map((from, channel) => from + (stops[below + 1][channel] - from) * (place - below));
      channels.set([...colour, 255], value * 4);
    }
    made.set(key, new Uint32Array(channels.buffer));
  }
  return made.get(key);
}

/** Return the place of a value from -1 to 1 on such a scale; what is no number has the middle. */
export function shadeOf(value) {
  return Math.round(127.5 * (1 + Math.max(-1, Math.min(1, value || 0))));
}

/** @returns {string} the colour of a value from -1 to 1. */
export function colourOf(colours, value) {
  const [red, green, blue] = new Uint8Array(shadesOf(colours).buffer, 4 * shadeOf(value), 3);
  return `rgb(${red},${green},${blue})`;
}
