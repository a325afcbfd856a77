/** Plotly, loaded once for each page from the app's own server. */

/** @type {Map<string, Promise<PlotlyLibrary>>} */
const libraries = new Map();

/**
 * Return Plotly from the script at `url`.
 *
 * @param {string} url
 * @returns {Promise<PlotlyLibrary>}
 */
export function loadPlotly(url) {
  const known = libraries.get(url);
  if (known) return known;
  const library = addScript(url);
  library.catch(() => libraries.delete(url)); // so that the next call tries again
  libraries.set(url, library);
  return library;
}

/**
 * @param {string} url
 * @returns {Promise<PlotlyLibrary>}
 */
function addScript(url) {
  return new Promise((resolve, reject) => {
    const fail = () => reject(new Error("The charts could not be loaded. Reload the page to try again."));
    const script = Object.assign(document.createElement("script"), { src: url });
    script.addEventListener("load", () => (window.Plotly ? resolve(window.Plotly) : fail()));
    script.addEventListener("error", fail);
    document.head.append(script);
  });
}
