"""The small maps of what a network may be given of points in the plane."""

from __future__ import annotations

import base64
import functools
import io

import numpy as np
from PIL import Image

from core.datasets.inputs import INPUTS
from core.figures.palette import VALUE_COLOURS

_PIXELS = 24  # a side
_REACH = np.pi  # both coordinates go from -_REACH to _REACH


@functools.cache
def input_map(name: str) -> str:
    """Return the map of an input as a PNG in a data address: x1 across, x2 up, blue low, orange high."""
    steps = np.linspace(-_REACH, _REACH, _PIXELS)
    values = INPUTS[name](*np.meshgrid(steps, steps[::-1]))
    shares = (values - values.min()) / (values.max() - values.min())
    stops = np.array([tuple(bytes.fromhex(colour[1:])) for colour in VALUE_COLOURS])
    places = np.linspace(0, 1, len(stops))
    pixels = np.stack([np.interp(shares, places, stops[:, channel]) for channel in range(3)], axis=2)
    file = io.BytesIO()
    Image.fromarray(pixels.round().astype(np.uint8)).save(file, "png")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"
