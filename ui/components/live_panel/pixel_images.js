/** Images made of pixels, as data URLs. */

import { colourScale } from "./colour_scales.js";
import { context2d } from "./dom.js";
import { rgb } from "./theme.js";

const TINT_LEAST = 0.06; // share of the class colour at confidence 0 …
const TINT_MOST = 0.5; // … and at confidence 255
const PICTURE_SIDE = 96; // pixels at least, so that the browser's smoothing leaves the picture's own pixels square

const brush = context2d(document.createElement("canvas"), { willReadFrequently: true });

/** @type {{key: string, tints: Uint32Array}} */
let lastTints = { key: "", tints: new Uint32Array() }; // of the boundary that is drawn again and again

/**
 * Return an image of cells, each in the colour of its class, paler where the confidence is lower.
 *
 * @param {FrameArray} source   uint8 (2, rows, columns): classes and confidences
 * @param {string[]} classColours
 * @param {string} background
 */
export function classImage({ data, shape: [, rows, columns] }, classColours, background) {
  const cells = rows * columns;
  const tints = tintsOf(classColours, background);
  const pixels = new Uint32Array(cells);
  for (let cell = 0; cell < cells; cell++) {
    pixels[cell] = tints[(data[cell] % classColours.length) * 256 + data[cells + cell]];
  }
  return softImage(pixels, rows, columns);
}

/**
 * Return an image of cells, each in the colour of its value.
 *
 * @param {FrameArray} source   uint8 (rows, columns)
 * @param {string[]} colours   from 0 to 255, evenly spaced
 */
export function valueImage({ data, shape: [rows, columns] }, colours) {
  const scale = colourScale(colours);
  return softImage(Uint32Array.from(data, (value) => scale[value]), rows, columns);
}

/**
 * Return the images of some pictures.
 *
 * @param {FrameArray} source   uint8 (m, rows, columns), or (m, rows, columns, 3) in colour
 * @param {string[]} colours   of 0 and 255 in pictures without colour
 */
export function pictureImages({ data, shape: [count, rows, columns, channels = 1] }, colours) {
  const scale = colourScale(colours);
  const size = rows * columns * channels;
  return Array.from({ length: count }, (_, index) => {
    const values = data.subarray(index * size, (index + 1) * size);
    const pixels = channels === 3 ? opaque(values) : Uint32Array.from(values, (value) => scale[value]);
    return enlargedImage(pixels, rows, columns);
  });
}

/**
 * Return the pixel of every class at every confidence: Uint32 (classes * 256).
 *
 * @param {string[]} classColours
 * @param {string} background
 */
function tintsOf(classColours, background) {
  const key = `${classColours} on ${background}`;
  if (lastTints.key !== key) {
    const from = rgb(background);
    const channels = new Uint8ClampedArray(classColours.length * 256 * 4);
    classColours.forEach((classColour, label) => {
      const to = rgb(classColour);
      for (let confidence = 0; confidence < 256; confidence++) {
        const share = TINT_LEAST + (TINT_MOST - TINT_LEAST) * (confidence / 255);
        const colour = from.map((value, channel) => value + (to[channel] - value) * share);
        channels.set([...colour, 255], (label * 256 + confidence) * 4);
      }
    });
    lastTints = { key, tints: new Uint32Array(channels.buffer) };
  }
  return lastTints.tints;
}

/**
 * Return red, green and blue values as opaque pixels.
 *
 * @param {FrameNumbers} values
 */
function opaque(values) {
  const channels = new Uint8ClampedArray((values.length / 3) * 4).fill(255);
  for (let at = 0; at < values.length; at++) channels[at + Math.floor(at / 3)] = values[at];
  return new Uint32Array(channels.buffer);
}

/**
 * Return an image of pixels, row by row from the top, blurred by one pixel.
 *
 * @param {Uint32Array<ArrayBuffer>} pixels
 * @param {number} rows
 * @param {number} columns
 */
function softImage(pixels, rows, columns) {
  const channels = new Uint8ClampedArray(pixels.buffer);
  soften(channels, rows, columns);
  return dataUrl(channels, rows, columns);
}

/**
 * Return an image of pixels, row by row from the top, each enlarged to a square.
 *
 * @param {Uint32Array} pixels
 * @param {number} rows
 * @param {number} columns
 */
function enlargedImage(pixels, rows, columns) {
  const scale = Math.ceil(PICTURE_SIDE / Math.max(rows, columns));
  const [height, width] = [rows * scale, columns * scale];
  const enlarged = new Uint32Array(height * width);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      enlarged[row * width + column] = pixels[Math.floor(row / scale) * columns + Math.floor(column / scale)];
    }
  }
  return dataUrl(new Uint8ClampedArray(enlarged.buffer), height, width);
}

/**
 * @param {Uint8ClampedArray<ArrayBuffer>} channels
 * @param {number} height
 * @param {number} width
 */
function dataUrl(channels, height, width) {
  Object.assign(brush.canvas, { width, height });
  brush.putImageData(new ImageData(channels, width, height), 0, 0);
  return brush.canvas.toDataURL();
}

/**
 * Blur pixels by 1:2:1 along both axes, so that edges across the cells show no steps.
 *
 * @param {Uint8ClampedArray} channels
 * @param {number} rows
 * @param {number} columns
 */
function soften(channels, rows, columns) {
  softenLines(channels, { step: 4, length: columns, stride: 4 * columns, lines: rows });
  softenLines(channels, { step: 4 * columns, length: rows, stride: 4, lines: columns });
}

/**
 * @param {Uint8ClampedArray} channels
 * @param {{step: number, length: number, stride: number, lines: number}} lines   `step` leads from pixel to pixel in a
 *   line, `stride` from line to line
 */
function softenLines(channels, { step, length, stride, lines }) {
  for (let line = 0; line < lines; line++) {
    for (let channel = 0; channel < 3; channel++) {
      let at = line * stride + channel;
      let before = channels[at];
      for (let cell = 0; cell < length; cell++, at += step) {
        const here = channels[at];
        const after = cell + 1 < length ? channels[at + step] : here;
        channels[at] = (before + 2 * here + after) / 4;
        before = here;
      }
    }
  }
}
