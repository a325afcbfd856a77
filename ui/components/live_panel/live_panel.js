/**
 * The live panel: what a person sees while a network trains.
 *
 * A module for a Streamlit component (v2, with `isolate_styles=False`: Plotly's style rules and unified hover labels
 * do not reach into a shadow root). Its default export is called with
 * `{data, parentElement, setTriggerValue, …}` at every change of data and at every change of theme, and returns what
 * cleans up. `data.part` says which of three parts a call is for; the first two share one stream.
 *
 *   all:       css      address of live_panel.css
 *              plotly   address of plotly.min.js
 *   the first two: stream   address of the live stream, or null where nothing is trained yet
 *   "strip":   status, generation, epoch   where the run is as Python knows it
 *              epochs   epochs asked for
 *              ready    the words where there is no stream; "Press Train" if left out
 *   "figures": panel    core.figures.Panel.to_json()
 *   "saving":  nothing more; it stands on a page whose figures Streamlit draws
 *
 * One trigger: the strip sets "status" whenever Python does not know the run's status, or the epoch at which it rests,
 * and to "gone" when the server no longer knows the stream; again every few seconds until Python knows.
 *
 * For measurements the roots (`.hl-strip`, `.hl-figures`) carry
 *
 *   data-frames     frames painted since the root was made
 *   data-epoch      the epoch painted last of the present stream, 0 before its first
 *   data-seq        the frame painted last of it
 *   data-received, data-bytes   frames and bytes that came over the present stream
 *   data-mounts     charts made since the root was made (figures only): it rises only when a new figure comes
 *   data-status     the status shown
 */

import { FiguresPart } from "./figure_cards.js";
import { mount } from "./mount.js";
import { SavingPart } from "./save_streamlit_charts.js";
import { StripPart } from "./status_strip.js";

const PARTS = { strip: StripPart, figures: FiguresPart, saving: SavingPart };

export default function livePanel(args) {
  return mount(args, (root) => new PARTS[args.data.part](root));
}
