"""The four stages of an explained step: forward, loss, backward, update."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import streamlit as st

from core.analysis.loss_terms import row_error
from core.analysis.one_step import LayerStep, LossLine, TensorStep
from core.analysis.step_terms import delta_factors, row_shares, unit_sum
from core.analysis.update_rules import own_move, update_lines
from core.errors import HiddenLayersError
from core.experiment import menus
from core.figures import explorer_figure, loss_line_figure
from ui.components.chart import draw
from ui.components.markdown import literal
from ui.inside.views.explained import checked_gradient, loss_line
from ui.inside.views.step_unit import StepView, layer_title
from ui.session import widgets

_TERMS_MOST = 6
_ROWS_MOST = 5
_FLAT = 0.02  # of the steepest slope of an activation, from which on it counts as flat
_NAMES = {"sigmoid": "sigmoid", "softmax": "softmax"} | dict(menus.ACTIVATIONS)
_PENALTY_NAMES = {"kernel": "penalty on the weights", "bias": "penalty on the biases", "activity": "penalty on outputs"}


def layer_name(name: str) -> str:
    """Return a layer's name in words: "hidden_2" is hidden layer 2."""
    kind, _, number = name.partition("_")
    return "the output layer" if kind == "output" else f"{kind} layer {number}"


def number(value: float) -> str:
    """Return a number as it is shown; NaN and infinity as such."""
    if math.isnan(value):
        return "NaN"
    return ("∞" if value > 0 else "−∞") if math.isinf(value) else f"{value:.5g}".replace("-", "−")


def _table(columns: Sequence[str], lines: Sequence[Sequence[str]]) -> None:
    st.table(
        {name: [line[place] for line in lines] for place, name in enumerate(columns)},
        border="horizontal",
        hide_index=True,
        hide_header=not any(name.strip() for name in columns),
    )


def _title(view: StepView) -> str:
    names = view.unit_names(view.place + 1)
    name = names[view.unit]
    if len(names) == 1:
        return layer_title(view, view.place)
    return f"{layer_title(view, view.place)}, {literal(name)}"


# Forward


def show_forward(view: StepView) -> None:
    """Show the sum of a unit written out, and what becomes of it."""
    layer, unit, row = view.layer, view.unit, view.row
    found = unit_sum(view.step, view.place, unit, row, _TERMS_MOST)
    names = view.source_names()
    st.markdown(f"**{_title(view)}: z = Σ input × weight + bias**")
    lines = [
        [literal(names[term.source]), f"{number(term.value)} × {number(term.weight)}", number(term.product)]
        for term in found.terms
    ]
    if found.others > 0:
        lines.append([f"… and {found.others:,} more", "", number(found.rest)])
    lines += [["bias", "", number(found.bias)], ["**z**", "sum", f"**{number(found.total)}**"]]
    lines += _after_sum(layer, unit, row)
    _table(("Input", "Value × weight", "Product"), lines)
    _show_explorer(layer, unit, row)


def _after_sum(layer: LayerStep, unit: int, row: int) -> list[list[str]]:
    """Return the lines from z to what the layer gives."""
    lines: list[list[str]] = []
    if layer.normalized is not None:
        how = "over the rows of this step" if layer.normalization == "batch" else "over the units of this row"
        lines.append(["normalized", how, number(float(layer.normalized[row, unit]))])
    activated = number(float(layer.activated[row, unit]))
    lines.append(["**a**", _NAMES[layer.activation], f"**{activated}**"])
    if layer.noise is not None:
        lines.append(["noise", "drawn for this step", number(float(layer.noise[row, unit]))])
    if layer.kept is not None:
        factor = float(layer.kept[row, unit])
        lines.append(["dropout", f"× {number(factor)}" if factor else "dropped in this step", ""])
    if layer.noise is not None or layer.kept is not None:
        lines.append(["output", "", number(float(layer.outputs[row, unit]))])
    return lines


def _show_explorer(layer: LayerStep, unit: int, row: int) -> None:
    if layer.curve is None or layer.spread is None or layer.slopes is None:
        st.caption("Softmax turns the sums of all outputs into shares of 1, so it has no curve for a single unit.")
        return
    at, slope = float(layer.fed[row, unit]), float(layer.slopes[row, unit])
    figure = explorer_figure(layer.curve, layer.spread, unit, at, float(layer.activated[row, unit]), slope)
    draw(figure, "step-explorer", "Activation and its slope")
    st.caption(
        f"Above: the activation f and its slope f′. Below: what this unit feeds into f for {layer.spread.rows:,} "
        f"training rows{' (normalized with the moving averages)' if layer.normalization == 'batch' else ''}. "
        + saturation_in_words(layer, unit, slope)
    )


