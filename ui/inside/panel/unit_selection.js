/** What is selected in the network's drawing, by pointer or keyboard: a unit or a connection. */

/** @typedef {import("./network_drawing.js").NetworkDrawing} NetworkDrawing */

export class UnitSelection {
  /** @type {?NetworkTarget} */
  #hovered = null;
  /** @type {?NetworkTarget} */
  #pinned = null;
  #drawing;
  #onChange;
  /** Whether anything is drawn that can be selected. */
  isEnabled = false;

  /**
   * @param {NetworkDrawing} drawing
   * @param {() => void} onChange
   */
  constructor(drawing, onChange) {
    this.#drawing = drawing;
    this.#onChange = onChange;
    const { canvas } = drawing;
    canvas.setAttribute("role", "application");
    canvas.setAttribute(
      "aria-label",
      "The network. Arrow keys move from unit to unit, Enter selects a unit, Escape ends the selection.",
    );
    canvas.addEventListener("pointermove", (event) => this.#onMove(event));
    canvas.addEventListener("click", (event) => this.#pin(this.#targetAt(event)));
    canvas.addEventListener("keydown", (event) => this.#onKey(event));
  }

  /** The unit or connection that was clicked, or else the last one under the pointer. */
  get target() {
    return this.#pinned ?? this.#hovered;
  }

  /** Whether the target was clicked, so that it stays while the pointer moves. */
  get isPinned() {
    return this.#pinned !== null;
  }

  clear() {
    this.#hovered = null;
    this.#pinned = null;
  }

  /** @param {MouseEvent} event */
  #targetAt({ clientX, clientY }) {
    if (!this.isEnabled) return null;
    const { left, top } = this.#drawing.canvas.getBoundingClientRect();
    return this.#drawing.hit(clientX - left, clientY - top);
  }

  /** @param {PointerEvent} event */
  #onMove(event) {
    if (event.pointerType === "touch") return;
    const target = this.#targetAt(event);
    this.#drawing.canvas.classList.toggle("hl-points", target !== null);
    if (target) this.#hover(target);
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    if (!this.isEnabled) return;
    if (event.key.startsWith("Arrow")) {
      const target = this.#drawing.neighbour(this.target, event.key);
      this.#pinned = null;
      this.#hover(target);
    } else if (event.key === "Enter") {
      this.#pin(this.#hovered);
    } else if (event.key === "Escape") {
      this.#pin(null);
    } else {
      return;
    }
    event.preventDefault();
  }

  /** @param {NetworkTarget} target */
  #hover(target) {
    this.#hovered = target;
    this.#onChange();
  }

  /** @param {?NetworkTarget} target */
  #pin(target) {
    this.#pinned = target;
    if (target) this.#hovered = target;
    this.#onChange();
  }
}
