/** Numbers as text. */

/**
 * Return a number with at most `digits` decimals and a true minus sign; NaN and infinity as a dash.
 *
 * @param {number} value
 * @param {number} [digits]
 */
export function formatNumber(value, digits = 3) {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  const isExtreme = size >= 1e5 || (size > 0 && size < 10 ** -digits / 2);
  const text = isExtreme ? value.toExponential(1) : value.toFixed(size < 100 ? digits : 1);
  return (Number(text) === 0 ? text.replace("-", "") : text).replace("-", "−");
}
