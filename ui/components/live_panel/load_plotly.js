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