def saturation_in_words(layer: LayerStep, unit: int, slope: float) -> str:
    """Return what the slope at the row means for learning; "" where nothing is to be said."""
    spread, curve = layer.spread, layer.curve
    if spread is None or curve is None or layer.activation == "linear":
        return ""
    if spread.dead[unit]:
        return "**This unit is dead**: it is 0 for every one of these rows, so no gradient reaches its weights."
    if spread.saturated[unit] and layer.name != "output":
        return (
            "**This unit is saturated**: for most of these rows f is flat, so whatever gradient arrives is multiplied "
            "by almost 0 and the unit hardly learns."
        )
    if not math.isfinite(slope):
        return "The slope at this row is not a number."
    if slope == 0:
        return "At this row the slope is 0: this row teaches the unit nothing."
    if abs(slope) < _FLAT * float(np.abs(curve.slopes).max()):
        return "At this row f is saturated: its slope is almost 0, so this row hardly changes the unit."
    return ""


# Loss


def show_loss(view: StepView) -> None:
    """Show the error of the row with its numbers, the mean, and the penalties."""
    step, row = view.step, view.row
    training = step.experiment.training
    error = row_error(training, view.split.classes, step.targets[row], step.layers[-1].outputs[row])
    loss = menus.ALL_LOSSES[str(training.loss)].title
    st.markdown(f"**The {loss} of row {step.rows[row]:,}**")
    engine = float(step.loss.rows[row])
    lines = [
        ["formula", literal(error.formula)],
        ["with numbers", literal(error.numbers)],
        ["error of this row", f"**{number(engine)}**"],
    ]
    if step.loss.weights is not None:
        lines.append(["weight of its class", number(float(step.loss.weights[row]))])
    if len(step.rows) > 1:
        lines.append([f"mean of all {len(step.rows):,} rows", number(step.loss.error)])
    lines += [[_PENALTY_NAMES[place], number(value)] for place, value in step.loss.penalties.items()]
    lines.append(["**loss**", f"**{number(step.loss.total)}**"])
    _table(("", " "), lines)
    st.caption(
        "y is the target, p the network's output, z its score before the activation. The step makes the loss of these "
        "rows smaller; the loss of an epoch is the mean over its batches."
        + (f" Targets are smoothed by {training.label_smoothing:g}." if training.label_smoothing else "")
        + (" Numeric targets are scaled." if view.split.target_is_scaled else "")
    )


# Backward


def show_backward(view: StepView) -> None:
    """Show how the delta of the unit comes about, and the chain rule of the weight."""
    step, row = view.step, view.row
    st.markdown(f"**{_title(view)}: delta for row {step.rows[row]:,}**")
    factors = delta_factors(step, view.place, view.unit, row)
    _table(("", "Part", "Value"), [[one.name, one.letters, number(one.value)] for one in factors])
    mean = f" It includes 1/{len(step.rows):,} of the mean." if len(step.rows) > 1 else ""
    mixed = (
        " Batch normalization mixes the rows, so δ depends on all of them." if view.layer.normalized is not None else ""
    )
    st.caption(f"δ says how the loss changes with z of this unit.{mean}{mixed}")
    name, index, tensor = chosen_weight(view)
    shares = row_shares(step, view.place, view.unit, view.source)
    st.markdown(f"**Gradient of {weight_in_words(view)}: δ × input, summed over the rows**")
    lines = [_share_line(view, int(place), float(shares[place])) for place in _strongest(shares, row)]
    if len(step.rows) > len(lines):
        kept = sum(float(shares[place]) for place in _strongest(shares, row))
        error = float(tensor.gradient[index]) - _own_penalty(view, tensor, index)
        lines.append([f"… and {len(step.rows) - len(lines):,} more", "", number(error - kept)])
    if penalty := _own_penalty(view, tensor, index):
        lines.append(["penalty", "l1·sign(w) + 2·l2·w", number(penalty)])
    gradient = float(tensor.gradient[index])
    lines.append(["**gradient**", "", f"**{number(gradient)}**"])
    _table(("Row", "δ × input", "Share"), lines)
    if tensor.idle:
        st.caption("Batch normalization subtracts this bias again, so it is not trained.")
    _offer_check(view, name, index)


def _strongest(shares: np.ndarray, row: int) -> list[int]:
    """Return the places of the rows that are listed: the chosen one, then those with the largest shares."""
    order = np.argsort(-np.nan_to_num(np.abs(shares), nan=np.inf), kind="stable").tolist()
    return [row, *(place for place in order if place != row)][:_ROWS_MOST]


def _share_line(view: StepView, place: int, share: float) -> list[str]:
    delta = float(view.layer.deltas[place, view.unit])
    value = 1.0 if view.source is None else float(view.layer.inputs[place, view.source])
    return [f"row {view.step.rows[place]:,}", f"{number(delta)} × {number(value)}", number(share)]


def _own_penalty(view: StepView, tensor: TensorStep, index: tuple[int, ...]) -> float:
    """Return the gradient of the penalty on the weight itself; one on outputs is in the deltas."""
    network, place = view.step.experiment.network, "bias" if view.source is None else "kernel"
    if place not in view.step.loss.penalties:
        return 0.0
    weight = float(tensor.before[index])
    l1 = network.l1 if place in network.l1_on else 0.0
    l2 = network.l2 if place in network.l2_on else 0.0
    return float(l1 * np.sign(weight) + 2 * l2 * weight)


