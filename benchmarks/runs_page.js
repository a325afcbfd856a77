/** What benchmarks/runs_page.py looks at inside the page. It runs before the page's own scripts. */

/** Milliseconds without a drawing after which a table counts as drawn. */
const QUIET_MS = 400;

const table = {
  /** Since `begin`: pictures and texts drawn on any canvas, and when the last of them was drawn. */
  pictures: 0,
  texts: 0,
  drawnAt: 0,
  begunAt: 0,
  /** Which lines were there at `begin`. */
  before: "",
  /** Milliseconds of the longest time between two animation frames since `begin`. */
  longestFrame: 0,
  begin() {
    Object.assign(table, { pictures: 0, texts: 0, drawnAt: 0, longestFrame: 0 });
    table.before = table.lines();
    table.begunAt = performance.now();
  },
  /** What names the lines of the table: other lines are another element. */
  lines: () => document.querySelector("[class*='st-key-runs-table-']")?.className ?? "",
  /** Whether other lines are drawn with pictures, and nothing more has been drawn for a while. */
  isDrawn() {
    const isNew = table.lines() !== "" && table.lines() !== table.before;
    return isNew && table.pictures > 0 && table.texts > 0 && performance.now() - table.drawnAt > QUIET_MS;
  },
  /** Milliseconds from `begin`, or from the page's start, to the last drawing. */
  took: () => table.drawnAt - table.begunAt,
};

const { drawImage, fillText } = CanvasRenderingContext2D.prototype;

/** @param {any[]} given */
CanvasRenderingContext2D.prototype.drawImage = function (...given) {
  if (given[0] instanceof HTMLImageElement) {
    table.pictures += 1;
    table.drawnAt = performance.now();
  }
  // @ts-expect-error three forms of arguments
  return drawImage.apply(this, given);
};

/** @param {any[]} given */
CanvasRenderingContext2D.prototype.fillText = function (...given) {
  table.texts += 1;
  table.drawnAt = performance.now();
  // @ts-expect-error two forms of arguments
  return fillText.apply(this, given);
};

let frameAt = performance.now();
function onFrame() {
  const now = performance.now();
  table.longestFrame = Math.max(table.longestFrame, now - frameAt);
  frameAt = now;
  requestAnimationFrame(onFrame);
}
requestAnimationFrame(onFrame);

Object.assign(window, { table });
