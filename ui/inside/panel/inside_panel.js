/**
 * The inside of a network while it trains: the network as a drawing, the points after every layer, and replay.
 *
 * A module for a Streamlit component (v2). Its default export is called at every change of data or theme. One trigger:
 * "edit" with {panel, changes} (edit_queue.js).
 *
 * For tests and measurements the root (`.hl-inside`) has data-painted (drawings painted since it was made), data-mapped
 * (how often the maps were computed) and data-epoch (the epoch painted last).
 */

import { InsideView } from "./inside_view.js";
import { mount } from "./mount.js";

/**
 * @typedef {object} InsideOfRun
 * @property {string} stream   the address of the live stream
 * @property {string} token   of the run
 * @property {Network} network
 * @property {?import("./edit_queue.js").TakenChange} taken   the change that Python has taken last
 */
/** @typedef {PanelData & InsideOfRun} InsideData */

/** @param {ComponentCall<InsideData>} call */
export default function insidePanel(call) {
  return mount(call, (root) => new InsideView(root));
}