def _offer_check(view: StepView, name: str, index: tuple[int, ...]) -> None:
    key = (view.look.number, name, index)
    if st.button("Check this gradient", key="step-check", icon=":material/rule:"):
        widgets.set_value("step-checked", key)
    if widgets.value("step-checked") != key:
        return
    try:
        check = checked_gradient(view.job, view.look.number, view.look.rows, name, index)
    except HiddenLayersError as error:
        st.warning(literal(str(error)))
        return
    st.markdown(
        f"Backward: **{check.gradient:.8g}**. Finite difference: **{check.difference:.8g}**. The second is "
        f"(loss(w + h) − loss(w − h)) / 2h with h = {check.width:.3g}, computed in float64."
    )


def chosen_weight(view: StepView) -> tuple[str, tuple[int, ...], TensorStep]:
    """Return the tensor and the place of the weight that is looked at."""
    if view.source is None:
        name, index = f"{view.layer.name}/bias", (view.unit,)
        return name, index, view.step.tensors[name]
    name = f"{view.layer.name}/kernel"
    return name, (view.source, view.unit), view.step.tensors[name]


def weight_in_words(view: StepView) -> str:
    """Return the weight that is looked at, as Markdown."""
    if view.source is None:
        return "the bias"
    return f"the weight from {literal(view.source_names()[view.source])}"


# Update


def show_update(view: StepView) -> None:
    """Show the way from the gradient of the weight to its new value, and the loss along the step."""
    step = view.step
    _, index, tensor = chosen_weight(view)
    optimizer = menus.OPTIMIZERS[step.experiment.training.optimizer].title
    st.markdown(f"**{_title(view)}: {weight_in_words(view)}, moved by {optimizer}**")
    lines = _gradient_lines(tensor, index)
    for line in update_lines(step, tensor, index)[:-1]:
        before = "" if line.before is None else f"{number(line.before)} → "
        lines.append([line.name, line.formula, before + number(line.value)])
    move = update_lines(step, tensor, index)[-1]
    lines.append(["move", move.formula, number(own_move(tensor, index))])
    if tensor.decay is not None:
        lines.append(["weight decay", "−η·decay·w", number(float(tensor.decay[index]))])
    if tensor.held is not None and tensor.held[index]:
        lines.append(["held", "frozen or silenced by hand", "stays"])
    elif tensor.free is not None and step.experiment.network.max_norm:
        limit = float(tensor.after[index]) - float(tensor.free[index])
        lines.append(["limit", f"norm of the unit at most {step.experiment.network.max_norm:g}", number(limit)])
    change = f"{number(float(tensor.before[index]))} → **{number(float(tensor.after[index]))}**"
    lines.append(["**weight**", f"change {number(float(tensor.change[index]))}", change])
    _table(("", "Formula", "Value"), lines)
    st.caption(
        f"g: the gradient. η: the learning rate, {step.rate:.4g} now. t = {step.count:,}: the optimizer's steps."
    )
    _show_line(view)


def _gradient_lines(tensor: TensorStep, index: tuple[int, ...]) -> list[list[str]]:
    lines = [["gradient of the error", "dE/dw", number(float(tensor.error_gradient[index]))]]
    if tensor.penalty_gradient is not None:
        lines.append(["gradient of the penalties", "dP/dw", number(float(tensor.penalty_gradient[index]))])
        lines.append(["gradient", "dE/dw + dP/dw", number(float(tensor.gradient[index]))])
    if tensor.clipped is not None:
        lines.append(["clipped, g", "", number(float(tensor.clipped[index]))])
    return lines


def _show_line(view: StepView) -> None:
    st.markdown("**The loss along this step**")
    try:
        line = loss_line(view.job, view.look.number, view.look.rows)
    except HiddenLayersError as error:
        st.warning(literal(str(error)))
        return
    draw(loss_line_figure(line), "step-line", "Loss along the step")
    st.caption(rate_in_words(line))


def rate_in_words(line: LossLine) -> str:
    """Return whether the step is too small, right or too large for its rows."""
    times, losses = line.times, line.losses
    if not np.isfinite(losses).all():
        return "Somewhere along this direction the loss is not a number."
    now, there = float(losses[0]), float(losses[times == 1][0])
    best = float(times[int(losses.argmin())])
    text = "All weights move from where they are to four times the step. "
    if losses.max() - losses.min() <= 1e-9 * max(1.0, abs(now)):
        return text + "The loss stays the same: this step changes nothing for these rows."
    if there > now:
        return text + "At the step the loss is **higher** than now: for these rows the learning rate is too large."
    if best >= times[-1]:
        return text + (
            "The loss still falls at four times the step: for these rows a larger rate would go further. Other rows "
            "may disagree, which is why rates are small."
        )
    if best > 1.5:
        return text + f"The lowest loss is at about {best:.1f} times the step: the rate is on the small side."
    if best < 0.75:
        return text + f"The lowest loss is at about {best:.1f} times the step: it goes past the lowest point."
    return text + "The lowest loss is close to the step: for these rows the learning rate is about right."


STAGE_VIEWS: tuple[Callable[[StepView], None], ...] = (show_forward, show_loss, show_backward, show_update)
