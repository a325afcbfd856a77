/**
 * The live panel: what a person sees while a network trains.
 *
 * A module for a Streamlit component (v2, with `isolate_styles=False`: Plotly's style rules and unified hover labels
 * do not work inside a shadow root). Its default export is called at every change of data or theme, and returns what
 * cleans up. `data.part` is the name of one of its parts; "strip", "speed", "figures", "result" and "watch" share
 * one stream.
 *
 * Triggers: the choice of speed sets "speed" while no run goes on. The strip sets "status" whenever Python does not know the run's status, or the epoch at which it rests,
 * and to "gone" when the server no longer knows the stream; again every few seconds until Python knows.
 *
 * For measurements the roots (`.hl-strip`, `.hl-figures`) have
 *
 *   data-frames     frames painted since the root was made
 *   data-epoch      the epoch painted last of the current stream, 0 before its first
 *   data-seq        the frame painted last of it
 *   data-received, data-bytes   frames and bytes that came over the current stream
 *   data-epoch of a card   the epoch of what it draws of the network
 *   data-mounts     charts made since the root was made (figures only): it rises only when a new figure comes
 *   data-status     the status shown (strip only)
 *   data-speed      the speed shown (`.hl-speed` only)
 *   data-experiment   the query of the experiment that the run trains (strip only)
 */

import { ClassButtons } from "./class_buttons.js";
import { FigureCards } from "./figure_cards.js";
import { mount } from "./mount.js";
import { ResultLine } from "./result_line.js";
import { RunWatch } from "./run_watch.js";
import { ScrollingCode } from "./scrolling_code.js";
import { SpeedChoice } from "./speed_choice.js";
import { StatusStrip } from "./status_strip.js";
import { StreamlitCharts } from "./streamlit_charts.js";

/** @typedef {import("./status_strip.js").StripData} StripData */
/** @typedef {import("./speed_choice.js").SpeedData} SpeedData */
/** @typedef {import("./figure_cards.js").FiguresData} FiguresData */
/** @typedef {import("./result_line.js").ResultData} ResultData */
/** @typedef {import("./streamlit_charts.js").ChartsData} ChartsData */
/** @typedef {import("./run_watch.js").WatchData} WatchData */
/** @typedef {import("./class_buttons.js").ClassData} ClassData */

/** @type {Record<string, (root: HTMLElement, styled: Promise<void>) => PanelPart<any>>} */
const PARTS = {
  strip: (root) => new StatusStrip(root),
  speed: (root) => new SpeedChoice(root),
  figures: (root, styled) => new FigureCards(root, styled),
  result: (root) => new ResultLine(root),
  charts: (root) => new StreamlitCharts(root),
  code: (root) => new ScrollingCode(root),
  watch: (root) => new RunWatch(root),
  classroom: (root) => new ClassButtons(root),
};

/** @param {ComponentCall<StripData | SpeedData | FiguresData | ResultData | ChartsData | WatchData | ClassData>} call */
export default function livePanel(call) {
  return mount(call, PARTS[call.data.part]);
}
