/** Plotly, loaded once a page from the app's own server. */

const libraries = new Map();

/** @returns {Promise<object>} Plotly from the script at `url`. */
export function loadPlotly(url) {
  if (!libraries.has(url)) {
    const library = new Promise((resolve, reject) => {
      const script = Object.assign(document.createElement("script"), { src: url });
      script.onload = () => resolve(window.Plotly);
      script.onerror = () => reject(new Error("The charts could not be loaded. Reload the page to try again."));
      document.head.append(script);
    });
    library.catch(() => libraries.delete(url)); // so that the next call tries again
    libraries.set(url, library);
  }
  return libraries.get(url);
}

/** In a shadow root Plotly's own style rules, which it writes into the document, do not hold: copy them there. */
export function adoptPlotlyStyles(node) {
  const shadow = node.getRootNode();
  if (!(shadow instanceof ShadowRoot) || shadow.querySelector("style.hl-plotly")) return;
  const rules = [...document.styleSheets]
    .filter((sheet) => sheet.ownerNode?.id?.startsWith("plotly.js-style-"))
    .flatMap((sheet) => [...sheet.cssRules].map((rule) => rule.cssText));
  const style = Object.assign(document.createElement("style"), { className: "hl-plotly", textContent: rules.join("\n") });
  shadow.append(style);
}
