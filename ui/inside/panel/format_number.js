/** Numbers in words. */

/** @returns {string} a number in at most `digits` digits behind the point, with a real minus. */
export function number(value, digits = 3) {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  const text = size >= 1e5 || (size > 0 && size < 10 ** -digits / 2) ? value.toExponential(1) : value.toFixed(size < 100 ? digits : 1);
  return (Number(text) === 0 ? text.replace("-", "") : text).replace("-", "−");
}
