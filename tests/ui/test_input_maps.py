"""The maps of the inputs, read back as pictures."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from ui.controls.input_maps import input_map


def pixels(name: str) -> np.ndarray:
    head, _, body = input_map(name).partition(",")
    assert head == "data:image/png;base64"
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(body)))).astype(int)


def is_warm(pixel: np.ndarray) -> bool:
    return bool(pixel[0] > pixel[2])


@pytest.mark.parametrize(
    ("name", "left", "right", "top", "bottom"),
    [
        ("x1", False, True, None, None),
        ("x2", None, None, True, False),
        ("x1x1", True, True, None, None),
        ("x2x2", None, None, True, True),
    ],
)
def test_high_values_are_warm(name, left, right, top, bottom):
    map_ = pixels(name)
    middle = len(map_) // 2
    for warm, pixel in (
        (left, map_[middle, 0]),
        (right, map_[middle, -1]),
        (top, map_[0, middle]),
        (bottom, map_[-1, middle]),
    ):
        assert warm is None or is_warm(pixel) == warm


def test_the_product_is_high_where_signs_agree():
    map_ = pixels("x1x2")
    assert [is_warm(map_[row, column]) for row in (0, -1) for column in (0, -1)] == [False, True, True, False]
