/**
 * The points that are drawn and what undo goes back to.
 *
 * A point is [x1, x2, class], the coordinates in whole thousandths from -1000 to 1000. A list of points is never
 * changed: another takes its place, so that undo only has to keep the earlier ones.
 */

const UNDO_MOST = 100;

export class Points {
  #earlier = [];

  /** @param {number} most points there can be */
  constructor(most) {
    this.most = most;
    this.list = [];
  }

  get full() {
    return this.list.length >= this.most;
  }

  get canUndo() {
    return this.#earlier.length > 0;
  }

  /** @returns {number[]} how many points each of so many classes has. */
  counts(classes) {
    const counts = new Array(classes).fill(0);
    for (const [, , label] of this.list) counts[label] += 1;
    return counts;
  }

  /** Begin a stroke: what undo goes back to. */
  begin() {
    this.#earlier.push(this.list);
    if (this.#earlier.length > UNDO_MOST) this.#earlier.shift();
  }

  /** End the stroke; one that has changed nothing leaves nothing to undo. @returns {boolean} whether it has. */
  end() {
    if (this.#earlier.at(-1) !== this.list) return true;
    this.#earlier.pop();
    return false;
  }

  /** Add points, those outside the plane left out, as many as there is room for. */
  add(points) {
    const inside = points.filter(([x1, x2]) => Math.max(Math.abs(x1), Math.abs(x2)) <= 1000);
    const added = inside.slice(0, this.most - this.list.length);
    if (added.length) this.list = this.list.concat(added);
  }

  /** Take away the points that lie less than `radius` from a place. */
  erase([x1, x2], radius) {
    const left = this.list.filter((point) => (point[0] - x1) ** 2 + (point[1] - x2) ** 2 > radius ** 2);
    if (left.length < this.list.length) this.list = left;
  }

  /** Take other points in place of all. */
  replace(list) {
    this.list = list;
  }

  undo() {
    if (this.canUndo) this.list = this.#earlier.pop();
  }
}
