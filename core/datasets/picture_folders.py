"""A zip of folders of pictures: every folder with pictures is a class with the folder's name."""

from __future__ import annotations

import io
import lzma
import math
import stat
import struct
import time
import warnings
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image

from core.bounded_process import bounded
from core.damage import log_suspicious
from core.datasets.pictures import Pictures
from core.errors import DataError
from core.tables.binary_files import open_zip
from core.tables.table import MAX_BYTES, MAX_CELLS

PICTURES_MOST = 20_000
_MEMBERS_MOST = 50_000  # macOS adds a hidden file for every picture
_UNPACKED_MOST = 1_000_000_000  # bytes, of all members together
_FILE_MOST = 100_000_000  # bytes per picture
_PIXELS_MOST = 50_000_000  # per picture
_DEEPEST = 20  # levels of folders
_LONGEST_NAME = 100
_SECONDS = 30.0
_ENDINGS = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp")
_FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP")
_JUNK = ("__macosx", "thumbs.db", "desktop.ini")  # as are names that start with a dot
# Members of office documents, e-books and programs, which are zip archives with pictures too.
_DOCUMENTS = ("[Content_Types].xml", "content.xml", "mimetype", "META-INF/")
# The orientations that cameras store.
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# What Pillow and zipfile raise for damaged files.
_DAMAGE = (
    OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, AttributeError, EOFError, OverflowError,
    ZeroDivisionError, MemoryError, RuntimeError, struct.error, zlib.error, lzma.LZMAError, zipfile.BadZipFile,
    Image.DecompressionBombError, Image.DecompressionBombWarning,
)  # fmt: skip

# The size of a picture is checked before it is decoded; Pillow's other warnings are of no use to the user.
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")

_Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class _Member:
    """A picture in the archive: its cleaned path and its entry."""

    path: tuple[str, ...]
    info: zipfile.ZipInfo

    @property
    def folder(self) -> str:
        return self.path[-2]


@dataclass(frozen=True)
class _Found:
    """The files of an archive.

    Attributes:
        members: the pictures of the classes, sorted by path.
        loose: pictures outside the folders of classes, which are left out.
        others: other files, which are left out.
    """

    members: list[_Member]
    loose: list[_Member]
    others: list[_Member]


class _TooLongError(Exception):
    """Reading takes too long."""


class _TimedFile(io.BytesIO):
    """A picture's file that can be read until a deadline: slow decoders read it in many small pieces."""

    def __init__(self, content: bytes, deadline: float) -> None:
        super().__init__(content)
        self.deadline = deadline

    def read(self, size: int | None = -1, /) -> bytes:
        if time.monotonic() > self.deadline:
            raise _TooLongError
        return super().read(size)


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
    return bool(_find(archive).members)


@bounded
def read_pictures_of(content: bytes, side: int, colour: bool = False) -> Pictures:
    """Return the pictures of a zip of folders, uint8 (pictures, side, side), one of each class in turn.

    In colour they are (pictures, side, side, 3): red, green and blue.

    The class of a picture is its folder; parent folders don't matter, and folders of the same name are one class. The
    largest centred square of a picture is scaled to side x side by averaging pixels. Grey is the luminance
    0.299 R + 0.587 G + 0.114 B, transparent pixels become white, and only the first frame of an animation is used.
    Classes are in alphabetical order, or in numerical order if all of them are numbers.

    Pictures that cannot be read are left out, counted in `damaged` and mentioned in `warnings`. Nothing is written to
    disk.

    Raises:
        DataError: if the archive is damaged or too large, has no readable picture, or takes too long to read.
    """
    archive = _open(content)
    found = _find(archive)
    members = _in_turn(found.members)
    shape = (side, side, 3) if colour else (side, side)
    _check_count(len(members), shape)
    kept: list[_Member] = []
    damaged: list[_Member] = []
    images = np.empty((len(members), *shape), np.uint8)
    deadline = time.monotonic() + _SECONDS
    for member in members:
        try:
            images[len(kept)] = _read_picture(archive, member.info, side, colour, deadline)
            kept.append(member)
        except _DAMAGE as error:
            if not damaged:  # once a file: there may be thousands
                log_suspicious(error)
            damaged.append(member)
        except _TooLongError as error:
            raise DataError(
                f"Only {len(kept) + len(damaged):,} of {len(members):,} pictures were read within {_SECONDS:.0f} s. "
                "Upload fewer pictures, or make them smaller: a width of 500 pixels is plenty."
            ) from error
    if not kept:
        raise DataError(
            f"None of the {len(members):,} pictures can be read: they are damaged, protected or larger than "
            f"{_PIXELS_MOST // 1_000_000} megapixels. Save them again as PNG or JPEG, and zip their folders."
        )
    class_names = _sorted_names({member.folder for member in kept})
    label_of = {name: label for label, name in enumerate(class_names)}
    labels = np.array([label_of[member.folder] for member in kept], np.int64)
    notes = _notes(found, damaged, len(members))
    return Pictures(images[: len(kept)], labels, class_names, len(damaged), notes)


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


