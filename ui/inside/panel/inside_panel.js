/**
 * The inside of a network while it trains: the network as a picture, the levels' spaces, and replay.
 *
 * A module for a Streamlit component (v2). Its default export is called at every change of data or theme with
 *
 *   css      address of inside_panel.css
 *   stream   address of the live stream, as in live_panel.js
 *   token    of the run
 *   network  what never changes while it trains, or null before there is a run:
 *     sizes, layers, classes, hinge   as in forward_pass.js
 *     shapes    [name, shape] of every weight, in order
 *     mode      "half", "byte" or "summary": how the frames carry them (frame_weights.js)
 *     titles    [long, short, kind] of every level, in words
 *     activations   of every layer, in words
 *     inputs    {names, derived, offset, factor, scaled}: `derived` names what is made of points, or null
 *     plane     {low, high} of two features, else null
 *     samples   {inputs, points, labels}: the rows of `spaces`; inputs float32 as base64, or null in a summary
 *     classNames, classColours, valueColours, signColours
 *     target    {name, low, high, offset, factor} of a number, in its own units
 *     edits     what was changed by hand and is in force: {epoch, kind, layer, unit, name, index}
 *
 *   taken    the change that Python has taken last, {panel, number} (edit_queue.js), or null
 *
 * One trigger: "edit" with {panel, changes: [{token, number, kind, …}]} (edit_queue.js, unit_card.js).
 *
 * For tests and measurements the root (`.hl-inside`) carries data-painted (pictures painted since it was made),
 * data-mapped (times the maps were reckoned) and data-epoch (the epoch painted last).
 */

import { InsidePart } from "./inside_view.js";
import { mount } from "./mount.js";

export default function insidePanel(args) {
  return mount(args, (root) => new InsidePart(root));
}
