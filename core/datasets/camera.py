"""Pictures that a person takes with a camera, as data from anywhere: checked, and made a zip of folders."""

from __future__ import annotations

import base64
import io
import zipfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.datasets.picture_folders import read_pictures_of
from core.errors import DataError

CLASSES_MOST = 8
CLASS_LEAST = 5  # pictures of a class, so that some train and some are held out
PICTURES_MOST = 600  # of all classes together
BYTES_MOST = 40_000  # of one picture
NAME_MOST = 40  # letters
SIDE = 96  # pixels that a picture is sent with, across and down

_FORMS = {b"\xff\xd8\xff": "jpg", b"\x89PNG\r\n\x1a\n": "png"}  # by the first bytes
_AROUND = "camera"  # the folder around those of the classes, so that no class can pass for a document's part
_DATE = (1980, 1, 1, 0, 0, 0)  # of every picture: equal pictures, equal zip
_CHECKED_SIDE = 8


@dataclass(frozen=True)
class TakenClass:
    """The pictures that were taken of one class.

    Attributes:
        name: of the class, 1 to 40 letters without a slash, as it can be a folder's.
        pictures: JPEG or PNG files of at most 40,000 bytes each.

    Raises:
        DataError: where they are none of that.
    """

    name: str
    pictures: tuple[bytes, ...]

    def __post_init__(self) -> None:
        if not 0 < len(self.name) <= NAME_MOST or not self.name.isprintable() or set(self.name) & set("/\\"):
            raise DataError(
                rf"A class's name must be 1 to {NAME_MOST} letters, none of them / or \. Received: {self.name[:60]!r}."
            )
        for picture in self.pictures:
            _form_of(picture)
            if len(picture) > BYTES_MOST:
                raise DataError(f"A picture must have at most {BYTES_MOST:,} bytes. Received: {len(picture):,}.")


def read_taken(received: Any) -> tuple[TakenClass, ...]:
    """Return the classes of what a browser sent, [{"name": text, "pictures": [base64, …]}, …].

    Classes without pictures are left out, and spaces that say nothing in names.

    Raises:
        DataError: where it is anything else, or too much.
    """
    if not isinstance(received, list) or not all(map(_is_class, received)):
        raise DataError(f"Pictures must come as a list of classes. Received: {repr(received)[:60]}.")
    if sum(len(entry["pictures"]) for entry in received) > PICTURES_MOST:
        raise DataError(f"There can be {PICTURES_MOST} pictures at most. Delete some of them.")
    return tuple(
        TakenClass(" ".join(entry["name"].split()), tuple(map(_decoded, entry["pictures"])))
        for entry in received
        if entry["pictures"]
    )


def to_zip(classes: Sequence[TakenClass]) -> bytes:
    """Return a zip of a folder of pictures for every class; equal pictures and names give equal bytes.

    Raises:
        DataError: where a class lacks pictures, has no name of its own or one that no folder of pictures can have, or
            where a picture cannot be read.
    """
    _check_classes(classes)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:  # pictures are packed already
        for taken in classes:
            for number, picture in enumerate(taken.pictures, 1):
                path = f"{_AROUND}/{taken.name}/{number:03}.{_form_of(picture)}"
                archive.writestr(zipfile.ZipInfo(path, _DATE), picture)
    content = out.getvalue()
    _check_readable(content, classes)
    return content


def _check_classes(classes: Sequence[TakenClass]) -> None:
    if not 2 <= len(classes) <= CLASSES_MOST:
        raise DataError(f"Take pictures of 2 to {CLASSES_MOST} classes. Received: {len(classes)}.")
    twice = [name for name, count in Counter(taken.name for taken in classes).items() if count > 1]
    if twice:
        raise DataError(f"Every class needs a name of its own. Received twice: {twice[0]!r}.")
    few = [f"{taken.name!r} has {len(taken.pictures)}" for taken in classes if len(taken.pictures) < CLASS_LEAST]
    if few:
        raise DataError(f"Every class needs {CLASS_LEAST} pictures: {', '.join(few)}.")


def _check_readable(content: bytes, classes: Sequence[TakenClass]) -> None:
    """Read the pictures as those of any zip are read; every one must be there, in a folder of its class's name."""
    found = read_pictures_of(content, _CHECKED_SIDE)
    if found.damaged:
        raise DataError(f"{found.damaged} of the pictures cannot be read. Take them again.")
    counts = np.bincount(found.labels, minlength=len(found.class_names)).tolist()
    kept = dict(zip(found.class_names, counts, strict=True))
    for taken in classes:
        if kept.get(taken.name) != len(taken.pictures):
            raise DataError(f"A class cannot be called {taken.name!r}. Give it another name.")


def _is_class(entry: object) -> bool:
    return (
        isinstance(entry, dict)
        and isinstance(entry.get("name"), str)
        and isinstance(entry.get("pictures"), list)
        and all(isinstance(picture, str) for picture in entry["pictures"])
    )


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as error:
        raise DataError(f"A picture must be written in base64. Received: {text[:40]!r}.") from error


def _form_of(picture: bytes) -> str:
    """Return how a picture's file is called at its end, by its first bytes."""
    for start, form in _FORMS.items():
        if picture.startswith(start):
            return form
    raise DataError(f"A picture must be a JPEG or PNG file. Received bytes that begin with {picture[:8].hex()!r}.")
