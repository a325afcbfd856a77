"""The script of a zip of pictures: the same classes and pixels as in the app."""

import io
import zipfile

import numpy as np
import pytest
from PIL import Image

from core.datasets import prepare
from core.datasets.upload_store import keep_upload
from core.experiment import DataSpec, TableSpec
from tests.core.datasets.picture_zips import written, zipped
from tests.core.datasets.test_picture_tree import zipped_as
from tests.core.export.test_file_scripts import rows_of

_RANDOM = np.random.default_rng(0)
_FORMS = ("png", "tiff", "bmp", "pgm")


def check_pictures(content: bytes, folder, colour: bool = False) -> None:
    """Hold the script's pictures to the app's."""
    table = TableSpec(keep_upload(content), side=8, colour=colour)
    spec = DataSpec("file", table=table, scaling="none")
    variables = rows_of(spec, content, "pictures.zip", folder)
    expected = prepare(spec)
    np.testing.assert_array_equal(variables["y_train"], expected.y_train)
    np.testing.assert_allclose(variables["x_train"], expected.x_train, atol=1e-6)


def grey(number: int) -> bytes:
    pixels = _RANDOM.integers(0, 256, (9, 11), dtype=np.uint8)
    return written(Image.fromarray(pixels), {"pgm": "PPM"}.get(_FORMS[number % 4], _FORMS[number % 4]))


@pytest.mark.parametrize("inside", [("images", "masks"), ("", "more/and more")])
def test_folders_within_those_of_the_classes(tmp_path, inside):
    members = {}
    for n in range(24):
        kind, part, within = ("ill", "well")[n % 2], ("train", "test")[n % 3 == 0], inside[n % 5 == 0]
        members["/".join(filter(None, ("data/set", part, kind, within, f"{n}.{_FORMS[n % 4]}")))] = grey(n)
    check_pictures(zipped(members), tmp_path)


def test_names_in_an_old_code_page(tmp_path):
    content = zipped_as("cp866", [f"{name}/{place}.png" for name in ("Кошки", "Собаки") for place in range(10)])
    check_pictures(content, tmp_path)


@pytest.mark.parametrize("colour", [False, True])
def test_more_than_256_shades(tmp_path, colour):
    members = {}
    for n in range(24):
        pixels = _RANDOM.integers(0, 4096, (10, 8), dtype=np.uint16)
        members[f"{'ab'[n % 2]}/{n}.png"] = written(Image.fromarray(pixels)) if n % 4 else grey(0)
    check_pictures(zipped(members), tmp_path, colour)


@pytest.mark.parametrize(("side", "colour"), [(8, False), (12, False), (8, True)])
def test_a_zip_of_pictures(tmp_path, side, colour):
    random = np.random.default_rng(0)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(24):
            kind = ("cats", "dogs", "birds")[number % 3]
            mode, channels = (("L", ()), ("RGB", (3,)), ("RGBA", (4,)))[number % 3]
            pixels = random.integers(0, 256, (20 + number, 31, *channels), dtype=np.uint8)
            picture = io.BytesIO()
            Image.fromarray(pixels, mode).save(picture, "png")
            archive.writestr(f"all/{kind}/{number}.png", picture.getvalue())
        archive.writestr("__MACOSX/all/cats/._1.png", b"junk")
        archive.writestr("all/loose.png", picture.getvalue())
    spec = DataSpec("file", table=TableSpec(keep_upload(out.getvalue()), side=side, colour=colour), scaling="none")
    variables = rows_of(spec, out.getvalue(), "animals.zip", tmp_path)
    expected = prepare(spec)
    np.testing.assert_array_equal(variables["y_train"], expected.y_train)
    assert np.abs(variables["x_train"] - expected.x_train).max() <= 2 / 255  # transparency is rounded elsewhere


def test_damaged_pictures_are_left_out(tmp_path):
    random = np.random.default_rng(0)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(20):
            picture = io.BytesIO()
            Image.fromarray(random.integers(0, 256, (9, 9), dtype=np.uint8)).save(picture, "png")
            content = picture.getvalue()[: 40 if number % 7 == 0 else None]
            archive.writestr(f"{('cats', 'dogs')[number % 2]}/{number:02}.png", content)
            archive.writestr(f".trash/{('cats', 'dogs')[number % 2]}/{number:02}.png", picture.getvalue())
    spec = DataSpec("file", table=TableSpec(keep_upload(out.getvalue()), side=8), scaling="none")
    variables = rows_of(spec, out.getvalue(), "animals.zip", tmp_path)
    expected = prepare(spec)
    assert expected.dropped_rows == 3
    np.testing.assert_array_equal(variables["y_train"], expected.y_train)
    np.testing.assert_allclose(variables["x_train"], expected.x_train, atol=1e-6)
