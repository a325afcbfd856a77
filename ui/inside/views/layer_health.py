"""Whether the layers of a run learn well: histograms, gradients, updates, dead and saturated units."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from core.analysis.histograms import Histogram
from core.analysis.layer_health import DEAD, Health, idle_kind
from core.figures import by_epoch_figure, layers_figure
from core.workers import worker
from ui.components.chart import draw
from ui.inside.views.inspected_run import InspectedRun


@dataclass(frozen=True)
class _Quantity:
    """Something histograms are drawn of: its values, what one of them is called, and what is normal."""

    histograms: Callable[[Health], Sequence[Histogram]]
    value: str
    normal: str


_QUANTITIES = {
    "Weights": _Quantity(
        lambda found: found.weights,
        "weight",
        "Weights and biases of each layer. They start as the initializer draws them and normally spread slowly; a "
        "layer whose histogram never changes shape has hardly learned.",
    ),
    "Activations": _Quantity(
        lambda found: found.activations,
        "activation",
        "Outputs of each layer. A spread without tall bars at either end is normal. So is a tall bar at 0 with ReLU, "
        "and tall bars at 0 and 1 at the output of a confident classifier.",
    ),
    "Gradients": _Quantity(
        lambda found: found.gradients,
        "gradient",
        "How the loss changes with each weight and bias. Gradients gather around 0 as training nears a minimum; if "
        "they are there from the start, the layer gets almost no signal to learn from.",
    ),
}


def show(run: InspectedRun) -> None:
    """Draw histograms, gradient norms, updates, and dead and saturated units."""
    found: Health = run.ask(worker.health_of)
    st.caption(
        f"Computed on {found.rows:,} training rows at {len(found.epochs)} of the saved epochs, the latest being epoch "
        f"{found.epochs[-1]:,}. The loss includes penalties; dropout and noise are off."
    )
    _show_histograms(found, run.layer_names)
    left, right = st.columns(2, gap="medium")
    with left:
        _show_gradients(found, run.layer_names)
    with right:
        _show_updates(found, run.layer_names)
    _show_idle_units(run, found)


def _show_histograms(found: Health, names: Sequence[str]) -> None:
    chosen = st.segmented_control(
        "Histograms of",
        list(_QUANTITIES),
        default="Weights",
        required=True,
        key="inside-histograms",
        label_visibility="collapsed",
        persist_state="session",
    )
    quantity = _QUANTITIES[chosen or "Weights"]
    st.markdown(f"{quantity.normal} Blue is the latest epoch; grey lines are earlier epochs, the older the paler.")
    figure = layers_figure(quantity.histograms(found), names, found.epochs, value_name=quantity.value)
    draw(figure, "inside-layers", f"Histograms of the layers: {chosen or 'Weights'}")


def _show_gradients(found: Health, names: Sequence[str]) -> None:
    st.markdown("**Gradients by layer**")
    norms = by_epoch_figure(found.epochs, found.gradient_norms, names, value_name="gradient norm", scale="log")
    draw(norms, "inside-norm", "Gradients by layer")
    st.caption(
        "It is normal for the norms to fall, and to be within a few powers of ten of each other. If they shrink layer "
        "by layer towards the inputs, the gradient vanishes; if they keep growing, it explodes."
    )


def _show_updates(found: Health, names: Sequence[str]) -> None:
    st.markdown("**Updates by layer**")
    if not found.moved_epochs:
        st.caption("There is nothing to compare until the first epoch has finished.")
        return
    value = "change per epoch / weights"
    moved = by_epoch_figure(found.moved_epochs, found.moved, names, value_name=value, scale="log")
    draw(moved, "inside-moved", "Updates by layer")
    st.caption(
        "How far each layer's weights move per epoch, relative to their norm. A rule of thumb for a single update is "
        f"0.001 (Stanford's CS231n); an epoch here has {found.steps:,}, which partly cancel out. Far above 1, the "
        "learning rate is too high; a layer far below the others is hardly learning."
    )


def _show_idle_units(run: InspectedRun, found: Health) -> None:
    layers = run.network.experiment.network.layers
    names = [
        f"{name}: {kind}"
        for name, layer in zip(run.layer_names, layers, strict=False)
        if (kind := idle_kind(layer.activation))
    ]
    st.markdown("**Dead and saturated units**")
    if not names:
        st.caption(
            "No hidden layer has an activation that can die (ReLU) or saturate (tanh, sigmoid, softsign, hard sigmoid)."
        )
        return
    known = ~np.isnan(found.idle).all(axis=1)
    idle = by_epoch_figure(found.epochs, found.idle[known], names, value_name="share of units", scale="share")
    draw(idle, "inside-idle", "Dead and saturated units")
    dead = (
        "A dead ReLU unit outputs 0 for every row here and no longer learns. A few are normal; if most of a layer is "
        "dead, try a lower learning rate or another initializer. "
    )
    saturated = (
        "A saturated unit is within 5 % of an end of its range for most rows, where its gradient is small. Some are "
        "normal in a network that separates its classes well."
    )
    st.caption((dead if any(name.endswith(DEAD) for name in names) else "") + saturated)
