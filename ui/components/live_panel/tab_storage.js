/** What a tab of the browser remembers, through reloads and visits to other pages. */

/**
 * Remember a value under a key.
 *
 * @param {string} key
 * @param {unknown} value   what JSON can hold
 */
export function remember(key, value) {
  try {
    sessionStorage.setItem(key, JSON.stringify(value));
  } catch {
    // A browser may forbid storage, or this much of it. Then a reload starts empty.
  }
}

/**
 * Return the list that was remembered under a key; an empty one if there is none.
 *
 * @param {string} key
 * @returns {any[]}
 */
export function rememberedList(key) {
  try {
    const list = JSON.parse(sessionStorage.getItem(key) ?? "[]");
    return Array.isArray(list) ? list : [];
  } catch {
    return []; // storage is forbidden, or something else has written there
  }
}
