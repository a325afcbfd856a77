"""A picture that a person draws or uploads, converted to the form of the training pictures."""

from __future__ import annotations

import base64
import binascii
import io

import numpy as np
from numpy.typing import NDArray

from core.bounded_process import bounded
from core.damage import log_suspicious
from core.errors import DataError
from core.trained.preparation import Preparation

Floats = NDArray[np.float32]

SIDE = 112  # of a sketch, in pixels: a whole multiple of 28 and of 8
_BYTES_MOST = 20_000_000  # of a picture file
_PIXELS_MOST = 60_000_000  # declared by a picture file
_REDUCED_SIDE = 400  # pixels of the longer side
_FAINT = 0.2  # of the darkest ink; anything fainter counts as paper
# How a data set's pictures of handwriting were normalized: the share of the side that the box around the ink takes,
# and whether the ink is centred by its centre of mass, or by the middle of the box.
# MNIST: 20 of 28 pixels, centre of mass (LeCun, Cortes and Burges). Digits: the whole side (Alpaydin and Kaynak).
_HANDWRITING = {"mnist": (20 / 28, True), "digits": (1.0, False)}


def read_sketch(message: object) -> Floats | None:
    """Return the ink of a sketch, float32 (SIDE, SIDE) from 0 to 1; None where nothing is drawn.

    Args:
        message: the browser's message: the ink as base64 of SIDE x SIDE bytes, row by row; "" if it was cleared.

    Raises:
        DataError: where it is anything else.
    """
    if message == "":
        return None
    wrong = DataError(f"A sketch must be {SIDE} x {SIDE} bytes as base64. Draw it again.")
    if not isinstance(message, str) or len(message) > 2 * SIDE * SIDE:
        raise wrong
    try:
        content = base64.b64decode(message, validate=True)
    except (binascii.Error, ValueError) as error:
        raise wrong from error
    if len(content) != SIDE * SIDE:
        raise wrong
    ink: Floats = np.frombuffer(content, np.uint8).astype(np.float32).reshape(SIDE, SIDE) / np.float32(255)
    return ink if ink.max() > _FAINT else None


@bounded
def read_photograph(content: bytes, colour: bool = False) -> Floats:
    """Return the brightness of a picture file, float32 (height, width) from 0 to 1, upright, at most 400 pixels a side.

    With `colour`, return (height, width, 3): red, green and blue.

    Raises:
        DataError: where it cannot be read, or is too large.
    """
    from PIL import Image, ImageOps

    if len(content) > _BYTES_MOST:
        raise DataError(f"A picture may have at most {_BYTES_MOST // 1_000_000} MB. Received: {len(content):,} bytes.")
    try:
        with Image.open(io.BytesIO(content), formats=("PNG", "JPEG", "WEBP", "BMP", "GIF")) as image:
            width, height = image.size
            if width * height > _PIXELS_MOST:
                raise DataError(f"A picture may have at most {_PIXELS_MOST:,} pixels. Received: {width} x {height}.")
            mode = "RGB" if colour else "L"
            image.draft(mode, (2 * _REDUCED_SIDE, 2 * _REDUCED_SIDE))
            image.thumbnail((_REDUCED_SIDE, _REDUCED_SIDE))
            whole = (ImageOps.exif_transpose(image) or image).convert("RGBA")
            on_paper = Image.alpha_composite(Image.new("RGBA", whole.size, "white"), whole).convert(mode)
    except (OSError, ValueError, SyntaxError, MemoryError, EOFError, Image.DecompressionBombError) as error:
        log_suspicious(error)
        raise DataError("The picture cannot be read. Expected: PNG, JPEG, WebP, BMP or GIF.") from error
    light: Floats = np.asarray(on_paper, np.float32) / np.float32(255)
    return light


