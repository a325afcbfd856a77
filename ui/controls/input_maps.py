"""Small maps of the inputs that can be computed from points of the plane."""

from __future__ import annotations

import functools

import numpy as np

from core.datasets.derived_inputs import INPUTS
from core.figures.colouring import value_rgb
from core.figures.painting import png_source

_PIXELS = 24  # a side
_REACH = np.pi  # both coordinates go from -_REACH to _REACH


@functools.cache  # as many as there are inputs on the menu; the same for everybody
def input_map(name: str) -> str:
    """Return the map of an input as a PNG in a data URL: x1 across, x2 up, blue low, orange high."""
    steps = np.linspace(-_REACH, _REACH, _PIXELS)
    values = INPUTS[name](*np.meshgrid(steps, steps[::-1]))
    shares = (values - values.min()) / (values.max() - values.min())
    return png_source(np.rint(value_rgb(shares)).astype(np.uint8))
