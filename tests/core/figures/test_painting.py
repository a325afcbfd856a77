"""What a network says, as pixels, and pixels as a PNG."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from core.figures import value_picture
from core.figures.painting import png_source


@pytest.mark.parametrize(("value", "colour"), [(0, (0x21, 0x60, 0xB4)), (255, (0xB4, 0x56, 0x0F))])
def test_values_go_from_the_first_colour_to_the_last(value, colour):
    picture = value_picture(np.full((3, 3), value, np.uint8))
    assert picture.shape == (3, 3, 4)
    assert tuple(picture[1, 1]) == (*colour, 255)


@pytest.mark.parametrize("channels", [3, 4])
def test_pixels_come_back_from_a_png(channels):
    pixels = np.random.default_rng(0).integers(0, 256, (5, 7, channels), np.uint8)
    np.testing.assert_array_equal(opened(png_source(pixels)), pixels)


def test_of_few_colours_a_png_is_smaller():
    pixels = np.random.default_rng(0).integers(0, 256, (40, 40, 3), np.uint8)
    few = png_source(pixels, colours=4)
    assert len(few) < len(png_source(pixels))
    assert len(np.unique(opened(few))) <= 4


def opened(source: str) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(source.removeprefix("data:image/png;base64,")))))
