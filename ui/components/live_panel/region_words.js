/** The image of what a network predicts all over a plane, in words. */

import { numberText, plain } from "./chart_reading.js";

/**
 * Say how much of the plane each class has, and how many of the drawn points are in a region of their own class.
 *
 * @param {FrameArray} array   classes and confidences, as in a feed of the kind "class_image"
 * @param {string[]} colours   of the classes, by which the traces of points are known
 * @param {PlotlyTrace[]} traces
 * @param {PlotlyLayout} image   its place in the units of the axes
 */
export function classRegions({ data, shape }, colours, traces, image) {
  const [, rows, columns] = shape;
  const cells = data.subarray(0, rows * columns);
  const counts = colours.map(() => 0);
  for (const label of cells) counts[label] += 1;
  const points = traces.filter(({ x, marker }) => x?.length && colours.includes(marker?.color));
  const name = (/** @type {number} */ label) =>
    plain(points.find(({ marker }) => marker.color === colours[label])?.name) || `class ${label}`;
  const shares = counts.flatMap((count, label) => (count ? [`${name(label)} ${Math.round((100 * count) / cells.length)} %`] : []));
  let [own, all] = [0, 0];
  for (const { x, y, marker } of points) {
    for (let at = 0; at < x.length; at += 1) {
      const column = Math.floor(((x[at] - image.x) / image.sizex) * columns);
      const row = Math.floor(((image.y - y[at]) / image.sizey) * rows);
      if (!(column >= 0 && column < columns && row >= 0 && row < rows)) continue;
      all += 1;
      own += Number(colours[cells[row * columns + column]] === marker.color);
    }
  }
  const right = all ? [`${numberText(own)} of ${numberText(all)} points are in a region of their own class`] : [];
  return [`the network gives each class a share of the plane: ${shares.join(", ")}`, ...right];
}

/**
 * Say between what the predictions of a number lie.
 *
 * @param {FrameArray} array   as in a feed of the kind "value_image"
 * @param {PlotlyTrace[]} traces   whose points have the colours of the same scale
 */
export function valueRegions({ data }, traces) {
  const scale = traces.find(({ marker }) => Number.isFinite(marker?.cmin))?.marker;
  if (!scale || !data.length) return [];
  let [low, high] = [255, 0];
  for (const value of data) [low, high] = [Math.min(low, value), Math.max(high, value)];
  const [least, most] = [low, high].map((value) => numberText(scale.cmin + (value / 255) * (scale.cmax - scale.cmin)));
  return [`over the plane, the network predicts from ${least} to ${most}`];
}
