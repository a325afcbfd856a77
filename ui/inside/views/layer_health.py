"""Whether the layers of a run learn well."""

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
from ui.inside.views.moment import Moment


@dataclass(frozen=True)
class _Part:
    """What histograms are drawn of, what one of the values is called, and what is normal."""

    of: Callable[[Health], Sequence[Histogram]]
    value: str
    normal: str


_PARTS = {
    "Weights": _Part(
        lambda found: found.weights,
        "weight",
        "Weights and biases of every layer. They start as the initializer draws them; that they spread slowly is "
        "normal, and a layer that never leaves its first shape has hardly learned.",
    ),
    "Activations": _Part(
        lambda found: found.activations,
        "activation",
        "What every layer gives. A spread without a high column at either end is normal; with ReLU a column at 0 is "
        "too, and at the output of a sure classifier those at 0 and 1.",
    ),
    "Gradients": _Part(
        lambda found: found.gradients,
        "gradient",
        "How the loss changes with every weight and bias. They gather around 0 as a run comes near a minimum; where "
        "that is so from the start, a layer is not told what to learn.",
    ),
}


def show(moment: Moment) -> None:
    """Draw histograms, norms of gradients, dead and saturated units, and how far weights move."""
    found: Health = moment.found(worker.health_of)
    names = moment.layer_names
    st.caption(
        f"Of {found.rows:,} training rows, at {len(found.epochs)} of the epochs whose weights are kept; the newest is "
        f"{found.epochs[-1]:,}. The loss is that of training with its penalties; dropout and noise are off."
    )
    chosen = st.segmented_control(
        "Histograms of",
        list(_PARTS),
        default="Weights",
        required=True,
        key="inside-histograms",
        label_visibility="collapsed",
        persist_state="session",
    )
    part = _PARTS[chosen or "Weights"]
    st.markdown(f"{part.normal} Grey lines are earlier epochs, older ones paler; blue is the newest.")
    draw(layers_figure(part.of(found), names, found.epochs, value_name=part.value), "inside-layers")

    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown("**Gradients by layer**")
        norms = found.gradient_norms
        draw(by_epoch_figure(found.epochs, norms, names, value_name="norm of the gradient", scale="log"), "inside-norm")
        st.caption(
            "Norms within some powers of ten of each other are normal, and so is that all of them fall. Where they "
            "shrink layer by layer towards the inputs the gradient vanishes; where they only grow, it explodes."
        )
    with right:
        st.markdown("**Updates by layer**")
        if found.moved_epochs:
            moved = by_epoch_figure(
                found.moved_epochs, found.moved, names, value_name="change an epoch / weights", scale="log"
            )
            draw(moved, "inside-moved")
            st.caption(
                "How far a layer's weights have moved between kept epochs, an epoch, in norms of what they were. A "
                "rule of thumb for a single update is a thousandth (Stanford's CS231n); "
                f"an epoch here has {found.steps:,}, which partly cancel out. Far above 1, the learning rate is too "
                "high; a layer far below the others stands still."
            )
        else:
            st.caption("There is nothing to compare before the first epoch has ended.")
    _show_idle(moment, found)


def _show_idle(moment: Moment, found: Health) -> None:
    layers = moment.network.experiment.network.layers
    names = [
        f"{name}: {kind}"
        for name, layer in zip(moment.layer_names, layers, strict=False)
        if (kind := idle_kind(layer.activation))
    ]
    st.markdown("**Dead and saturated units**")
    if not names:
        st.caption(
            "No hidden layer has units that can be dead (ReLU) or saturated (tanh, sigmoid, softsign, hard sigmoid)."
        )
        return
    known = ~np.isnan(found.idle).all(axis=1)
    idle = by_epoch_figure(found.epochs, found.idle[known], names, value_name="share of units", scale="share")
    draw(idle, "inside-idle")
    dead = any(name.endswith(DEAD) for name in names)
    st.caption(
        (
            "A dead ReLU unit gives 0 for every row that was looked at and no longer learns; a few are normal, most of "
            "a layer is not: a lower learning rate or another initializer helps. "
            if dead
            else ""
        )
        + "A saturated unit lies within a twentieth of an end of its range for most rows, where its gradient is small; "
        "in a network that separates its classes well, some are normal."
    )
