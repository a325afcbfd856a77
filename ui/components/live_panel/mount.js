/** How a panel comes onto the page, is updated, and leaves it. */

/** @type {WeakMap<HTMLElement, PanelPart<any>>} */
const parts = new WeakMap();

/**
 * Make a panel on its first call, update it on every call, and return a function that cleans up.
 *
 * @template {PanelData} Data
 * @param {ComponentCall<Data>} call
 * @param {(root: HTMLElement, styled: Promise<void>) => PanelPart<Data>} make   gets an empty root, which is hidden
 *   until its style sheet is loaded; then `styled` resolves
 */
export function mount(call, make) {
  const { parentElement, data } = call;
  const part = parts.get(parentElement) ?? make(...makeRoot(parentElement, data));
  parts.set(parentElement, part);
  part.update(call);
  // Streamlit also cleans up after a call that a later one has replaced: then the root is still connected and in use.
  return () =>
    setTimeout(() => {
      if (part.root.isConnected) return;
      part.destroy();
      if (parts.get(parentElement) === part) parts.delete(parentElement);
    });
}

/**
 * @param {HTMLElement} parentElement
 * @param {PanelData} data
 * @returns {[HTMLElement, Promise<void>]}
 */
function makeRoot(parentElement, data) {
  const root = document.createElement("div");
  root.className = `hl-root hl-${data.part}`;
  root.style.visibility = "hidden";
  const sheet = Object.assign(document.createElement("link"), { rel: "stylesheet", href: data.css });
  /** @type {Promise<void>} */
  const styled = new Promise((resolve) => {
    const show = () => {
      root.style.visibility = "";
      resolve();
    };
    sheet.addEventListener("load", show);
    sheet.addEventListener("error", show);
  });
  parentElement.append(sheet, root);
  return [root, styled];
}
