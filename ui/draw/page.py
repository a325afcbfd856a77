"""The page "Draw": the canvas, and what can be done with its points: starters, noise, a link, a file, training."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import streamlit as st

from core.datasets.drawn_points import (
    SHARED_MOST,
    STARTERS,
    DrawnPoints,
    add_noise,
    decode,
    encode,
    read_points,
    to_csv,
    why_not_trainable,
    without_gaps,
)
from core.datasets.upload_store import keep_upload
from core.errors import DataError
from core.experiment import DataSpec, TableSpec, with_data
from ui import training
from ui.components.markdown import literal
from ui.draw.panel import draw_panel
from ui.server import base_path
from ui.session import current, drawing, files, run, widgets

_PANEL = "draw-panel"  # the key of the canvas
_NOISES = (0.01, 0.02, 0.03, 0.05, 0.1, 0.15, 0.2, 0.3)
_SIDE_WIDTH = 420
_LINK_HEIGHT = 160
_FILE_NAME = "drawn points"


def show() -> bool:
    """Draw the page; return whether the points train, which the experiment then holds."""
    _follow_link()
    st.title("Draw")
    st.markdown("Draw two classes that no straight line can separate, then see how many units it takes.")
    if problem := drawing.problem():
        st.warning(literal(problem))
    canvas, side = st.columns([3, 2], gap="medium")
    with canvas:
        draw_panel(_PANEL, drawing.points(), drawing.revision(), _receive)
    with side, st.container(width=_SIDE_WIDTH):
        _show_starters()
        _show_noise(drawing.points())
        return _show_uses(drawing.points())


def receive_message(message: Any) -> None:
    """Keep the points that the canvas has sent, or remember what is wrong with them.

    Points of an older revision are ignored: the canvas sent them before it had the points that a button has set since.
    It is about to show those, and keeps its own for undo.

    Args:
        message: {"points": [[x1, x2, class], …], "revision": …}; a browser sent it, so it may be anything.
    """
    if not isinstance(message, dict) or message.get("revision") != drawing.revision():
        return
    try:
        drawing.keep(read_points(message.get("points")))
    except DataError as error:
        drawing.set_problem(str(error))


def _receive() -> None:
    receive_message(widgets.component_value(_PANEL, "drawn"))


def _follow_link() -> None:
    text = drawing.pop_link()
    if text is None:
        return
    try:
        drawing.replace(decode(text))
    except DataError as error:
        drawing.replace(DrawnPoints())
        drawing.set_problem(f"This link could not be read, so the plane is empty. {error}")


def _show_starters() -> None:
    st.markdown("**Start from**")
    with st.container(horizontal=True, gap="small"):
        for name, make in STARTERS.items():
            st.button(name.capitalize(), key=f"start-{name.replace(' ', '-')}", on_click=_start_from, args=(make,))


def _start_from(make: Callable[[], DrawnPoints]) -> None:
    drawing.replace(make())


def _show_noise(drawn: DrawnPoints) -> None:
    st.markdown("**Make it harder**")
    deviation: float = st.select_slider(
        "Noise",
        _NOISES,
        0.05,
        key="drawing-noise",
        help="The standard deviation of how far each coordinate moves, on a plane 2 units wide. Undo reverts it.",
        persist_state="session",
    )
    st.button(
        "Add noise",
        icon=":material/grain:",
        key="add-noise",
        on_click=_add_noise,
        args=(deviation,),
        disabled=not drawn.points,
    )


def _add_noise(deviation: float) -> None:
    _receive()  # a stroke may have come with the press, and its own callback runs later
    # The revision is the seed: it differs at every press, and so does the noise.
    drawing.replace(add_noise(drawing.points(), deviation, drawing.revision()))


def _show_uses(drawn: DrawnPoints) -> bool:
    """Offer what can be done with the points; return whether to train on them."""
    st.markdown("**Use it**")
    reason = why_not_trainable(drawn)
    pressed = st.button(
        "Train on these points",
        type="primary",
        icon=":material/play_arrow:",
        key="train-drawing",
        disabled=bool(reason),
        width="stretch",
    )
    if reason:
        st.caption(reason)
    with st.container(horizontal=True, gap="small"):
        st.download_button(
            "Download CSV",
            to_csv(drawn),
            "drawn-points.csv",
            "text/csv",
            icon=":material/download:",
            key="download-drawing",
            on_click="ignore",
            disabled=not drawn.points,
        )
        with st.popover("Link", icon=":material/link:"):
            _show_link(drawn)
    if pressed:
        _train_on(drawn)
    return pressed


def _show_link(drawn: DrawnPoints) -> None:
    if not drawn.points:
        st.caption("Draw something first: the link holds the points.")
    elif len(drawn.points) > SHARED_MOST:
        count = len(drawn.points)
        st.caption(f"A link holds at most {SHARED_MOST} points, and you have {count:,}. Download them instead.")
    else:
        st.caption("Opens this page with these points anywhere.")
        st.code(_link(drawn), language=None, wrap_lines=True, height=_LINK_HEIGHT)


def _link(drawn: DrawnPoints) -> str:
    url = urlsplit(st.context.url or f"http://localhost:8501{base_path()}/draw")
    return url._replace(query=drawing.link_query(encode(drawn)), fragment="").geturl()


def _train_on(drawn: DrawnPoints) -> None:
    """Keep the points as a file, and train an experiment on it, not scaled: they are in [-1, 1] already.

    Points of the plane keep the inputs that were chosen for the last ones.
    """
    trained = without_gaps(drawn)
    if trained != drawn:
        drawing.replace(trained)
    file = keep_upload(to_csv(trained).encode(), run.owner())
    files.remember_name(file, _FILE_NAME)
    table = TableSpec(file=file, target_column="class")
    data = DataSpec("file", scaling="none", table=table, inputs=current.experiment().data.inputs)
    current.set_experiment(with_data(current.experiment(), data))
    training.train_anew()
