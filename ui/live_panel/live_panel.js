/**
 * The live panel: what a person sees while a network trains.
 *
 * A module for a Streamlit component (v2, with `isolate_styles=False`: Plotly's style rules and unified hover labels
 * do not reach into a shadow root). Its default export is called with
 * `{data, parentElement, setTriggerValue, …}` at every change of data and at every change of theme, and returns what
 * cleans up. `data.part` says which of two parts a call is for; they share one stream.
 *
 *   both:      stream   address of the live stream, or null where nothing is trained yet
 *              css      address of live_panel.css
 *   "strip":   status   the run's status as Python knows it
 *              epochs   epochs asked for
 *              ready    the words where there is no stream; "Press Train" if left out
 *   "figures": plotly   address of plotly.min.js
 *              panel    core.figures.Panel.to_json()
 *
 * One trigger: the strip sets "status" whenever the run's status changes from what Python knows, and to "gone" when
 * the server no longer knows the stream; again every few seconds until Python knows.
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

import { FiguresPart } from "./figures_part.js";
import { mount } from "./mount.js";
import { StripPart } from "./strip_part.js";

const PARTS = { strip: StripPart, figures: FiguresPart };

export default function livePanel(args) {
  return mount(args, (root) => new PARTS[args.data.part](root));
}
