/** The inside of a network as a whole: which run is followed, and when its parts are painted. */

import { createElement, setText } from "./dom.js";
import { editMarks } from "./edit_marks.js";
import { EditQueue } from "./edit_queue.js";
import { LayerSpaces } from "./layer_spaces.js";
import { NetworkDrawing } from "./network_drawing.js";
import { NetworkState } from "./network_state.js";
import { ReplayBar } from "./replay_bar.js";
import { emptyRun, watchStream } from "./run_stream.js";
import { SampleBar } from "./sample_bar.js";
import { isDark, readTheme } from "./theme.js";
import { UnitCard } from "./unit_card.js";
import { UnitSelection } from "./unit_selection.js";

const CARD_MS = 200; // between two updates of the card while nobody acts on it
const SPACES_TITLE = "How each layer moves the points";

/** @typedef {import("./inside_panel.js").InsideData} InsideData */

/** @implements {PanelPart<InsideData>} */
export class InsideView {
  #drawing = new NetworkDrawing();
  #selection = new UnitSelection(this.#drawing, () => this.#paintSoon({ withCard: true }));
  #bar = new SampleBar(
    (step) => this.#choose((this.#network?.chosen ?? 0) + step),
    (all) => this.#showAll(all),
  );
  #card = new UnitCard(
    (change) => this.#edit(change),
    (preview) => {
      this.#network?.preview(preview);
      this.#paintSoon();
    },
  );
  #spaces = new LayerSpaces(
    (sample) => this.#choose(sample),
    () => this.#paintSoon(),
  );
  #replay = new ReplayBar(() => this.#run);
  #edits = new EditQueue((message) => this.#setTriggerValue("edit", message));
  #ground = createElement("div", "hl-ground");
  #waiting = createElement("p", "hl-waiting", { role: "status" }, "Waiting for the network's weights…");
  #separableNote = createElement("div", "hl-caption");
  #resizes = new ResizeObserver(() => this.#paintSoon());

  /** @type {(name: string, value: unknown) => void} */
  #setTriggerValue = () => {};
  #token = "";
  /** @type {?string} */
  #stream = null;
  /** @type {?WatchedRun} */
  #run = null;
  #state = emptyRun();
  /** @type {?NetworkState} */
  #network = null;
  #described = ""; // the network as Python describes it, but for edits, as text
  #showsAll = false;
  #theme;
  #frame = 0;
  #cardAt = 0; // when the card was updated
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #cardTimer;
  #painted = 0;
  #mapped = 0;

  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.#theme = readTheme(root);
    this.#ground.append(this.#drawing.canvas, this.#waiting);
    const split = createElement("div", "hl-split");
    split.append(this.#ground, this.#card.root);
    const network = createElement("section", "hl-card hl-inner", { "aria-label": "The network" });
    network.append(this.#bar.root, split);
    const spaces = createElement("section", "hl-card hl-inner", { "aria-label": SPACES_TITLE });
    spaces.append(createElement("h3", "hl-title", {}, SPACES_TITLE), this.#spaces.root, this.#separableNote);
    root.append(this.#replay.root, network, spaces);
    this.#resizes.observe(this.#ground);
    this.#resizes.observe(this.#spaces.root);
    Object.assign(root.dataset, { painted: 0, mapped: 0, epoch: 0 });
  }

  /** @param {ComponentCall<InsideData>} call */
  update({ data, setTriggerValue }) {
    this.#setTriggerValue = setTriggerValue;
    this.#token = data.token;
    this.#edits.onTaken(data.taken);
    this.#theme = readTheme(this.root);
    this.root.style.colorScheme = isDark(this.#theme) ? "dark" : "light"; // for sliders and fields
    this.#take(data.network);
    if (this.#stream !== data.stream) this.#watch(data.stream);
    this.#network?.invalidate();
    this.#paintSoon();
  }

  /**
   * Take the description of the network. If only its edits differ, what a person has chosen stays.
   *
   * @param {Network} network
   */
  #take(network) {
    const described = JSON.stringify({ ...network, edits: [] });
    if (this.#network && described === this.#described) {
      this.#network.network = network;
      return;
    }
    this.#described = described;
    this.#network = new NetworkState(network, this.#showsAll);
    this.#selection.clear();
  }

  /** @param {string} stream */
  #watch(stream) {
    this.#replay.destroy();
    this.#run?.release();
    this.#stream = stream;
    const run = watchStream(stream, (state) => this.#onState(state), true);
    this.#run = run;
    this.#onState(run.state);
  }

  /** @param {RunState} state */
  #onState(state) {
    this.#state = state;
    this.#replay.show(state);
    this.#paintSoon();
  }

  // What a person does

  /** @param {number} sample */
  #choose(sample) {
    this.#network?.choose(sample);
    this.#paintSoon({ withCard: true });
  }

  /** @param {boolean} all */
  #showAll(all) {
    this.#showsAll = all;
    this.#network?.showAll(all);
    this.#paintSoon();
  }

  /** @param {import("./edit_queue.js").Change} change */
  #edit(change) {
    this.#edits.add(this.#token, change);
    this.#paintSoon({ withCard: true });
  }

  // Painting

  /** Paint in the next animation frame, once for everything that happens until then. */
  #paintSoon({ withCard = false } = {}) {
    if (withCard) this.#cardAt = 0;
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      if (this.root.isConnected && this.#network) this.#paint(this.#network);
    });
  }

  /** @param {NetworkState} network */
  #paint(network) {
    const maps = network.refresh(this.#state.arrays, this.#theme, this.#selection.isPinned);
    if (maps.arePainted) this.#mapped += 1;
    if (maps.dueAt !== null) setTimeout(() => this.#paintSoon(), Math.max(0, maps.dueAt - performance.now()));
    const { weights } = network;
    this.#selection.isEnabled = weights !== null;
    this.#bar.show(network.network, network.chosen, network.isWide);
    this.#waiting.hidden = weights !== null;
    this.#drawing.canvas.hidden = !weights;
    // Without weights, the drawing's future height keeps what is below in place.
    const height = NetworkDrawing.height(this.#ground.clientWidth, network.expectedUnits);
    this.#ground.style.minHeight = weights ? "" : `${height}px`;
    const scene = this.#scene(network);
    if (weights) {
      this.#drawing.paint({ ...scene, weights });
      this.#painted += 1;
      const epoch = this.#state.replayed ?? this.#state.header?.epoch ?? 0;
      Object.assign(this.root.dataset, { painted: this.#painted, mapped: this.#mapped, epoch });
    }
    this.#spaces.paint(scene);
    if (!weights) this.#spaces.root.hidden = false; // it keeps its room
    setText(this.#separableNote, this.#separableText(network.network));
    this.#paintCard(scene);
  }

  /**
   * @param {NetworkState} state
   * @returns {Scene}
   */
  #scene({ network, weights, shown, maps, sample, chosen }) {
    const { spaces, separable } = this.#state.arrays;
    // Changes of this run that Python has not taken yet are shown as if it had.
    const waiting = this.#edits.waiting.filter(({ token }) => token === this.#token);
    const marks = editMarks(network, this.#state.replayed ?? Infinity, waiting);
    const selected = this.#selection.target;
    return { network, weights, shown, maps, theme: this.#theme, sample, chosen, marks, selected, spaces, separable };
  }

  /**
   * Return what the scores below the spaces are, and of which epoch: they come less often than the drawing.
   *
   * @param {Network} network
   */
  #separableText({ target }) {
    const { separable, separable_epoch: epoch } = this.#state.arrays;
    if (this.#state.replayed !== null) return "Straight lines are computed for the current network only.";
    if (!separable || !epoch) return "";
    const what = target
      ? "R² of a linear model on held-out rows"
      : "Share of held-out rows that a straight line classifies correctly";
    return `${what}, at epoch ${epoch.data[0].toLocaleString("en")}.`;
  }

  /** @param {Scene} scene */
  #paintCard(scene) {
    clearTimeout(this.#cardTimer);
    const wait = this.#cardAt + CARD_MS - performance.now();
    if (wait > 0) {
      this.#cardTimer = setTimeout(() => this.#paintSoon(), wait);
      return;
    }
    this.#cardAt = performance.now();
    this.#card.show(scene, { isPinned: this.#selection.isPinned, isEditable: this.#state.replayed === null });
  }

  destroy() {
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#cardTimer);
    this.#resizes.disconnect();
    this.#edits.destroy();
    this.#replay.showLatest();
    this.#replay.destroy();
    this.#run?.release();
  }
}
