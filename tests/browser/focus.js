/**
 * What of the page has the focus, and whether it shows: `window.focus_` with `noteLooks`, `current` and `isShown`.
 *
 * Focus shows by outlines, shadows, borders and grounds of an element, of what is in it, or of what is around it.
 */
() => {
  const FOCUSABLE = "a[href], button, input, select, textarea, summary, canvas, [tabindex], [contenteditable=true]";
  const calm = new Map(); // how what can have the focus looks without it
  const seen = new Set();

  function paint(element, pseudo) {
    const style = getComputedStyle(element, pseudo);
    const outline = style.outlineStyle === "none" ? "" : `${style.outlineWidth} ${style.outlineColor}`;
    return [outline, style.boxShadow, style.borderColor, style.backgroundColor, style.opacity, style.clipPath];
  }

  function lookOf(element) {
    const near = [element, element.previousElementSibling, element.nextElementSibling, ...element.querySelectorAll("*")];
    for (let at = element.parentElement, steps = 0; at && steps < 4; at = at.parentElement, steps += 1) near.push(at);
    return JSON.stringify(near.filter(Boolean).map((one) => [paint(one), paint(one, "::before"), paint(one, "::after")]));
  }

  /** A table of Streamlit's is a canvas, which draws the focus; the cells within it are for screen readers. */
  const drawnIn = (element) => element.parentElement.closest("canvas");

  function nameOf(element) {
    const ids = (element.getAttribute("aria-labelledby") ?? "").split(" ").filter(Boolean);
    const names = [
      element.getAttribute("aria-label"),
      ...ids.map((id) => document.getElementById(id)?.textContent),
      ...[...(element.labels ?? [])].map((label) => label.textContent),
      element.textContent,
      element.title,
    ];
    return names.find((name) => name?.trim())?.trim().slice(0, 60) ?? "";
  }

  window.focus_ = {
    noteLooks() {
      calm.clear();
      seen.clear();
      for (const element of document.querySelectorAll(FOCUSABLE)) calm.set(element, lookOf(element));
    },
    /** Null where nothing has the focus, or what has had it before. */
    current() {
      const element = document.activeElement;
      if (!element || element === document.body || seen.has(element)) return null;
      seen.add(element);
      const { left, right, width, height } = (drawnIn(element) ?? element).getBoundingClientRect();
      const isSeen = Math.min(width, height) >= 2 && right > 0 && left < innerWidth;
      return { name: nameOf(element), html: element.outerHTML.slice(0, 200), isSeen };
    },
    isShown() {
      const element = document.activeElement;
      return drawnIn(element) !== null || !calm.has(element) || lookOf(element) !== calm.get(element);
    },
  };
}
