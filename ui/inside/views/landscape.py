"""The loss over the plane that a run's weights went through."""

from __future__ import annotations

import streamlit as st

from core.analysis.landscape import Landscape
from core.figures import is_wide, landscape_figure
from core.workers import worker
from ui.components.chart import draw
from ui.inside.views.moment import Moment


def show(moment: Moment) -> None:
    """Draw the loss landscape with the path of the training."""
    found: Landscape | None = moment.found(worker.landscape_of)[0]
    if found is None:
        st.info("A plane through the path of the weights takes three kept epochs that differ: train a little more.")
        return
    st.markdown(
        "All weights together are one point, and training moves it. This is the plane of the two directions in which "
        "it has moved most, seen from above, with the loss as height; the star is the newest point."
    )
    draw(landscape_figure(found), "inside-landscape")
    st.caption(
        f"The loss that training lowers, of {found.rows:,} training rows: with penalties, without dropout and noise. "
        f"The two directions hold {sum(found.shares):.0%} of the path's variance (principal components); the rest "
        "leads out of the plane, so the loss below an earlier point of the path can differ from its own, which "
        "pointing at it tells. At the star they are the same."
        + (" Colours go by powers of ten." if is_wide(found.losses) else "")
    )
