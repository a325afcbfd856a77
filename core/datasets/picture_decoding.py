"""One picture of a zip archive: decoded, turned upright, cut to its central square and scaled, within bounds."""

from __future__ import annotations

import io
import lzma
import struct
import time
import warnings
import zipfile
import zlib

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image

_FILE_MOST = 100_000_000  # bytes per picture
PIXELS_MOST = 50_000_000  # per picture
_FORMATS = ("PNG", "JPEG", "TIFF", "BMP", "GIF", "WEBP", "PPM")
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
DAMAGE = (
    OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, AttributeError, EOFError, OverflowError,
    ZeroDivisionError, MemoryError, RuntimeError, struct.error, zlib.error, lzma.LZMAError, zipfile.BadZipFile,
    Image.DecompressionBombError, Image.DecompressionBombWarning,
)  # fmt: skip

# The size of a picture is checked before it is decoded; Pillow's other warnings are of no use to the user.
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")

Pixels = NDArray[np.uint8] | NDArray[np.float32]


class TooLongError(Exception):
    """Reading takes too long."""


class _TimedFile(io.BytesIO):
    """A picture's file that can be read until a deadline: slow decoders read it in many small pieces."""

    def __init__(self, content: bytes, deadline: float) -> None:
        super().__init__(content)
        self.deadline = deadline

    def read(self, size: int | None = -1, /) -> bytes:
        if time.monotonic() > self.deadline:
            raise TooLongError
        return super().read(size)


def read_picture(archive: zipfile.ZipFile, info: zipfile.ZipInfo, side: int, colour: bool, deadline: float) -> Pixels:
    """Return a picture as (side, side), or (side, side, 3) in colour.

    Of more than 8 bits a pixel they are its own values, (side, side), as float32: their scale is that of all pictures.

    Raises:
        ValueError: if it is too large, or compressed by a method whose memory has no bound.
        DAMAGE: if it is damaged.
        TooLongError: if the deadline has passed.
    """
    if info.file_size > _FILE_MOST or info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ValueError(info.filename)
    with archive.open(info) as member:
        packed = member.read(info.file_size)  # never more than the declared size
    with Image.open(_TimedFile(packed, deadline), formats=_FORMATS) as image:
        if image.width * image.height > PIXELS_MOST:
            raise ValueError(info.filename)
        mode = "RGB" if colour else "L"
        image.draft(mode, (2 * side, 2 * side))  # a JPEG is decoded at about this size
        image.load()
        turn = _TURNS.get(image.getexif().get(ExifTags.Base.Orientation, 1))
        square = _square_of(image, side, mode)
    return np.asarray(square if turn is None else square.transpose(turn))


def full_scale(pictures: list[NDArray[np.float32]]) -> float:
    """Return the value that is white in pictures of more than 8 bits a pixel, by the highest value that is there.

    That is the highest one of 8, 10, 12, 14 or 16 bits, 1 for fractions, and beyond 16 bits the value itself.
    """
    highest = max((float(np.nanmax(pixels, initial=0)) for pixels in pictures), default=0.0)
    if highest <= 1 and any((pixels != np.round(pixels)).any() for pixels in pictures):
        return 1.0
    return next((float(2**bits - 1) for bits in (8, 10, 12, 14, 16) if highest < 2**bits), highest)


def as_bytes(pixels: NDArray[np.float32], scale: float) -> NDArray[np.uint8]:
    """Return values from 0 to `scale` as 0 to 255."""
    shares = np.clip(np.nan_to_num(pixels) / np.float32(scale), 0, 1)
    return np.asarray(np.rint(shares * 255), np.uint8)


def _square_of(image: Image.Image, side: int, mode: str) -> Image.Image:
    """Return the centre of a picture, side x side: in colour ("RGB"), grey ("L"), or deep grey ("F")."""
    if image.has_transparency_data:
        small = _square(image if image.mode == "RGBA" else image.convert("RGBA"), side)
        return Image.alpha_composite(Image.new("RGBA", small.size, "white"), small).convert(mode)
    return _square(image.convert("F" if image.mode[0] in "IF" else mode), side)


def _square(image: Image.Image, side: int) -> Image.Image:
    """Return the largest centred square of a picture, scaled."""
    width, height = image.size
    edge = min(width, height)
    left, top = (width - edge) // 2, (height - edge) // 2
    return image.resize((side, side), Image.Resampling.BOX, (left, top, left + edge, top + edge))
