/**
 * Return every visible piece of text whose contrast with its ground is below WCAG's AA: 4.5 to 1, or 3 to 1 if large.
 *
 * Not looked at: text of disabled controls, which WCAG exempts, text in drawings (SVG and canvas), and text over
 * pictures or gradients, whose ground is not one colour.
 */
() => {
  const brush = document.createElement("canvas").getContext("2d", { willReadFrequently: true });

  /** Red, green, blue (0 to 255) and opacity (0 to 1) of a computed colour. */
  function parts(colour) {
    const numbers = colour.match(/-?[\d.]+(?:e-?\d+)?/g)?.map(Number) ?? [];
    const share = (number) => (number === undefined ? 1 : number);
    if (colour.startsWith("rgb")) return [...numbers.slice(0, 3), share(numbers[3])];
    if (colour.startsWith("color(srgb")) return [...numbers.slice(0, 3).map((value) => value * 255), share(numbers[3])];
    brush.clearRect(0, 0, 1, 1);
    brush.fillStyle = colour;
    brush.fillRect(0, 0, 1, 1);
    const [red, green, blue, opacity] = brush.getImageData(0, 0, 1, 1).data;
    return [red, green, blue, opacity / 255];
  }

  const over = ([...top], opacity, ground) => ground.map((value, channel) => top[channel] * opacity + value * (1 - opacity));

  function luminance(colour) {
    const [red, green, blue] = colour
      .map((value) => value / 255)
      .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  }

  function ratio(one, other) {
    const [light, dark] = [luminance(one), luminance(other)].toSorted((first, second) => second - first);
    return (light + 0.05) / (dark + 0.05);
  }

  /** Whether an element has room for another: a slider's value stands above the small handle that holds it. */
  const hasRoomFor = (element, ground) => ground.getBoundingClientRect().height >= element.getBoundingClientRect().height - 1;

  /** The opaque colour behind an element's text, or null where a picture is behind it. */
  function groundOf(element) {
    const layers = [];
    for (let at = element; at; at = at.parentElement) {
      if (!hasRoomFor(element, at)) continue;
      const { backgroundColor, backgroundImage } = getComputedStyle(at);
      if (backgroundImage !== "none") return null;
      const layer = parts(backgroundColor);
      layers.push(layer);
      if (layer[3] === 1) break;
    }
    return layers.reduceRight((ground, layer) => over(layer, layer[3], ground), [255, 255, 255]);
  }

  function opacityOf(element) {
    let opacity = 1;
    for (let at = element; at; at = at.parentElement) opacity *= Number(getComputedStyle(at).opacity);
    return opacity;
  }

  function isShown(element) {
    const { width, height } = element.getBoundingClientRect();
    const options = { opacityProperty: true, visibilityProperty: true };
    return width > 1 && height > 1 && element.checkVisibility(options);
  }

  const isExempt = (element) =>
    element.closest("svg, canvas, noscript, style, script, [aria-hidden='true'], :disabled, [aria-disabled='true']");
  const hasText = (element) =>
    [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim());

  const found = [];
  for (const element of document.body.querySelectorAll("*")) {
    if (!hasText(element) || isExempt(element) || !isShown(element)) continue;
    const style = getComputedStyle(element);
    if (style.fontFamily.includes("Material Symbols")) continue; // an icon
    const ground = groundOf(element);
    if (!ground) continue;
    const colour = parts(style.color);
    const contrast = ratio(over(colour, colour[3] * opacityOf(element), ground), ground);
    const size = Number.parseFloat(style.fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (contrast < (isLarge ? 3 : 4.5) - 0.005) {
      found.push(`${contrast.toFixed(2)} to 1: ${element.textContent.trim().slice(0, 60)} (${element.className})`);
    }
  }
  return found;
}
