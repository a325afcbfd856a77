/** Elements of the page: making them and changing their text. */

/**
 * Create an element with a class and attributes. Text always goes in as textContent, never as HTML.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {string} [className]
 * @param {Record<string, string | number>} [attributes]
 * @param {string} [text]
 */
export function createElement(tag, className = "", attributes = {}, text = "") {
  const element = document.createElement(tag);
  element.className = className;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.textContent = text;
  return element;
}

/**
 * Create a button.
 *
 * @param {string} text
 * @param {() => void} onClick
 * @param {string} [className]
 * @param {Record<string, string>} [attributes]
 */
export function createButton(text, onClick, className = "hl-button", attributes = {}) {
  const button = createElement("button", className, { type: "button", ...attributes }, text);
  button.addEventListener("click", onClick);
  return button;
}

/**
 * Set an element's text, unless it has that text already: writing it again would make screen readers speak again.
 *
 * @param {Element} element
 * @param {string} text
 */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Press one of several buttons.
 *
 * @param {Iterable<HTMLElement>} buttons
 * @param {HTMLElement | undefined} pressed
 */
export function pressOnly(buttons, pressed) {
  for (const button of buttons) button.setAttribute("aria-pressed", String(button === pressed));
}

/**
 * Return a canvas's 2D context.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {CanvasRenderingContext2DSettings} [settings]
 */
export function context2d(canvas, settings) {
  const context = canvas.getContext("2d", settings);
  if (!context) throw new Error("This browser gives a canvas no 2D context.");
  return context;
}

/**
 * Give a canvas of `width` x `height` CSS pixels the screen's resolution, clear it, and return its context, which draws
 * in CSS pixels.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {number} width
 * @param {number} height
 */
export function clearedContext(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  const [across, down] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== across || canvas.height !== down) Object.assign(canvas, { width: across, height: down });
  const context = context2d(canvas);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}