def _find(archive: zipfile.ZipFile) -> _Found:
    """Return the files of an archive, without those that operating systems add."""
    pictures: list[_Member] = []
    others: list[_Member] = []
    for info in archive.infolist():
        path = _cleaned(info.filename)
        if (
            info.filename.endswith("/")
            or _is_link(info)
            or not path
            or len(path) > _DEEPEST
            or any(map(_is_junk, path))
        ):
            continue
        (pictures if path[-1].lower().endswith(_ENDINGS) else others).append(_Member(path, info))
    pictures.sort(key=lambda member: member.path)
    folders = {member.path[:-1] for member in pictures}
    # A folder with folders of pictures is not a class.
    parents = {folder[:depth] for folder in folders for depth in range(len(folder))} | {()}
    members = [member for member in pictures if member.path[:-1] not in parents]
    loose = [member for member in pictures if member.path[:-1] in parents]
    return _Found(members, loose, others)


def _cleaned(filename: str) -> tuple[str, ...]:
    """Return the parts of a path, printable, not too long, and without those that lead out of a folder.

    >>> _cleaned("../photos\\\\cats/./a\\nb.png")
    ('photos', 'cats', 'a b.png')
    """
    parts = []
    for part in filename.replace("\\", "/").split("/"):
        printable = "".join(letter if letter.isprintable() else " " for letter in part)
        name = " ".join(printable.split())
        if name not in ("", ".", ".."):
            # The end is kept for the extension.
            parts.append(name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 10] + name[-10:])
    return tuple(parts)


def _is_link(info: zipfile.ZipInfo) -> bool:
    return stat.S_ISLNK(info.external_attr >> 16)


def _is_junk(name: str) -> bool:
    return name.startswith(".") or name.lower() in _JUNK


def _in_turn(members: Sequence[_Member]) -> list[_Member]:
    """Return one picture of each class, then the next of each class, so that the first rows have all classes."""
    by_folder: dict[str, list[_Member]] = {}
    for member in members:
        by_folder.setdefault(member.folder, []).append(member)
    names = _sorted_names(by_folder)
    numbered = [
        (place, label, member) for label, name in enumerate(names) for place, member in enumerate(by_folder[name])
    ]
    numbered.sort(key=lambda entry: entry[:2])
    return [member for *_, member in numbered]


def _sorted_names(names: set[str] | dict[str, list[_Member]]) -> tuple[str, ...]:
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


def _notes(found: _Found, damaged: list[_Member], count: int) -> tuple[str, ...]:
    """Return the warnings, as sentences."""
    notes = []
    if damaged:
        notes.append(
            f"{len(damaged):,} of {count:,} pictures were left out: damaged, protected or larger than "
            f"{_PIXELS_MOST // 1_000_000} megapixels, such as {_shown(damaged[0])}."
        )
    if found.loose:
        notes.append(
            f"{len(found.loose):,} pictures outside the folders of classes were left out, such as "
            f"{_shown(found.loose[0])}."
        )
    if found.others:
        notes.append(
            f"{len(found.others):,} files that are not PNG, JPEG, BMP, GIF or WebP pictures were left out, such as "
            f"{_shown(found.others[0])}."
        )
    return tuple(notes)


def _shown(member: _Member) -> str:
    return repr("/".join(member.path[-2:]))


def _read_picture(archive: zipfile.ZipFile, info: zipfile.ZipInfo, side: int, colour: bool, deadline: float) -> _Pixels:
    """Return a picture as (side, side), or (side, side, 3) in colour.

    Raises:
        ValueError: if it is too large, or compressed by a method whose memory has no bound.
        _DAMAGE: if it is damaged.
        _TooLongError: if the deadline has passed.
    """
    if info.file_size > _FILE_MOST or info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ValueError(info.filename)
    with archive.open(info) as member:
        packed = member.read(info.file_size)  # never more than the declared size
    with Image.open(_TimedFile(packed, deadline), formats=_FORMATS) as image:
        if image.width * image.height > _PIXELS_MOST:
            raise ValueError(info.filename)
        mode = "RGB" if colour else "L"
        image.draft(mode, (2 * side, 2 * side))  # a JPEG is decoded at about this size
        image.load()
        turn = _TURNS.get(image.getexif().get(ExifTags.Base.Orientation, 1))
        square = _opaque_square(image, side, mode)
    return np.asarray(square if turn is None else square.transpose(turn))


def _opaque_square(image: Image.Image, side: int, mode: str) -> Image.Image:
    """Return the centre of a picture in colour ("RGB") or grey ("L"), side x side."""
    if image.has_transparency_data:
        small = _square(image if image.mode == "RGBA" else image.convert("RGBA"), side)
        return Image.alpha_composite(Image.new("RGBA", small.size, "white"), small).convert(mode)
    if image.mode.startswith("I"):  # 16 bits a pixel
        values = np.asarray(image.convert("I"))
        image = Image.fromarray((values.clip(0, 65_535) // 257).astype(np.uint8))
    return _square(image.convert(mode), side)


def _square(image: Image.Image, side: int) -> Image.Image:
    """Return the largest centred square of a picture, scaled."""
    width, height = image.size
    edge = min(width, height)
    left, top = (width - edge) // 2, (height - edge) // 2
    return image.resize((side, side), Image.Resampling.BOX, (left, top, left + edge, top + edge))
