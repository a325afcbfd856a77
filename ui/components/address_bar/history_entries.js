/**
 * One entry of the browser's history for each thing that a person does, so that Back undoes one thing.
 *
 * A plain script in the head of the page (ui/page_head.py), which runs before Streamlit's own. Streamlit (1.67) adds an
 * entry whenever the server sends another address: several while a slider is dragged, one more when a page completes
 * its address, and late ones that cut off Forward. Those replace the present entry instead.
 */
(() => {
  const BURST_MS = 1000; // between presses of an arrow key on a slider, and until a late answer to a drag

  const add = window.history.pushState.bind(window.history);
  const replace = window.history.replaceState.bind(window.history);

  // What a person did last: it began with a pointer or a key that went down.
  let gesture = 0;
  let isOnSlider = false;
  // The entry that was written last: for which gesture, when, and which keys of the address changed. A person who
  // arrives at an entry, by a link or by Back, has changed nothing yet.
  /** @type {{gesture: number, at: number, isOfSlider: boolean, keys: ?Set<string>}} */
  let entry = { gesture, at: 0, isOfSlider: false, keys: null };

  /** @param {Event} event */
  function beginGesture({ target }) {
    gesture += 1;
    isOnSlider = target instanceof Element && target.closest("[data-testid=stSlider]") !== null;
  }

  function arrive() {
    entry = { gesture, at: performance.now(), isOfSlider: false, keys: null };
  }

  /**
   * Return the keys whose values differ between two addresses.
   *
   * @param {URL} from
   * @param {URL} to
   */
  function changedKeys({ searchParams: from }, { searchParams: to }) {
    const keys = new Set([...from.keys(), ...to.keys()]);
    return new Set([...keys].filter((key) => from.getAll(key).join("\n") !== to.getAll(key).join("\n")));
  }

  /**
   * Return whether an address only completes or continues what the present entry holds.
   *
   * @param {URL} from
   * @param {URL} to
   * @param {Set<string>} changed
   */
  function belongsToEntry(from, to, changed) {
    if (from.pathname !== to.pathname) return false;
    if (!from.search) return true; // the page completes its address
    if (!entry.keys) return entry.gesture === gesture; // nobody has done anything here yet
    const { keys } = entry;
    if (![...changed].some((key) => keys.has(key))) return false;
    const isRecent = performance.now() - entry.at < BURST_MS;
    return entry.gesture === gesture || (entry.isOfSlider && isRecent);
  }

  window.history.pushState = (data, unused, url) => {
    const from = new URL(window.location.href);
    const to = new URL(url ?? from.href, from);
    const changed = changedKeys(from, to);
    if (belongsToEntry(from, to, changed)) {
      replace(data, unused, url);
      if (!entry.keys || !from.search) return;
      entry.at = performance.now();
      for (const key of changed) entry.keys.add(key);
      return;
    }
    add(data, unused, url);
    entry = { gesture, at: performance.now(), isOfSlider: isOnSlider, keys: changed };
  };

  const first = { capture: true };
  document.addEventListener("pointerdown", beginGesture, first);
  document.addEventListener("drop", beginGesture, first);
  document.addEventListener(
    "keydown",
    (event) => {
      if (!event.repeat) beginGesture(event);
    },
    first,
  );
  window.addEventListener("popstate", arrive);
})();
