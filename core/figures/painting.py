"""Predictions over a plane, as pixels."""

from __future__ import annotations

import base64
import io

import numpy as np

from core.figures.colouring import value_rgb
from core.figures.palette import class_colour, rgb

_PALEST, _STRONGEST = 26, 150  # opacity of a cell at confidence 0 and 255


def class_picture(painted: np.ndarray) -> np.ndarray:
    """Return the cells of `core.analysis.decision.paint`, uint8 (2, side, side), as RGBA: uint8 (side, side, 4)."""
    classes, confidence = painted
    colours = np.array([rgb(class_colour(label)) for label in range(int(classes.max()) + 1)], np.uint8)
    opacity = _PALEST + confidence / 255 * (_STRONGEST - _PALEST)
    picture: np.ndarray = np.concatenate([colours[classes], np.rint(opacity)[..., None].astype(np.uint8)], axis=2)
    return picture


def value_picture(painted: np.ndarray) -> np.ndarray:
    """Return the cells of `core.analysis.regression.paint_values`, uint8 (side, side), as RGBA: (side, side, 4)."""
    opaque = np.full((*painted.shape, 1), 255.0)
    picture: np.ndarray = np.rint(np.concatenate([value_rgb(painted / 255), opaque], axis=2)).astype(np.uint8)
    return picture


def softened(picture: np.ndarray) -> np.ndarray:
    """Return a picture, uint8 (height, width, channels), blurred by 1:2:1 along both axes.

    Edges then show no steps when the picture is enlarged.
    """
    mixed = picture.astype(np.float64)
    for axis in (0, 1):
        ends = [(1, 1) if axis == padded else (0, 0) for padded in range(3)]
        around = np.moveaxis(np.pad(mixed, ends, mode="edge"), axis, 0)
        mixed = np.moveaxis((around[:-2] + 2 * around[1:-1] + around[2:]) / 4, 0, axis)
    soft: np.ndarray = np.rint(mixed).astype(np.uint8)
    return soft


def png_source(pixels: np.ndarray, colours: int | None = None) -> str:
    """Return pixels, uint8 (height, width, 3 or 4), as a PNG data URI, reduced to `colours` colours if given."""
    from PIL import Image

    image = Image.fromarray(pixels)
    if colours is not None:
        image = image.quantize(colours)
    data = io.BytesIO()
    image.save(data, "PNG", optimize=colours is not None)
    return "data:image/png;base64," + base64.b64encode(data.getvalue()).decode()
