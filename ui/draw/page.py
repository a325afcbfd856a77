"""What the draw page says, and what it does with the points: starters, noise, a link, a file, the lab."""

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
from ui import session
from ui.components.markdown import literal
from ui.draw.panel import draw_panel
from ui.server import base_path
from ui.session import drawn

_NOISES = (0.01, 0.02, 0.03, 0.05, 0.1, 0.15, 0.2, 0.3)
_SIDE_WIDTH = 420
_LINK_HEIGHT = 160
_FILE_NAME = "drawn points"


def show() -> bool:
    """Draw the page; return whether the points are to be trained on, which the experiment then says."""
    _follow_link()
    st.title("Draw")
    st.markdown("Draw two classes that no line can part, then see how many units it takes.")
    if problem := drawn.drawing_problem():
        st.warning(literal(problem))
    canvas, side = st.columns(2, gap="medium")
    with canvas:
        draw_panel(drawn.PANEL, drawn.drawing(), drawn.drawing_revision(), _take_drawn)
    with side, st.container(width=_SIDE_WIDTH):
        _show_starters()
        _show_noise(drawn.drawing())
        return _show_use(drawn.drawing())


def take_message(message: Any) -> None:
    """Take over what the canvas sent: {"points": [[x1, x2, class], …], "revision": …}, or say what is wrong with it.

    Points of an older revision were sent before the canvas had those of another press of a button; it is about to
    take these, and keeps its own for undo.
    """
    if not isinstance(message, dict):
        return
    if message.get("revision") != drawn.drawing_revision():
        return
    try:
        drawn.keep_drawing(read_points(message.get("points")))
    except DataError as error:
        drawn.set_drawing_problem(str(error))


def _take_drawn() -> None:
    take_message(drawn.drawn_message())


def _follow_link() -> None:
    text = drawn.take_drawing_link()
    if text is None:
        return
    try:
        drawn.set_drawing(decode(text))
    except DataError as error:
        drawn.set_drawing(DrawnPoints())
        drawn.set_drawing_problem(f"This link could not be read, so the plane is empty. {error}")


def _show_starters() -> None:
    st.markdown("**Start from**")
    with st.container(horizontal=True, gap="small"):
        for name, make in STARTERS.items():
            st.button(name.capitalize(), key=f"start-{name.replace(' ', '-')}", on_click=_start_from, args=(make,))


def _start_from(make: Callable[[], DrawnPoints]) -> None:
    drawn.set_drawing(make())


def _show_noise(drawing: DrawnPoints) -> None:
    st.markdown("**Make it harder**")
    deviation: float = st.select_slider(
        "Noise",
        _NOISES,
        0.05,
        key="drawing-noise",
        help="How far every point moves: the deviation of each coordinate, on a plane 2 wide. Undo takes it back.",
        persist_state="session",
    )
    st.button(
        "Add noise",
        icon=":material/grain:",
        key="add-noise",
        on_click=_add_noise,
        args=(deviation,),
        disabled=not drawing.points,
    )


def _add_noise(deviation: float) -> None:
    _take_drawn()  # which may have come with the press, and be called behind it
    # The revision is another at every press, and so is the noise.
    drawn.set_drawing(add_noise(drawn.drawing(), deviation, drawn.drawing_revision()))


def _show_use(drawing: DrawnPoints) -> bool:
    """Offer what can be done with the points; return whether they are to be trained on."""
    st.markdown("**Use it**")
    reason = why_not_trainable(drawing)
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
            to_csv(drawing),
            "drawn-points.csv",
            "text/csv",
            icon=":material/download:",
            key="download-drawing",
            on_click="ignore",
            disabled=not drawing.points,
        )
        with st.popover("Link", icon=":material/link:"):
            _show_link(drawing)
    if pressed:
        _train_on(drawing)
    return pressed


def _show_link(drawing: DrawnPoints) -> None:
    if not drawing.points:
        st.caption("Draw something first: a link holds the points.")
    elif len(drawing.points) > SHARED_MOST:
        count = len(drawing.points)
        st.caption(f"A link holds at most {SHARED_MOST} points, and these are {count:,}. Download them instead.")
    else:
        st.caption("Opens this page with these points, anywhere.")
        st.code(_link(drawing), language=None, wrap_lines=True, height=_LINK_HEIGHT)


def _link(drawing: DrawnPoints) -> str:
    url = urlsplit(st.context.url or f"http://localhost:8501{base_path()}/draw")
    return url._replace(query=drawn.drawing_query(encode(drawing)), fragment="").geturl()


def _train_on(drawing: DrawnPoints) -> None:
    """Keep the points as a file, and begin an experiment on it as they are drawn: in [-1, 1] already."""
    trained = without_gaps(drawing)
    if trained != drawing:
        drawn.set_drawing(trained)
    file = keep_upload(to_csv(trained).encode())
    session.name_file(file, _FILE_NAME)
    data = DataSpec("file", scaling="none", table=TableSpec(file=file, target_column="class"))
    session.set_experiment(with_data(session.experiment(), data))