def ink_of_photograph(light: Floats) -> Floats:
    """Return the ink of handwriting in a photograph, from 0 (paper) to 1, of the same shape.

    Paper is the median brightness of the edge. Ink is what differs from it: darker or, as on a blackboard, lighter.
    """
    edge = np.concatenate([light[0], light[-1], light[:, 0], light[:, -1]])
    ink = np.median(edge) - light
    ink = np.maximum(ink if ink.max() >= -ink.min() else -ink, 0)
    strongest = float(np.quantile(ink, 0.999))
    if strongest <= 0.02:
        return np.zeros_like(light)
    shares = np.clip(ink / strongest, 0, 1)
    return np.where(shares > 2 * _FAINT, shares, 0).astype(np.float32)


def is_handwriting(data: str) -> bool:
    """Return whether the pictures of a data set are handwriting, whose ink is found and centred."""
    return data in _HANDWRITING


def centred(ink: Floats, data: str, shape: tuple[int, ...]) -> Floats:
    """Return ink normalized as in a data set of handwriting: scaled and centred, float32 `shape` from 0 to 1.

    Args:
        ink: float32 (height, width) from 0 to 1.
        data: the name of a data set with `is_handwriting`.
        shape: (height, width) of its pictures.
    """
    share, by_mass = _HANDWRITING[data]
    drawn = ink > _FAINT * ink.max()
    if not drawn.any():
        return np.zeros(shape, np.float32)
    rows, columns = np.flatnonzero(drawn.any(axis=1)), np.flatnonzero(drawn.any(axis=0))
    cut = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = share * min(shape) / max(cut.shape)
    across, down = (np.arange(length) + 0.5 for length in cut.shape[::-1])
    if by_mass:
        middle = float(cut.sum(axis=0) @ across / cut.sum()), float(cut.sum(axis=1) @ down / cut.sum())
    else:
        middle = cut.shape[1] / 2, cut.shape[0] / 2
    return _placed(cut, scale, middle, shape)


def _placed(cut: Floats, scale: float, middle: tuple[float, float], shape: tuple[int, ...]) -> Floats:
    """Return a picture scaled by area averaging, with its point (x, y) in the middle."""
    down = _shares(cut.shape[0], scale, middle[1], shape[0])
    across = _shares(cut.shape[1], scale, middle[0], shape[1])
    placed: Floats = np.clip(down @ cut @ across.T, 0, 1).astype(np.float32)
    return placed


def _shares(length: int, scale: float, middle: float, target: int) -> NDArray[np.float64]:
    """Return the share of every target pixel that each source pixel covers along one axis: (target, length)."""
    edges = (np.arange(length + 1) - middle) * scale + target / 2
    begins, ends = edges[:-1], edges[1:]
    pixels = np.arange(target)[:, None]
    covered: NDArray[np.float64] = np.clip(np.minimum(ends, pixels + 1) - np.maximum(begins, pixels), 0, None)
    return covered


def resized(light: Floats, shape: tuple[int, ...]) -> Floats:
    """Return a picture cropped in the middle to a shape's proportions and scaled to it.

    Args:
        light: float32 (height, width), or (height, width, 3) in colour.
        shape: (height, width), or (height, width, 3): a grey picture then has three equal channels.
    """
    if len(shape) == 3:
        channels = light if light.ndim == 3 else np.stack([light] * 3, axis=-1)
        return np.stack([resized(channels[..., channel], shape[:2]) for channel in range(3)], axis=-1)
    height, width = light.shape
    scale = max(shape[0] / height, shape[1] / width)
    return _placed(light, scale, (width / 2, height / 2), shape)


def row_of(picture: Floats, preparation: Preparation) -> Floats:
    """Return a picture with values from 0 to 1 as a row float32 (features,) in the training rows' range.

    Args:
        picture: (height, width), or (height, width, 3) in colour.
    """
    low, high = float(preparation.low.min()), float(preparation.high.max())
    return (low + picture.ravel() * (high - low)).astype(np.float32)
