/** What benchmarks/live.py and instant.py look at inside the page. It runs before the page's own scripts. */

const ANSWER_MOST_MS = 20000;
const PLOTS = ".hl-figures .js-plotly-plot";
const BOUNDARY = ".hl-large .js-plotly-plot";
const MATRIX = ".hl-card[aria-label^='Confusion matrix']";
const FRAMES = /\/live\/([^/]+)\/socket/;

/** The token of the run that the page has asked for last. */
let currentRun = "";

/** @typedef {() => boolean} Condition */
/** @typedef {{made: number, blank: number, unhovered: number, pictures: number, moved: number, oldest: number}} Counts */

/** By name, what a benchmark waits for: each looks at the page as it is now and returns when the answer is there. */
const answers = {
  /** @returns {Condition} */
  stopped: () => () => bench.strip.dataset.status === "stopped",
  /** @returns {Condition} the learning rate has changed */
  rate() {
    const before = messageOf(bench.strip);
    return () => messageOf(bench.strip) !== before && messageOf(bench.strip).startsWith("Learning rate set");
  },
  /** @returns {Condition} the first epoch of another run is painted */
  begun() {
    const before = currentRun;
    return () => currentRun !== before && Number(bench.figures.dataset.epoch) > 0;
  },
  /** @returns {Condition} the end of another run is painted, with all figures */
  finished() {
    const before = currentRun;
    return () => {
      const { status, seq } = bench.strip.dataset;
      return currentRun !== before && status === "finished" && bench.figures.dataset.seq === seq;
    };
  },
  /** @returns {Condition} the last epoch of another run is painted; a new network may still be compiling */
  shown() {
    const before = currentRun;
    return () => {
      const epochs = bench.strip.querySelector("[role=progressbar]")?.getAttribute("aria-valuemax");
      const parts = [bench.strip, bench.figures]; // each turns to another run by itself
      return currentRun !== before && parts.every(({ dataset }) => dataset.epoch === epochs);
    };
  },
  /** @returns {Condition} the run has started again */
  restarted() {
    const before = Number(bench.figures.dataset.seq);
    return () => Number(bench.figures.dataset.seq) < before && Number(bench.figures.dataset.epoch) > 0;
  },
};

