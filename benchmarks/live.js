/** What benchmarks/live.py and instant.py look at inside the page. Runs before the page's own scripts; all of it is in `bench`. */

const ANSWER_MOST_MS = 20000;

window.bench = {
  get figures() {
    return document.querySelector(".hl-figures");
  },

  get strip() {
    return document.querySelector(".hl-strip");
  },

  /** The boundary's chart: the only one with a large card. */
  get boundary() {
    return document.querySelector(".hl-large .js-plotly-plot");
  },

  /** Count from now on, in every animation frame and at every change of the document. */
  watch() {
    const made = Number(this.figures.dataset.mounts);
    const seen = (this.seen = { made, blank: 0, unhovered: 0, pictures: 0, moved: 0 });
    const plots = document.querySelectorAll(".hl-figures .js-plotly-plot").length;
    let picture = null;
    const look = () => {
      if (seen !== this.seen) return;
      const shown = pictureOf(this.boundary);
      const drawn = [...document.querySelectorAll(".hl-figures .js-plotly-plot")].filter(isDrawn);
      seen.blank += drawn.length < plots || !shown;
      seen.unhovered += !document.querySelector(".hl-large .hoverlayer .hovertext");
      seen.pictures += shown !== picture;
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

  /** What was counted, with what the panel says of itself and what the network carried. */
  counts() {
    const sent = performance.getEntriesByType("resource").filter(({ name }) => /\/live\/[^/]+\/frames/.test(name));
    const { frames, received, bytes, mounts } = this.figures.dataset;
    return {
      ...this.seen,
      at: performance.now(),
      ...mapNumbers({ frames, received, bytes }),
      remounts: this.seen.moved + Number(mounts) - this.seen.made,
      wireFrames: sent.length,
      wireBytes: sent.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0),
    };
  },

  /** Ranges of the boundary's axes. */
  ranges() {
    const { xaxis, yaxis } = this.boundary._fullLayout;
    return [...xaxis.range, ...yaxis.range];
  },

  /** Where the boundary's picture is on the page, which is the plot area. */
  area() {
    const { x, y, width, height } = this.boundary.querySelector(".bglayer rect, .plot rect, image").getBoundingClientRect();
    return { x, y, width, height };
  },

  /** The middle of the point next to the middle of the plot area. */
  point() {
    const { x, y, width, height } = this.area();
    const distance = (place) => Math.hypot(place.x - x - width / 2, place.y - y - height / 2);
    const places = [...this.boundary.querySelectorAll(".scatterlayer .point")].map((point) => {
      const box = point.getBoundingClientRect();
      return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
    });
    return places.sort((one, other) => distance(one) - distance(other))[0];
  },

  /** Start a clock at the next event of a type; it stops in the first animation frame that shows the answer. */
  time(type, answer) {
    const isShown = this.answers[answer]();
    this.timed = new Promise((resolve, reject) => {
      setTimeout(() => reject(new Error(`the page did not answer: ${answer}`)), ANSWER_MOST_MS);
      const start = ({ timeStamp }) => {
        const look = () => (isShown() ? resolve(performance.now() - timeStamp) : requestAnimationFrame(look));
        requestAnimationFrame(look);
      };
      addEventListener(type, start, { capture: true, once: true });
    });
  },

  /** What is waited for: each takes a look at the page as it is now and returns what tells the answer. */
  answers: {
    stopped: () => () => bench.strip.dataset.status === "stopped",
    rate() {
      const before = messageOf(bench.strip);
      return () => messageOf(bench.strip) !== before && messageOf(bench.strip).startsWith("Learning rate set");
    },
    /** The first epoch of a run that the page did not follow before. */
    begun() {
      const before = stream;
      return () => stream !== before && Number(bench.figures.dataset.epoch) > 0;
    },
    /** The end of such a run, painted with everything that came with it. */
    finished() {
      const before = stream;
      return () => {
        const { status, seq } = bench.strip.dataset;
        return stream !== before && status === "finished" && bench.figures.dataset.seq === seq;
      };
    },
    /** The last epoch of such a run, painted; where its network is new, the compiler still works on it. */
    shown() {
      const before = stream;
      return () => {
        const epochs = bench.strip.querySelector("[role=progressbar]").getAttribute("aria-valuemax");
        const parts = [bench.strip, bench.figures]; // each turns to another run by itself
        return stream !== before && parts.every(({ dataset }) => dataset.epoch === epochs);
      };
    },
    restarted() {
      const before = Number(bench.figures.dataset.seq);
      return () => Number(bench.figures.dataset.seq) < before && Number(bench.figures.dataset.epoch) > 0;
    },
  },
};

// The run that the page asked after last.
let stream = "";
const fetched = window.fetch;
window.fetch = function (input, ...options) {
  const token = /\/live\/([^/]+)\/frames/.exec(input?.url ?? String(input));
  if (token) stream = token[1];
  return fetched.call(this, input, ...options);
};

const isDrawn = (plot) => plot.clientWidth > 0 && plot.querySelector(".main-svg")?.childElementCount > 0;
const messageOf = (strip) => strip.querySelector(".hl-message").textContent;
const mapNumbers = (values) => Object.fromEntries(Object.entries(values).map(([name, text]) => [name, Number(text)]));

function pictureOf(plot) {
  const image = plot?.querySelector("image");
  return image?.getAttribute("href") || image?.getAttributeNS("http://www.w3.org/1999/xlink", "href") || "";
}

function holdsChart(node) {
  const charts = ".js-plotly-plot, .main-svg";
  return node instanceof Element && (node.matches(charts) || Boolean(node.querySelector(charts)));
}

performance.setResourceTimingBufferSize(10000);
