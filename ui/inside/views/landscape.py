"""The loss over the plane of weights that training moved through."""

from __future__ import annotations

import streamlit as st

from core.analysis.landscape import Landscape
from core.figures import is_wide, landscape_figure
from core.workers import worker
from ui.components.chart import draw
from ui.inside.views.inspected_run import InspectedRun


def show(run: InspectedRun) -> None:
    """Draw the loss landscape with the path of the training."""
    found: Landscape | None = run.ask(worker.landscape_of)[0]
    if found is None:
        st.info("The landscape needs three saved epochs with different weights. Train a little longer.")
        return
    st.markdown(
        "Think of all weights together as one point that training moves. This map shows the plane of the two "
        "directions in which it moved most, with the loss as height; the star is the latest point."
    )
    draw(landscape_figure(found), "inside-landscape", "Loss landscape")
    st.caption(
        f"The training loss of {found.rows:,} training rows, with penalties but without dropout and noise. "
        f"The two directions hold {sum(found.shares):.0%} of the path's variance (principal components). The path also "
        "moves outside this plane, so the loss on the map below an earlier point can differ from that point's own "
        "loss, which you see when you hover over it. At the star the two are equal."
        + (" The colour scale is logarithmic." if is_wide(found.losses) else "")
    )
