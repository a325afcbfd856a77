"""Pictures from a camera: how they are checked and packed as a zip of folders."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from core.datasets import prepare
from core.datasets.camera import (
    BYTES_MOST,
    CLASS_LEAST,
    CLASSES_MOST,
    PICTURES_MOST,
    SIDE,
    TakenClass,
    read_taken,
    to_zip,
)
from core.datasets.picture_folders import is_picture_folder, read_pictures_of
from core.datasets.upload_store import keep_upload
from core.errors import DataError
from core.experiment import DataSpec, TableSpec


def picture(shade: int, form: str = "JPEG") -> bytes:
    """Return a picture in one shade of grey, as the camera page sends it."""
    file = io.BytesIO()
    Image.new("RGB", (SIDE, SIDE), (shade, shade, shade)).save(file, form)
    return file.getvalue()


def taken(name: str, *shades: int) -> TakenClass:
    return TakenClass(name, tuple(map(picture, shades)))


def sent(**pictures: list[bytes]) -> Any:
    """Return what a browser sends for these classes, through JSON."""
    classes = [
        {"name": name, "pictures": [base64.b64encode(one).decode() for one in ones]} for name, ones in pictures.items()
    ]
    return json.loads(json.dumps(classes))


DARK, LIGHT = taken("dark", *range(0, 60, 10)), taken("light", *range(190, 250, 10))


def test_classes_become_folders_that_any_zip_of_pictures_could_have():
    content = to_zip([LIGHT, DARK])
    assert is_picture_folder(content)
    found = read_pictures_of(content, 8)
    assert found.class_names == ("dark", "light")
    assert (found.damaged, found.warnings) == (0, ())
    shades = {name: sorted(found.images[found.labels == label, 0, 0]) for label, name in enumerate(found.class_names)}
    np.testing.assert_allclose(shades["dark"], range(0, 60, 10), atol=2)
    np.testing.assert_allclose(shades["light"], range(190, 250, 10), atol=2)


def test_equal_pictures_give_an_equal_zip_and_others_another():
    assert to_zip([DARK, LIGHT]) == to_zip([DARK, LIGHT])
    assert to_zip([DARK, LIGHT]) != to_zip([DARK, TakenClass("Light", LIGHT.pictures)])


def test_png_pictures_are_taken_too():
    light = TakenClass("light", tuple(picture(shade, "PNG") for shade in range(200, 210)))
    found = read_pictures_of(to_zip([DARK, light]), 8)
    assert sorted(found.images[found.labels == 1, 3, 3]) == list(range(200, 210))


def test_a_message_is_read_and_trains():
    received = sent(**{"  my \t dark ": list(DARK.pictures), "empty": [], "light": list(LIGHT.pictures)})
    classes = read_taken(received)
    assert classes == (TakenClass("my dark", DARK.pictures), LIGHT)
    data = DataSpec("file", table=TableSpec(file=keep_upload(to_zip(classes)), side=8, colour=True), scaling="none")
    split = prepare(data)
    assert (split.class_names, split.image_shape) == (("light", "my dark"), (8, 8, 3))
    assert len(split.y_train) + len(split.y_val) == 12


def test_names_of_classes_that_are_allowed():
    for name in ("=1+1", "a,b", 'say "cheese"', "<b>", "**bold**", "🐈", "Übung 1", "mimetype", "META-INF", "1"):
        found = read_pictures_of(to_zip([TakenClass(name, DARK.pictures), LIGHT]), 8)
        assert set(found.class_names) == {name, "light"}


def test_names_of_classes_that_are_refused():
    for name in ("", "a/b", "..\\b", "x" * 41, "a\nb", "a\0b", "\ud800", ".", "..", ".hidden", "__MACOSX", "Thumbs.db"):
        with pytest.raises(DataError, match=r"name|called"):
            to_zip([TakenClass(name, DARK.pictures), LIGHT])


def test_classes_that_cannot_be_trained_on_are_refused():
    for classes, words in (
        ([], "2 to 8"),
        ([DARK], "2 to 8"),
        ([TakenClass(str(number), DARK.pictures) for number in range(CLASSES_MOST + 1)], "2 to 8"),
        ([DARK, TakenClass("dark", LIGHT.pictures)], "twice: 'dark'"),
        ([DARK, TakenClass("few", LIGHT.pictures[: CLASS_LEAST - 1])], "'few' has 4"),
        (
            [DARK, TakenClass("bad", (*LIGHT.pictures, b"\xff\xd8\xff" + bytes(100)))],
            "1 of the pictures cannot be read",
        ),
    ):
        with pytest.raises(DataError, match=words):
            to_zip(classes)


def test_other_files_and_large_pictures_are_refused():
    for content in (b"", b"GIF89a", b"<svg>", b"PK\x03\x04", picture(1) + bytes(BYTES_MOST)):
        with pytest.raises(DataError, match=r"A picture (must be|may have)"):
            read_taken(sent(a=[content]))


def test_malformed_messages_are_refused():
    for received in (
        None,
        7,
        "taken",
        {},
        [None],
        [{}],
        [{"name": "a"}],
        [{"name": 1, "pictures": []}],
        [{"name": "a", "pictures": "abc"}],
        [{"name": "a", "pictures": [1]}],
        [{"name": "a", "pictures": ["not base64!"]}],
        [{"name": "a", "pictures": ["äöü"]}],
        [{"name": "a", "pictures": ["/9j/"] * (PICTURES_MOST + 1)}],
    ):
        with pytest.raises(DataError):
            read_taken(received)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "pictures"]), inner),
)
_PICTURE = st.binary(max_size=40).map(lambda tail: base64.b64encode(b"\xff\xd8\xff" + tail).decode())
_CLASS = st.fixed_dictionaries({"name": st.text(max_size=50), "pictures": st.lists(_PICTURE | _JSON, max_size=7)})


@given(_JSON | st.lists(_CLASS, max_size=4))
@settings(max_examples=150)
def test_any_message_is_read_or_refused(received):
    try:
        content = to_zip(read_taken(received))
    except DataError:
        return
    assert is_picture_folder(content)
