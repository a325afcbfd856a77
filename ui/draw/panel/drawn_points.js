/** The points that were drawn, and the earlier ones that undo restores. */

/** @typedef {[number, number, number]} DrawnPoint   x1, x2 and class; coordinates in whole thousandths, -1000 to 1000 */
/** @typedef {[number, number]} Place   x1 and x2 in thousandths, also outside of the plane */

const EDGE = 1000; // of the plane, in thousandths
const UNDO_MOST = 100;

export class DrawnPoints {
  /** @type {DrawnPoint[][]} */
  #earlier = [];
  /** @type {DrawnPoint[]} never changed in place, so that undo only keeps the earlier lists */
  list = [];

  /** @param {number} most   points that there may be */
  constructor(most) {
    this.most = most;
  }

  get isFull() {
    return this.list.length >= this.most;
  }

  get canUndo() {
    return this.#earlier.length > 0;
  }

  /**
   * Return the number of points in each class.
   *
   * @param {number} classes
   */
  counts(classes) {
    const counts = Array.from({ length: classes }, () => 0);
    for (const [, , label] of this.list) counts[label] += 1;
    return counts;
  }

  /** Begin a stroke: undo goes back to here. */
  begin() {
    this.#earlier.push(this.list);
    if (this.#earlier.length > UNDO_MOST) this.#earlier.shift();
  }

  /** End the stroke and return whether it has changed anything; if not, there is nothing to undo either. */
  end() {
    if (this.#earlier[this.#earlier.length - 1] !== this.list) return true;
    this.#earlier.pop();
    return false;
  }

  /**
   * Add the points that are on the plane, as many as there is room for.
   *
   * @param {DrawnPoint[]} points
   */
  add(points) {
    const inside = points.filter(([x1, x2]) => isOnPlane([x1, x2]));
    const added = inside.slice(0, this.most - this.list.length);
    if (added.length) this.list = [...this.list, ...added];
  }

  /**
   * Remove the points within a radius of a place.
   *
   * @param {Place} place
   * @param {number} radius
   */
  erase([x1, x2], radius) {
    const kept = this.list.filter((point) => (point[0] - x1) ** 2 + (point[1] - x2) ** 2 > radius ** 2);
    if (kept.length < this.list.length) this.list = kept;
  }

  /** @param {DrawnPoint[]} list   takes the place of all points */
  replace(list) {
    this.list = list;
  }

  undo() {
    this.list = this.#earlier.pop() ?? this.list;
  }
}

/**
 * Return whether a place is on the plane.
 *
 * @param {Place} place
 * @param {number} [margin]   thousandths beyond the edge
 */
export function isOnPlane([x1, x2], margin = 0) {
  return Math.max(Math.abs(x1), Math.abs(x2)) <= EDGE + margin;
}

/**
 * Return a place moved onto the plane.
 *
 * @param {Place} place
 * @returns {Place}
 */
export function ontoPlane([x1, x2]) {
  return [clamp(x1), clamp(x2)];
}

/** @param {number} coordinate */
function clamp(coordinate) {
  return Math.max(-EDGE, Math.min(EDGE, coordinate));
}
