/** How a component's part comes into the page, is called again, and leaves. */

const parts = new WeakMap();

/**
 * Make the part of a component on its first call, update it on every call, and return what cleans up.
 *
 * @param args what Streamlit calls a component with; `data.css` is the address of its style sheet, `data.part` its name
 * @param make gets the root, an empty element, and returns a part: `update(args)`, `destroy()` and `root`
 */
export function mount(args, make) {
  const { parentElement, data } = args;
  let part = parts.get(parentElement);
  if (!part) {
    part = make(makeRoot(parentElement, data));
    parts.set(parentElement, part);
  }
  part.update(args);
  // Streamlit also cleans up after a call that another has overtaken: then the root is still there, and in use.
  return () =>
    setTimeout(() => {
      if (part.root.isConnected) return;
      part.destroy();
      if (parts.get(parentElement) === part) parts.delete(parentElement);
    });
}

/** Return a new root, shown once its style sheet is there. */
function makeRoot(parentElement, data) {
  const root = document.createElement("div");
  root.className = `hl-root hl-${data.part}`;
  root.style.visibility = "hidden";
  const sheet = Object.assign(document.createElement("link"), { rel: "stylesheet", href: data.css });
  root.styled = new Promise((resolve) => {
    sheet.onload = sheet.onerror = () => {
      root.style.visibility = "";
      resolve();
    };
  });
  parentElement.append(sheet, root);
  return root;
}
