"""A zip of folders of pictures: every folder at the top with pictures is a class with the folder's name."""

from __future__ import annotations

import math
import time
import zipfile
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.bounded_process import bounded
from core.damage import log_suspicious
from core.datasets.picture_decoding import (
    DAMAGE,
    PIXELS_MOST,
    TooLongError,
    as_bytes,
    full_scale,
    read_picture,
)
from core.datasets.picture_tree import Member, Tree, find_tree, shown_path, tree_notes
from core.datasets.pictures import Pictures
from core.errors import DataError, TookTooLongError
from core.tables.binary_files import open_zip
from core.tables.table import MAX_BYTES, MAX_CELLS

PICTURES_MOST = 20_000
_MEMBERS_MOST = 50_000  # macOS adds a hidden file for every picture
_UNPACKED_MOST = 1_000_000_000  # bytes, of all members together
_SECONDS = 30.0
# Members of office documents, e-books and programs, which are zip archives with pictures too.
_DOCUMENTS = ("[Content_Types].xml", "content.xml", "mimetype", "META-INF/", "Index/Document.iwa", "Index.zip")


@bounded
def is_picture_folder(content: bytes) -> bool:
    """Return whether a file is a zip archive with pictures in folders, and not a table or document.

    Raises:
        DataError: if it is a zip archive that is damaged or too large.
    """
    if not content.startswith(b"PK\x03\x04") or len(content) > MAX_BYTES:
        return False
    archive = _open(content)
    names = archive.namelist()
    if any(name.startswith(_DOCUMENTS) or name.endswith(".npy") for name in names):
        return False
    return bool(find_tree(archive).members)


@bounded
def read_pictures_of(content: bytes, side: int, colour: bool = False) -> Pictures:
    """Return the pictures of a zip of folders, uint8 (pictures, side, side), one of each class in turn.

    In colour they are (pictures, side, side, 3): red, green and blue.

    The class of a picture is the folder at the top of the tree, as in `keras.utils.image_dataset_from_directory`. A
    folder that holds all others is none, nor are train, test and the like, whose pictures are put together. The largest
    centred square of a picture is scaled to side x side by averaging pixels. Grey is the luminance
    0.299 R + 0.587 G + 0.114 B, transparent pixels become white, and only the first frame of an animation is used.
    Grey of more than 8 bits is scaled by the highest value in all pictures (`full_scale`). Classes are in alphabetical
    order, or in numerical order if all of them are numbers.

    Pictures that cannot be read are left out, counted in `damaged` and mentioned in `warnings`. Nothing is written to
    disk.

    Raises:
        DataError: if the archive is damaged or too large, has no readable picture, or takes too long to read.
    """
    archive = _open(content)
    tree = find_tree(archive)
    members = _in_turn(tree.members)
    shape = (side, side, 3) if colour else (side, side)
    _check_count(len(members), shape)
    kept: list[Member] = []
    damaged: list[Member] = []
    deep: dict[int, NDArray[np.float32]] = {}
    images = np.empty((len(members), *shape), np.uint8)
    deadline = time.monotonic() + _SECONDS
    for member in members:
        try:
            pixels = read_picture(archive, member.info, side, colour, deadline)
        except DAMAGE as error:
            if not damaged:  # once a file: there may be thousands
                log_suspicious(error)
            damaged.append(member)
            continue
        except TooLongError as error:
            raise TookTooLongError(
                f"Only {len(kept) + len(damaged):,} of {len(members):,} pictures were read within {_SECONDS:.0f} s. "
                "Upload fewer pictures, or make them smaller: a width of 500 pixels is plenty."
            ) from error
        if pixels.dtype == np.float32:
            deep[len(kept)] = pixels.astype(np.float32)
        else:
            images[len(kept)] = pixels
        kept.append(member)
    if not kept:
        raise DataError(
            f"None of the {len(members):,} pictures can be read: they are damaged, protected or larger than "
            f"{PIXELS_MOST // 1_000_000} megapixels. Save them again as PNG or JPEG, and zip their folders."
        )
    scale = _scale_deep(images, deep, colour)
    class_names = _sorted_names({member.folder for member in kept})
    label_of = {name: label for label, name in enumerate(class_names)}
    labels = np.array([label_of[member.folder] for member in kept], np.int64)
    notes = _notes(tree, damaged, len(members), scale, len(deep))
    return Pictures(
        images[: len(kept)],
        labels,
        class_names,
        len(damaged),
        notes,
        scale=scale,
        depth=tree.depth,
        encoding=tree.encoding,
    )


