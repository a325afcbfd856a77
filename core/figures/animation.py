"""A training run as a moving picture: frames drawn by hand, for a GIF that plays anywhere."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.figures.palette import FIT_COLOUR, HELD_OUT_COLOUR, MATRIX_COLOUR, TRAINING_COLOUR, rgb
from core.figures.text import shortened

if TYPE_CHECKING:
    from PIL import Image, ImageDraw, ImageFont

_SIDE, _HEAD, _EDGE = 440, 34, 8  # pixels: of a picture, of the line above it, around both
_CURVES = 400  # how wide curves are
_INK, _PAPER, _FRAME = "#162136", "#ffffff", "#c3cad6"
_DOT = 3.5
FRAME_MS, LAST_MS = 120, 2000  # how long a frame is seen, and the last one
_TEXT, _SMALL = 17, 13
_NAME_MOST, _GAP = 12, 4  # characters of a class's name; pixels between it and the matrix
_COLOURS = 128

Box = tuple[float, float, float, float]  # left, top, right, bottom, in pixels


@dataclass(frozen=True, eq=False)
class Curve:
    """A figure of the training rows and of the held-out rows by epoch.

    Attributes:
        name: what the figure is.
        training: float (epochs,), of the whole run.
        held_out: float (epochs,).
    """

    name: str
    training: np.ndarray
    held_out: np.ndarray


def plane_frame(
    title: str,
    places: np.ndarray,
    colours: Sequence[str],
    bounds: tuple[float, float, float, float],
    picture: np.ndarray | None = None,
    line: np.ndarray | None = None,
) -> Image.Image:
    """Return points over what the network says of every place, or with the line that it has fitted.

    Args:
        title: stands above.
        places: float (m, 2), in the data's own units.
        colours: m of them, "#rrggbb".
        bounds: x_low, x_high, y_low, y_high.
        picture: uint8 (resolution, resolution, 4), which covers the bounds.
        line: float (n, 2), rising from left to right.
    """
    from PIL import Image, ImageDraw

    image = _sheet(title, _SIDE)
    box = (_EDGE, _HEAD, _EDGE + _SIDE, _HEAD + _SIDE)
    if picture is not None:
        ground = Image.fromarray(picture).resize((_SIDE, _SIDE), Image.Resampling.BICUBIC)
        image.paste(ground, box[:2], ground)
    draw = ImageDraw.Draw(image)
    for (x, y), colour in zip(_placed(places, bounds, box), colours, strict=True):
        draw.ellipse((x - _DOT, y - _DOT, x + _DOT, y + _DOT), fill=colour, outline=_PAPER)
    if line is not None:
        draw.line([tuple(place) for place in _placed(line, bounds, box).tolist()], fill=HELD_OUT_COLOUR, width=3)
    draw.rectangle(box, outline=_FRAME)
    return image


def curves_frame(
    title: str,
    curves: Sequence[Curve],
    epoch: int,
    matrix: np.ndarray | None = None,
    class_names: Sequence[str] = (),
    predicted: tuple[np.ndarray, np.ndarray] | None = None,
) -> Image.Image:
    """Return curves drawn up to an epoch, and beside them the confusion matrix, or predicted over true numbers.

    Args:
        title: stands above.
        curves: one above the other; the axes are those of the whole run.
        epoch: how far they are drawn.
        matrix: int (classes, classes), rows true and columns predicted.
        class_names: one a class of the matrix.
        predicted: true numbers float (m,), and predicted ones.
    """
    from PIL import ImageDraw

    image = _sheet(title, _CURVES + _EDGE + _SIDE)
    draw = ImageDraw.Draw(image)
    height = _SIDE / max(len(curves), 1)
    for place, curve in enumerate(curves):
        top = _HEAD + place * height
        _draw_curve(draw, curve, epoch, (_EDGE, top + 2 * _SMALL, _EDGE + _CURVES, top + height - _EDGE))
    left = 2 * _EDGE + _CURVES
    box = (left, _HEAD + 2 * _SMALL, left + _SIDE - 2 * _SMALL, _HEAD + _SIDE)
    if matrix is not None:
        _write(draw, (left, _HEAD), "true class down, predicted class across", _SMALL)
        _draw_matrix(draw, matrix, [shortened(name, _NAME_MOST) for name in class_names], box)
    if predicted is not None:
        _write(draw, (left, _HEAD), "predicted up, true across", _SMALL)
        _draw_predicted(draw, *predicted, box)
    return image


def gif(frames: Sequence[Image.Image]) -> bytes:
    """Return frames of one size as a GIF that plays for ever, and rests at its last frame for two seconds."""
    from PIL import Image

    # One set of colours for all, so that nothing flickers: that of the first, the middle and the last frame.
    several = np.concatenate([np.asarray(frames[place]) for place in (0, len(frames) // 2, -1)])
    palette = Image.fromarray(several).quantize(_COLOURS)
    indexed = [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames]
    out = io.BytesIO()
    indexed[0].save(
        out,
        "GIF",
        save_all=True,
        append_images=indexed[1:],
        duration=[FRAME_MS] * (len(frames) - 1) + [LAST_MS],
        loop=0,
        optimize=False,
    )
    return out.getvalue()


def _sheet(title: str, width: float) -> Image.Image:
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (round(width) + 2 * _EDGE, _SIDE + _HEAD + _EDGE), _PAPER)
    _write(ImageDraw.Draw(image), (_EDGE, _EDGE), title, _TEXT)
    return image


def _write(draw: ImageDraw.ImageDraw, place: tuple[float, float], text: str, size: int, anchor: str = "la") -> None:
    """Write where `anchor` says: "la" is left and below the place, "rm" to its left, "mm" about it (Pillow's words)."""
    draw.text(place, text, fill=_INK, font=_font(size), anchor=anchor)


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    from PIL import ImageFont

    return ImageFont.load_default(size)


def _placed(places: np.ndarray, bounds: tuple[float, float, float, float], box: Box) -> np.ndarray:
    """Return places of the data in pixels, float (m, 2), no farther away than a picture can be drawn."""
    x_low, x_high, y_low, y_high = bounds
    left, top, right, bottom = box
    across = (places[:, 0] - x_low) / (x_high - x_low)
    up = (places[:, 1] - y_low) / (y_high - y_low)
    shares = np.clip(np.nan_to_num(np.column_stack([across, up])), -1, 2)
    return np.column_stack([left + shares[:, 0] * (right - left), bottom - shares[:, 1] * (bottom - top)])


def _draw_curve(draw: ImageDraw.ImageDraw, curve: Curve, epoch: int, box: Box) -> None:
    _write(draw, (box[0], box[1] - 2 * _SMALL + 4), f"{curve.name}: training grey, held-out orange", _SMALL)
    draw.rectangle(box, outline=_FRAME)
    bounds = (0.0, float(max(len(curve.training), 2)), *_range([curve.training, curve.held_out]))
    for values, colour in ((curve.training, TRAINING_COLOUR), (curve.held_out, HELD_OUT_COLOUR)):
        shown = np.column_stack([np.arange(1, len(values) + 1), values])[:epoch]
        shown = shown[np.isfinite(shown[:, 1])]
        places = [tuple(place) for place in _placed(shown, bounds, box).tolist()]
        if len(places) > 1:
            draw.line(places, fill=colour, width=2)
        for x, y in places[-1:]:
            draw.ellipse((x - _DOT, y - _DOT, x + _DOT, y + _DOT), fill=colour)


def _draw_matrix(draw: ImageDraw.ImageDraw, matrix: np.ndarray, names: Sequence[str], box: Box) -> None:
    """Draw a cell a pair of classes, the darker the more of the true class lies there, and the names beside it."""
    font = _font(_SMALL)
    room = max([_SMALL, *map(font.getlength, names)]) + _GAP
    left, top = box[0] + room, box[1] + room
    size = min(box[2] - left, box[3] - top) / len(matrix)
    for place, name in enumerate(names):
        middle = (place + 0.5) * size
        _write(draw, (left - _GAP, top + middle), name, _SMALL, "rm")
        if room <= size:
            _write(draw, (left + middle, top - _GAP), name, _SMALL, "md")
        else:
            _write_upwards(draw, (left + middle, top - _GAP), name)
    shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    has_room = font.getlength(str(matrix.max())) + _GAP < size
    for (true, said), share in np.ndenumerate(shares):
        x, y = left + said * size, top + true * size
        draw.rectangle((x, y, x + size, y + size), fill=_mixed(MATRIX_COLOUR, float(share)), outline=_FRAME)
        if has_room:
            _write(draw, (x + size / 2, y + size / 2), str(matrix[true, said]), _SMALL, "mm")


def _write_upwards(draw: ImageDraw.ImageDraw, foot: tuple[float, float], text: str) -> None:
    """Write from below to above, beginning over a place."""
    from PIL import Image, ImageDraw

    font = _font(_SMALL)
    mask = Image.new("L", (round(font.getlength(text)) + 1, 2 * _SMALL))
    ImageDraw.Draw(mask).text((0, _SMALL), text, fill=255, font=font, anchor="lm")
    upright = mask.transpose(Image.Transpose.ROTATE_90)
    draw.bitmap((round(foot[0]) - _SMALL, round(foot[1]) - upright.height), upright, fill=_INK)


def _draw_predicted(draw: ImageDraw.ImageDraw, true: np.ndarray, said: np.ndarray, box: Box) -> None:
    low, high = _range([true])
    draw.rectangle(box, outline=_FRAME)
    draw.line((box[0], box[3], box[2], box[1]), fill=_FRAME, width=2)
    for x, y in _placed(np.column_stack([true, said]), (low, high, low, high), box):
        if box[1] <= y <= box[3]:
            draw.ellipse((x - _DOT, y - _DOT, x + _DOT, y + _DOT), fill=FIT_COLOUR)


def _range(several: Sequence[np.ndarray]) -> tuple[float, float]:
    """Return from where to where values go, with a margin; what is no number is left out."""
    values = np.concatenate([np.asarray(one, np.float64) for one in several])
    values = values[np.isfinite(values)]
    low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 1.0)
    margin = 0.05 * (high - low) or 1.0
    return low - margin, high + margin


def _mixed(colour: str, share: float) -> str:
    """Return a colour mixed with the paper."""
    return "#" + "".join(f"{round(255 + (part - 255) * 0.85 * share):02x}" for part in rgb(colour))
