"""A person's own picture for a network that classifies pictures: drawn, from a file, or from the camera."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import streamlit as st

from core.errors import DataError
from core.trained import sketch
from core.trained.preparation import Preparation
from ui.components.markdown import literal
from ui.session import trials, widgets
from ui.try_it.sketch_panel import sketch_panel
from ui.try_it.tried_model import TriedModel

_PANEL, _FILE, _CAMERA = "sketch-panel", "picture-file", "picture-camera"
_DRAW, _FROM_FILE, _FROM_CAMERA = "Draw", "Picture file", "Camera"

_Read = Callable[[str, Preparation], np.ndarray | None]


def show(model: TriedModel) -> None:
    """Let the person draw or upload a picture, which becomes the row that is tried."""
    ways = [_FROM_FILE, _FROM_CAMERA] if model.preparation.photographs else [_DRAW, _FROM_FILE, _FROM_CAMERA]
    chosen = st.segmented_control(
        "Your own picture",
        ways,
        default=_DRAW if sketch.is_handwriting(model.data) else None,
        key=f"picture-way-{model.data}",
        persist_state="session",
    )
    take = partial(take_picture, model)
    if chosen == _DRAW:
        sketch_panel(_PANEL, partial(take, read_drawing))
    elif chosen == _FROM_FILE:
        kinds = ["png", "jpg", "jpeg", "webp", "bmp", "gif"]
        st.file_uploader("Picture", kinds, key=_FILE, on_change=partial(take, partial(_read_photograph, _FILE)))
    elif chosen == _FROM_CAMERA:
        st.camera_input("Take a photo", key=_CAMERA, on_change=partial(take, partial(_read_photograph, _CAMERA)))
    if problem := trials.trial(model.name, model.preparation.typical).problem:
        st.error(literal(problem), icon=":material/image:")


def take_picture(model: TriedModel, read: _Read) -> None:
    """Try a picture as the next row; without a picture, start again from the typical row."""
    try:
        picture = read(model.data, model.preparation)
    except DataError as error:
        trials.set_trial_problem(str(error))
        return
    typical = model.preparation.typical
    trials.set_trial(model.name, typical if picture is None else sketch.row_of(picture, model.preparation))


def read_drawing(data: str, preparation: Preparation) -> np.ndarray | None:
    """Return what was drawn as a picture of the data's size, or None where the canvas is empty."""
    ink = sketch.read_sketch(widgets.component_value(_PANEL, "sketched"))
    return None if ink is None else _fitted(ink, data, preparation)


def _read_photograph(key: str, data: str, preparation: Preparation) -> np.ndarray | None:
    file = widgets.value(key)
    if file is None:
        return None
    assert preparation.image_shape is not None
    light = sketch.read_photograph(file.getvalue(), colour=len(preparation.image_shape) == 3)
    if sketch.is_handwriting(data):
        return _fitted(sketch.ink_of_photograph(light), data, preparation)
    return sketch.resized(light if preparation.photographs else 1 - light, preparation.image_shape)


def _fitted(ink: np.ndarray, data: str, preparation: Preparation) -> np.ndarray:
    """Return ink as a picture of the data's size; handwriting is centred as the data's is."""
    assert preparation.image_shape is not None
    if sketch.is_handwriting(data):
        return sketch.centred(ink, data, preparation.image_shape)
    return sketch.resized(ink, preparation.image_shape)
