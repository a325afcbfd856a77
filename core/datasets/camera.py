"""Pictures taken with a camera: checked like any other upload and packed as a zip of folders."""

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
CLASS_LEAST = 5  # pictures per class, so that some train and some are held out
PICTURES_MOST = 600  # in all classes together
BYTES_MOST = 40_000  # per picture
NAME_MOST = 40  # letters
SIDE = 96  # width and height, in pixels, of the pictures that the browser sends

_ENDINGS = {b"\xff\xd8\xff": "jpg", b"\x89PNG\r\n\x1a\n": "png"}  # by the first bytes
_PARENT = "camera"  # of the folders of the classes, so that none looks like a part of an office document
_DATE = (1980, 1, 1, 0, 0, 0)  # the same for every picture, so that equal pictures give equal zips
_CHECKED_SIDE = 8


@dataclass(frozen=True)
class TakenClass:
    """The pictures taken of one class.

    Attributes:
        name: the class, 1 to 40 letters that can be the name of a folder.
        pictures: JPEG or PNG files of at most 40,000 bytes each.

    Raises:
        DataError: if the name or a picture is not valid.
    """

    name: str
    pictures: tuple[bytes, ...]

    def __post_init__(self) -> None:
        if not 0 < len(self.name) <= NAME_MOST or not self.name.isprintable() or set(self.name) & set("/\\"):
            raise DataError(
                rf"The name of a class must have 1 to {NAME_MOST} letters and no / or \. Received: {self.name[:60]!r}."
            )
        for picture in self.pictures:
            _ending_of(picture)
            if len(picture) > BYTES_MOST:
                raise DataError(f"A picture may have at most {BYTES_MOST:,} bytes. Received: {len(picture):,}.")


def read_taken(received: Any) -> tuple[TakenClass, ...]:
    """Return the classes that a browser sent as [{"name": text, "pictures": [base64, …]}, …].

    Classes without pictures are left out; spaces around and between words are normalized.

    Raises:
        DataError: if it is anything else, or too much.
    """
    if not isinstance(received, list) or not all(map(_is_class, received)):
        raise DataError(f"Pictures must come as a list of classes. Received: {repr(received)[:60]}.")
    if sum(len(entry["pictures"]) for entry in received) > PICTURES_MOST:
        raise DataError(f"There may be at most {PICTURES_MOST} pictures. Delete some.")
    return tuple(
        TakenClass(" ".join(entry["name"].split()), tuple(map(_decoded, entry["pictures"])))
        for entry in received
        if entry["pictures"]
    )


def to_zip(classes: Sequence[TakenClass]) -> bytes:
    """Return a zip with a folder of pictures for every class; equal pictures and names give equal bytes.

    Raises:
        DataError: if a class has too few pictures, if a name is not unique or cannot be that of a folder, or if a
            picture cannot be read.
    """
    _check_classes(classes)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:  # the pictures are already compressed
        for taken in classes:
            for number, picture in enumerate(taken.pictures, 1):
                path = f"{_PARENT}/{taken.name}/{number:03}.{_ending_of(picture)}"
                archive.writestr(zipfile.ZipInfo(path, _DATE), picture)
    content = out.getvalue()
    _check_readable(content, classes)
    return content


def _check_classes(classes: Sequence[TakenClass]) -> None:
    if not 2 <= len(classes) <= CLASSES_MOST:
        raise DataError(f"Take pictures of 2 to {CLASSES_MOST} classes. Received: {len(classes)}.")
    twice = [name for name, count in Counter(taken.name for taken in classes).items() if count > 1]
    if twice:
        raise DataError(f"Every class needs its own name. Received twice: {twice[0]!r}.")
    few = [f"{taken.name!r} has {len(taken.pictures)}" for taken in classes if len(taken.pictures) < CLASS_LEAST]
    if few:
        raise DataError(f"Every class needs {CLASS_LEAST} pictures: {', '.join(few)}.")


def _check_readable(content: bytes, classes: Sequence[TakenClass]) -> None:
    """Read the zip like any other; it must have all pictures, in folders named after their classes."""
    found = read_pictures_of(content, _CHECKED_SIDE)
    if found.damaged:
        raise DataError(f"{found.damaged} of the pictures cannot be read. Take them again.")
    counts = np.bincount(found.labels, minlength=len(found.class_names)).tolist()
    kept = dict(zip(found.class_names, counts, strict=True))
    for taken in classes:
        if kept.get(taken.name) != len(taken.pictures):
            raise DataError(f"A class cannot be called {taken.name!r}. Choose another name.")


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
        raise DataError(f"A picture must be encoded in base64. Received: {text[:40]!r}.") from error


def _ending_of(picture: bytes) -> str:
    """Return the file name extension of a picture, by its first bytes."""
    for start, ending in _ENDINGS.items():
        if picture.startswith(start):
            return ending
    raise DataError(f"A picture must be a JPEG or PNG file. Received: bytes that start with {picture[:8].hex()!r}.")
