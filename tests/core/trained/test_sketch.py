"""Pictures that a person draws or brings, made as MNIST and the digits were."""

import base64
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from scipy.ndimage import center_of_mass

from core.datasets import prepare
from core.errors import DataError
from core.trained.preparation import Preparation
from core.trained.sketch import (
    SIDE,
    centred,
    ink_of_photograph,
    is_handwriting,
    read_photograph,
    read_sketch,
    resized,
    row_of,
)
from tests.core.trained.networks import QUERIES, bundle_of


def drawn(top: int, left: int, height: int, width: int) -> np.ndarray:
    """A filled rectangle on paper."""
    ink = np.zeros((SIDE, SIDE), np.float32)
    ink[top : top + height, left : left + width] = 1
    return ink


def as_file(picture: np.ndarray, form: str = "PNG") -> bytes:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, form)
    return file.getvalue()


def test_a_sketch_travels_as_bytes():
    ink = np.random.default_rng(0).integers(0, 256, (SIDE, SIDE), dtype=np.uint8)
    read = read_sketch(base64.b64encode(ink.tobytes()).decode())
    np.testing.assert_allclose(read, ink / 255, rtol=1e-6)
    assert read_sketch("") is None
    assert read_sketch(base64.b64encode(bytes(SIDE * SIDE)).decode()) is None


@given(st.none() | st.integers() | st.binary() | st.lists(st.integers(), max_size=3) | st.text(min_size=1))
def test_what_is_no_sketch_is_refused(message):
    with pytest.raises(DataError, match="112 x 112"):
        read_sketch(message)


@given(st.integers(0, 60), st.integers(0, 60), st.integers(10, 50), st.integers(10, 50))
def test_wherever_a_digit_is_drawn_it_stands_as_in_mnist(top, left, height, width):
    placed = centred(drawn(top, left, height, width), "mnist", (28, 28))
    assert placed.shape == (28, 28)
    assert placed.dtype == np.float32
    rows, columns = np.flatnonzero(placed.sum(axis=1) > 0.01), np.flatnonzero(placed.sum(axis=0) > 0.01)
    longer = max(rows[-1] - rows[0], columns[-1] - columns[0]) + 1
    assert 20 <= longer <= 21  # an edge may fall between two pixels
    np.testing.assert_allclose(center_of_mass(placed), (13.5, 13.5), atol=0.05)
    # Nothing of the ink is lost: its area is that of the scaled rectangle.
    scale = 20 / max(height, width)
    assert placed.sum() == pytest.approx(height * width * scale**2, rel=1e-3)


def test_the_centre_of_mass_is_put_in_the_middle():
    heavy_left = drawn(20, 20, 60, 20) + drawn(75, 40, 5, 40)
    placed = centred(heavy_left, "mnist", (28, 28))
    np.testing.assert_allclose(center_of_mass(placed), (13.5, 13.5), atol=0.6)
    columns = np.flatnonzero(placed.sum(axis=0) > 0.01)
    assert 13.5 - columns[0] < columns[-1] - 13.5


def test_a_digit_fills_its_eight_rows_as_those_of_the_data_do():
    split = prepare(bundle_of(QUERIES["pictures"]).experiment.data)
    theirs = split.raw_train.reshape(-1, 8, 8)
    assert np.mean(theirs.max(axis=2).min(axis=1) > 0) > 0.99  # every row has ink
    placed = centred(drawn(30, 50, 60, 20), "digits", (8, 8))
    assert (placed.max(axis=1) > 0.9).all()
    np.testing.assert_allclose(placed[:, ::-1], placed, atol=1e-6)


def test_nothing_drawn_is_paper():
    assert centred(np.zeros((SIDE, SIDE), np.float32), "mnist", (28, 28)).max() == 0


@pytest.mark.parametrize("dark", [True, False])
def test_ink_is_found_on_paper_and_on_a_blackboard(dark):
    ink = drawn(30, 30, 50, 20)
    light = 0.85 - 0.6 * ink if dark else 0.15 + 0.6 * ink
    shadow = np.linspace(0, 0.05, SIDE, dtype=np.float32)
    found = ink_of_photograph((light - shadow).astype(np.float32))
    np.testing.assert_array_equal(found > 0.5, ink > 0)
    assert found[ink == 0].max() == 0
    assert ink_of_photograph(np.full((50, 50), 0.7, np.float32)).max() == 0


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "BMP", "GIF"])
def test_pictures_of_every_form_are_read(form):
    picture = np.full((300, 900, 3), 255, np.uint8)
    picture[:, 450:] = 0
    light = read_photograph(as_file(picture, form))
    assert light.shape in ((133, 400), (134, 400))
    assert light[60, 20] > 0.95
    assert light[60, -20] < 0.05


def test_what_is_seen_through_is_paper():
    picture = np.zeros((20, 20, 4), np.uint8)
    picture[5:15, 5:15, 3] = 255
    light = read_photograph(as_file(picture))
    assert (light[0, 0], light[10, 10]) == (1, 0)


def test_a_photograph_stands_upright():
    file = io.BytesIO()
    picture = Image.fromarray(np.full((40, 20), 128, np.uint8))
    exif = picture.getexif()
    exif[0x0112] = 6  # turned by a quarter
    picture.save(file, "JPEG", exif=exif)
    assert read_photograph(file.getvalue()).shape == (20, 40)


@given(st.binary(max_size=60) | st.binary(max_size=30).map(lambda end: as_file(np.zeros((9, 9), np.uint8))[:40] + end))
def test_what_is_no_picture_is_refused(content):
    with pytest.raises(DataError, match="cannot be read"):
        read_photograph(content)


def test_a_picture_that_says_it_is_huge_is_not_unpacked():
    content = bytearray(as_file(np.zeros((9, 9), np.uint8)))
    content[16:24] = (50_000).to_bytes(4, "big") * 2
    with pytest.raises(DataError):
        read_photograph(bytes(content))


def test_other_pictures_are_scaled_by_areas():
    light = np.zeros((20, 40), np.float32)
    light[:, 20:] = 1
    small = resized(light, (4, 4))
    np.testing.assert_allclose(small, np.tile([0, 0, 1, 1], (4, 1)), atol=1e-6)
    assert resized(np.ones((3, 3), np.float32), (62, 47)).min() == pytest.approx(1)


def test_a_row_has_the_pixels_of_the_training_rows():
    bundle = bundle_of(QUERIES["pictures"])
    preparation: Preparation = bundle.preparation
    row = row_of(np.linspace(0, 1, 64, dtype=np.float32).reshape(8, 8), preparation)
    assert (row[0], row[-1]) == (0, 16)
    assert preparation.answer(bundle.network, row[None]).shape == (1, 10)
    assert [is_handwriting(name) for name in ("mnist", "digits", "fashion", "file")] == [True, True, False, False]


def test_a_picture_in_colour_keeps_its_colours():
    file = io.BytesIO()
    Image.new("RGB", (40, 20), (255, 51, 0)).save(file, "PNG")
    light = read_photograph(file.getvalue(), colour=True)
    assert light.shape == (20, 40, 3)
    small = resized(light, (8, 8, 3))
    np.testing.assert_allclose(small, np.broadcast_to([1.0, 0.2, 0.0], (8, 8, 3)), atol=1e-6)


def test_a_grey_picture_for_a_network_of_colours_has_three_equal_channels():
    grey = np.random.default_rng(0).random((12, 12)).astype(np.float32)
    coloured = resized(grey, (6, 6, 3))
    for channel in range(3):
        np.testing.assert_array_equal(coloured[..., channel], resized(grey, (6, 6)))
