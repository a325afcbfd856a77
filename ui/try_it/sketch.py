"""A picture of one's own for a network that looks at pictures: drawn, from a file or from the camera."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import streamlit as st

from core.errors import DataError
from core.trained import sketch
from core.trained.preparation import Preparation
from ui import session
from ui.components.markdown import literal
from ui.session import trials
from ui.try_it.sketch_panel import sketch_panel

_PANEL, _FILE, _CAMERA = "sketch-panel", "picture-file", "picture-camera"
_DRAW, _FROM_FILE, _FROM_CAMERA = "Draw", "Picture file", "Camera"


def show(of: str, data: str, preparation: Preparation) -> None:
    """Let a person draw or bring a picture, which becomes the row that is tried.

    Args:
        of: the name of the run or bundle that is tried.
        data: the name of its data set.
    """
    ways = [_FROM_FILE, _FROM_CAMERA] if preparation.photographs else [_DRAW, _FROM_FILE, _FROM_CAMERA]
    chosen = st.segmented_control(
        "A picture of your own",
        ways,
        default=_DRAW if sketch.is_handwriting(data) else None,
        key=f"picture-way-{data}",
        persist_state="session",
    )
    take = partial(_take, of, data, preparation)
    if chosen == _DRAW:
        sketch_panel(_PANEL, partial(take, _drawn))
    elif chosen == _FROM_FILE:
        kinds = ["png", "jpg", "jpeg", "webp", "bmp", "gif"]
        st.file_uploader("Picture", kinds, key=_FILE, on_change=partial(take, partial(_photographed, _FILE)))
    elif chosen == _FROM_CAMERA:
        st.camera_input("Photograph", key=_CAMERA, on_change=partial(take, partial(_photographed, _CAMERA)))
    if problem := trials.trial(of, preparation.typical).problem:
        st.error(literal(problem), icon=":material/image:")


_Brought = Callable[[str, Preparation], np.ndarray | None]


def _take(of: str, data: str, preparation: Preparation, bring: _Brought) -> None:
    """Make the picture that was brought the row that is tried; without one begin again."""
    try:
        picture = bring(data, preparation)
    except DataError as error:
        trials.set_trial_problem(str(error))
        return
    trials.set_trial(of, preparation.typical if picture is None else sketch.row_of(picture, preparation))


def _drawn(data: str, preparation: Preparation) -> np.ndarray | None:
    ink = sketch.read_sketch((session.state(_PANEL) or {}).get("sketched"))
    return None if ink is None else _inked(ink, data, preparation)


def _photographed(key: str, data: str, preparation: Preparation) -> np.ndarray | None:
    file = session.state(key)
    if file is None:
        return None
    assert preparation.image_shape is not None
    light = sketch.read_photograph(file.getvalue(), colour=len(preparation.image_shape) == 3)
    if sketch.is_handwriting(data):
        return _inked(sketch.ink_of_photograph(light), data, preparation)
    return sketch.resized(light if preparation.photographs else 1 - light, preparation.image_shape)


def _inked(ink: np.ndarray, data: str, preparation: Preparation) -> np.ndarray:
    assert preparation.image_shape is not None
    if sketch.is_handwriting(data):
        return sketch.centred(ink, data, preparation.image_shape)
    return sketch.resized(ink, preparation.image_shape)