const bench = {
  /** @type {Counts} */
  seen: { made: 0, blank: 0, unhovered: 0, pictures: 0, moved: 0, oldest: 0 },
  /** @type {MutationObserver | undefined} */
  observer: undefined,
  /** @type {Promise<number>} milliseconds */
  timed: Promise.resolve(0),

  get figures() {
    return find(".hl-figures");
  },

  get strip() {
    return find(".hl-strip");
  },

  /** The chart of the large card. */
  get boundary() {
    return find(BOUNDARY);
  },

  /** Count from now on, in every animation frame and at every change of the document. */
  watch() {
    /** @type {Counts} */
    const seen = { made: Number(this.figures.dataset.mounts), blank: 0, unhovered: 0, pictures: 0, moved: 0, oldest: 0 };
    this.seen = seen;
    const plots = document.querySelectorAll(PLOTS).length;
    let picture = "";
    /** @type {{epoch: number, at: number}[]} when each epoch was painted first */
    const painted = [];
    const look = () => {
      if (seen !== this.seen) return;
      const epoch = Number(this.figures.dataset.epoch);
      if (epoch !== painted.at(-1)?.epoch) painted.push({ epoch, at: performance.now() });
      const matrix = Number(document.querySelector(MATRIX)?.getAttribute("data-epoch") ?? epoch);
      const overtaken = painted.find((one) => one.epoch > matrix);
      if (overtaken && matrix >= painted[0].epoch) seen.oldest = Math.max(seen.oldest, performance.now() - overtaken.at);
      const shown = pictureOf(document.querySelector(BOUNDARY));
      const drawn = [...document.querySelectorAll(PLOTS)].filter(isDrawn);
      seen.blank += Number(drawn.length < plots || !shown);
      seen.unhovered += Number(!document.querySelector(".hl-large .hoverlayer .hovertext"));
      seen.pictures += Number(shown !== picture);
      picture = shown;
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
    this.observer?.disconnect();
    this.observer = new MutationObserver((changes) => {
      for (const { addedNodes, removedNodes } of changes) {
        seen.moved += [...addedNodes, ...removedNodes].filter(holdsChart).length;
      }
    });
    this.observer.observe(document.body, { childList: true, subtree: true });
  },

  /** Return what was counted, and what the panel says about itself. */
  counts() {
    const { frames, received, bytes, mounts } = this.figures.dataset;
    return {
      ...this.seen,
      at: performance.now(),
      frames: Number(frames),
      received: Number(received),
      bytes: Number(bytes),
      remounts: this.seen.moved + Number(mounts) - this.seen.made,
    };
  },

  /** Return the ranges of the boundary's axes. */
  ranges() {
    const { xaxis, yaxis } = /** @type {any} */ (this.boundary)._fullLayout;
    return [...xaxis.range, ...yaxis.range];
  },

  /** Return where the plot area of the boundary is on the page. */
  area() {
    const ground = this.boundary.querySelector(".bglayer rect, .plot rect, image") ?? this.boundary;
    const { x, y, width, height } = ground.getBoundingClientRect();
    return { x, y, width, height };
  },

  /** Return the centre of the point nearest to the centre of the plot area. */
  point() {
    const middle = centre(this.area());
    const places = [...this.boundary.querySelectorAll(".scatterlayer .point")].map((point) =>
      centre(point.getBoundingClientRect()),
    );
    return places.toSorted((one, other) => distance(one, middle) - distance(other, middle))[0];
  },

  /**
   * Start a clock at the next event of a type; it stops in the first animation frame that shows the answer.
   *
   * @param {string} type
   * @param {keyof typeof answers} answer
   */
  time(type, answer) {
    const isShown = answers[answer]();
    this.timed = new Promise((resolve, reject) => {
      setTimeout(() => reject(new Error(`The page did not answer: ${answer}.`)), ANSWER_MOST_MS);
      const start = (/** @type {Event} */ { timeStamp }) => {
        const look = () => {
          if (isShown()) resolve(performance.now() - timeStamp);
          else requestAnimationFrame(look);
        };
        requestAnimationFrame(look);
      };
      addEventListener(type, start, { capture: true, once: true });
    });
  },
};

Object.assign(window, { bench });

const send = WebSocket.prototype.send;
WebSocket.prototype.send = function (data) {
  currentRun = FRAMES.exec(this.url)?.[1] ?? currentRun;
  send.call(this, data);
};

/**
 * @param {string} selector
 * @returns {HTMLElement}
 */
function find(selector) {
  const found = document.querySelector(selector);
  if (!(found instanceof HTMLElement)) throw new Error(`The page has no ${selector}.`);
  return found;
}

/** @param {Element} plot */
function isDrawn(plot) {
  return plot.clientWidth > 0 && Boolean(plot.querySelector(".main-svg")?.childElementCount);
}

/** @param {Element} strip */
function messageOf(strip) {
  return strip.querySelector(".hl-message")?.textContent ?? "";
}

/** @param {?Element} plot */
function pictureOf(plot) {
  const image = plot?.querySelector("image");
  return image?.getAttribute("href") || image?.getAttributeNS("http://www.w3.org/1999/xlink", "href") || "";
}

/** @param {Node} node */
function holdsChart(node) {
  const charts = ".js-plotly-plot, .main-svg";
  return node instanceof Element && (node.matches(charts) || Boolean(node.querySelector(charts)));
}

/** @param {{x: number, y: number, width: number, height: number}} box */
function centre({ x, y, width, height }) {
  return { x: x + width / 2, y: y + height / 2 };
}

/**
 * @param {{x: number, y: number}} one
 * @param {{x: number, y: number}} other
 */
function distance(one, other) {
  return Math.hypot(one.x - other.x, one.y - other.y);
}