def _scale_deep(images: NDArray[np.uint8], deep: dict[int, NDArray[np.float32]], colour: bool) -> float | None:
    """Put grey pictures of more than 8 bits among the images, and return what they are scaled by; None if none are."""
    scale = full_scale(list(deep.values())) if deep else None
    for place, values in deep.items():
        grey = as_bytes(values, scale or 1.0)
        images[place] = grey[..., None] if colour else grey
    return scale


def as_json(pictures: Pictures) -> dict[str, Any]:
    """Return a summary as JSON values."""
    return {
        "rows": len(pictures.labels),
        "image_shape": list(pictures.images.shape[1:]),
        "classes": dict(zip(pictures.class_names, _counts(pictures), strict=True)),
        "warnings": list(pictures.warnings),
    }


def as_text(pictures: Pictures) -> str:
    """Return a summary as text: the number of pictures, a line per class, and the warnings."""
    lines = [f"{len(pictures.labels):,} pictures, {len(pictures.class_names):,} classes", ""]
    width = max(map(len, pictures.class_names))
    counts = _counts(pictures)
    lines += [f"{name:<{width}}  {count:>6,}" for name, count in zip(pictures.class_names, counts, strict=True)]
    if pictures.warnings:
        lines += ["", *(f"note: {warning}" for warning in pictures.warnings)]
    return "\n".join(lines)


def _counts(pictures: Pictures) -> list[int]:
    counts: list[int] = np.bincount(pictures.labels, minlength=len(pictures.class_names)).tolist()
    return counts


def _open(content: bytes) -> zipfile.ZipFile:
    return open_zip(content, _UNPACKED_MOST, _MEMBERS_MOST)


def _in_turn(members: Sequence[Member]) -> list[Member]:
    """Return one picture of each class, then the next of each class, so that the first rows have all classes."""
    by_folder: dict[str, list[Member]] = {}
    for member in members:
        by_folder.setdefault(member.folder, []).append(member)
    names = _sorted_names(by_folder)
    numbered = [
        (place, label, member) for label, name in enumerate(names) for place, member in enumerate(by_folder[name])
    ]
    numbered.sort(key=lambda entry: entry[:2])
    return [member for *_, member in numbered]


def _sorted_names(names: set[str] | dict[str, list[Member]]) -> tuple[str, ...]:
    if all(name.isdecimal() for name in names):
        return tuple(sorted(names, key=lambda name: (int(name), name)))
    return tuple(sorted(names))


def _check_count(count: int, shape: tuple[int, ...]) -> None:
    if not count:
        raise DataError(
            "The zip archive has no pictures in folders. Expected: a folder of PNG or JPEG pictures for each class."
        )
    if count > PICTURES_MOST:
        raise DataError(
            f"A zip may have at most {PICTURES_MOST:,} pictures. This one has {count:,}. Use fewer of each class."
        )
    if count * math.prod(shape) > MAX_CELLS:
        raise DataError(
            f"Pictures may have at most {MAX_CELLS:,} values in total. {count:,} pictures of "
            f"{' x '.join(map(str, shape))} have {count * math.prod(shape):,}. Choose a smaller `side` or "
            "shades of grey, or use fewer pictures."
        )


def _notes(tree: Tree, damaged: list[Member], count: int, scale: float | None, deep: int) -> tuple[str, ...]:
    """Return the warnings, as sentences."""
    notes = []
    if damaged:
        notes.append(
            f"{len(damaged):,} of {count:,} pictures were left out: damaged, protected or larger than "
            f"{PIXELS_MOST // 1_000_000} megapixels, such as {shown_path(damaged[0])}."
        )
    if scale is not None:
        pictures = "1 picture has" if deep == 1 else f"{deep:,} pictures have"
        notes.append(f"{pictures} more than 256 shades of grey: {scale:,.15g} is white, by the highest value in them.")
    return (*notes, *tree_notes(tree))
