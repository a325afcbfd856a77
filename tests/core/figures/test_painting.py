"""What a network says, as pixels, and pixels as a PNG."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from core.analysis.decision import paint
from core.figures import class_colour, class_picture, value_picture
from core.figures.painting import png_source, softened


@pytest.mark.parametrize(("value", "colour"), [(0, (0x21, 0x60, 0xB4)), (255, (0xB4, 0x56, 0x0F))])
def test_values_go_from_the_first_colour_to_the_last(value, colour):
    picture = value_picture(np.full((3, 3), value, np.uint8))
    assert picture.shape == (3, 3, 4)
    assert tuple(picture[1, 1]) == (*colour, 255)


def test_cells_have_the_colour_of_their_class_stronger_with_confidence():
    picture = class_picture(paint(np.tile([[0.9, 0.1], [0.2, 0.8]], (8, 1))))
    assert picture.shape == (4, 4, 4)
    assert "#{:02x}{:02x}{:02x}".format(*picture[0, 0, :3]) == class_colour(0)
    assert "#{:02x}{:02x}{:02x}".format(*picture[0, 1, :3]) == class_colour(1)
    assert picture[0, 0, 3] > picture[0, 1, 3] > 26


def test_softening_blurs_edges_and_keeps_plain_areas():
    picture = np.zeros((3, 4, 3), np.uint8)
    picture[:, 2:] = 200
    assert softened(picture)[:, :, 0].tolist() == [[0, 50, 150, 200]] * 3
    np.testing.assert_array_equal(softened(picture.swapaxes(0, 1)), softened(picture).swapaxes(0, 1))


@pytest.mark.parametrize("channels", [3, 4])
def test_pixels_come_back_from_a_png(channels):
    pixels = np.random.default_rng(0).integers(0, 256, (5, 7, channels), np.uint8)
    np.testing.assert_array_equal(opened(png_source(pixels)), pixels)


def test_a_png_with_few_colours_is_smaller():
    pixels = np.random.default_rng(0).integers(0, 256, (40, 40, 3), np.uint8)
    few = png_source(pixels, colours=4)
    assert len(few) < len(png_source(pixels))
    assert len(np.unique(opened(few))) <= 4


def opened(source: str) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(source.removeprefix("data:image/png;base64,")))))
