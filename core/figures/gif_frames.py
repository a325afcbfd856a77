"""A training run as an animation: frames drawn with Pillow, and the GIF that they make."""

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

_SIDE, _HEAD, _EDGE = 440, 34, 8  # pixels: a plot, the line above it, the margin around both
_CURVES = 400  # pixels: the width of the curves
_INK, _PAPER, _LINE = "#162136", "#ffffff", "#c3cad6"
_DOT = 3.5  # pixels: the radius of a point
FRAME_MS, LAST_MS = 120, 2000  # how long a frame is shown, and the last one
_TEXT, _SMALL = 17, 13  # pixels: font sizes
_NAME_MOST, _GAP = 12, 4  # characters of a class name; pixels between it and the matrix
_COLOURS = 128

Box = tuple[float, float, float, float]  # left, top, right, bottom, in pixels
Bounds = tuple[float, float, float, float]  # x_low, x_high, y_low, y_high, in the data's own units


@dataclass(frozen=True, eq=False)
class Curve:
    """A metric by epoch, on the training rows and on the held-out rows.

    Attributes:
        name: of the metric.
        training: float (epochs,), of the whole run.
        held_out: float (epochs,).
    """

    name: str
    training: np.ndarray
    held_out: np.ndarray


def plane_frame(
    title: str,
    bounds: Bounds,
    *,
    points: np.ndarray,
    colours: Sequence[str],
    picture: np.ndarray | None = None,
    line: np.ndarray | None = None,
) -> Image.Image:
    """Return a frame with points over the predictions of the whole plane, or with the fitted line.

    Args:
        title: stands above.
        bounds: of the plane.
        points: float (m, 2), in the data's own units.
        colours: m of them, "#rrggbb".
        picture: uint8 (resolution, resolution, 4), RGBA, which covers the bounds.
        line: float (n, 2), in the data's own units.
    """
    from PIL import Image, ImageDraw

    image = _sheet(title, _SIDE)
    box = (_EDGE, _HEAD, _EDGE + _SIDE, _HEAD + _SIDE)
    if picture is not None:
        ground = Image.fromarray(picture).resize((_SIDE, _SIDE), Image.Resampling.BICUBIC)
        image.paste(ground, box[:2], ground)
    draw = ImageDraw.Draw(image)
    for (x, y), colour in zip(_to_pixels(points, bounds, box), colours, strict=True):
        draw.ellipse((x - _DOT, y - _DOT, x + _DOT, y + _DOT), fill=colour, outline=_PAPER)
    if line is not None:
        draw.line([tuple(point) for point in _to_pixels(line, bounds, box).tolist()], fill=HELD_OUT_COLOUR, width=3)
    draw.rectangle(box, outline=_LINE)
    return image


def curves_frame(
    title: str,
    curves: Sequence[Curve],
    epoch: int,
    *,
    matrix: np.ndarray | None = None,
    class_names: Sequence[str] = (),
    predicted: tuple[np.ndarray, np.ndarray] | None = None,
) -> Image.Image:
    """Return a frame with the curves up to an epoch, beside the confusion matrix or predicted against true numbers.

    Args:
        title: stands above.
        curves: from the top down; their axes are those of the whole run.
        epoch: where the curves end.
        matrix: int (classes, classes), rows true and columns predicted.
        class_names: of the matrix.
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
        _write(draw, (left, _HEAD), "rows: true class, columns: predicted class", _SMALL)
        _draw_matrix(draw, matrix, [shortened(name, _NAME_MOST) for name in class_names], box)
    if predicted is not None:
        _write(draw, (left, _HEAD), "predicted (up) against true (across)", _SMALL)
        _draw_predicted(draw, *predicted, box)
    return image


def gif(frames: Sequence[Image.Image]) -> bytes:
    """Return frames of one size as a GIF that loops, and holds its last frame for two seconds."""
    from PIL import Image

    # One palette for all frames, so that nothing flickers: from the first, the middle and the last frame.
    sampled = np.concatenate([np.asarray(frames[place]) for place in (0, len(frames) // 2, -1)])
    palette = Image.fromarray(sampled).quantize(_COLOURS)
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
    """Write text at a place; `anchor` is Pillow's: "la" puts its top left corner there, "mm" its middle."""
    draw.text(place, text, fill=_INK, font=_font(size), anchor=anchor)


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    from PIL import ImageFont

    return ImageFont.load_default(size)


def _to_pixels(points: np.ndarray, bounds: Bounds, box: Box) -> np.ndarray:
    """Return points in pixels, float (m, 2), clipped to one box's size beyond the box, so that Pillow can draw them."""
    x_low, x_high, y_low, y_high = bounds
    left, top, right, bottom = box
    across = (points[:, 0] - x_low) / (x_high - x_low)
    up = (points[:, 1] - y_low) / (y_high - y_low)
    shares = np.clip(np.nan_to_num(np.column_stack([across, up])), -1, 2)
    return np.column_stack([left + shares[:, 0] * (right - left), bottom - shares[:, 1] * (bottom - top)])


def _draw_curve(draw: ImageDraw.ImageDraw, curve: Curve, epoch: int, box: Box) -> None:
    _write(draw, (box[0], box[1] - 2 * _SMALL + 4), f"{curve.name}: training (grey), held-out (orange)", _SMALL)
    draw.rectangle(box, outline=_LINE)
    bounds = (0.0, float(max(len(curve.training), 2)), *_value_range([curve.training, curve.held_out]))
    for values, colour in ((curve.training, TRAINING_COLOUR), (curve.held_out, HELD_OUT_COLOUR)):
        shown = np.column_stack([np.arange(1, len(values) + 1), values])[:epoch]
        shown = shown[np.isfinite(shown[:, 1])]
        points = [tuple(point) for point in _to_pixels(shown, bounds, box).tolist()]
        if len(points) > 1:
            draw.line(points, fill=colour, width=2)
        for x, y in points[-1:]:
            draw.ellipse((x - _DOT, y - _DOT, x + _DOT, y + _DOT), fill=colour)


def _draw_matrix(draw: ImageDraw.ImageDraw, matrix: np.ndarray, names: Sequence[str], box: Box) -> None:
    """Draw a cell for each pair of classes, darker for a larger share of its row, and the class names around."""
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
    for (true, predicted), share in np.ndenumerate(shares):
        x, y = left + predicted * size, top + true * size
        draw.rectangle((x, y, x + size, y + size), fill=_on_paper(MATRIX_COLOUR, float(share)), outline=_LINE)
        if has_room:
            _write(draw, (x + size / 2, y + size / 2), str(matrix[true, predicted]), _SMALL, "mm")


def _write_upwards(draw: ImageDraw.ImageDraw, foot: tuple[float, float], text: str) -> None:
    """Write vertically, from the bottom up, starting at `foot`."""
    from PIL import Image, ImageDraw

    font = _font(_SMALL)
    mask = Image.new("L", (round(font.getlength(text)) + 1, 2 * _SMALL))
    ImageDraw.Draw(mask).text((0, _SMALL), text, fill=255, font=font, anchor="lm")
    upright = mask.transpose(Image.Transpose.ROTATE_90)
    draw.bitmap((round(foot[0]) - _SMALL, round(foot[1]) - upright.height), upright, fill=_INK)


def _draw_predicted(draw: ImageDraw.ImageDraw, true: np.ndarray, predicted: np.ndarray, box: Box) -> None:
    low, high = _value_range([true])
    draw.rectangle(box, outline=_LINE)
    draw.line((box[0], box[3], box[2], box[1]), fill=_LINE, width=2)
    for x, y in _to_pixels(np.column_stack([true, predicted]), (low, high, low, high), box):
        if box[1] <= y <= box[3]:
            draw.ellipse((x - _DOT, y - _DOT, x + _DOT, y + _DOT), fill=FIT_COLOUR)


def _value_range(arrays: Sequence[np.ndarray]) -> tuple[float, float]:
    """Return the range of all finite values, with a margin."""
    values = np.concatenate([np.asarray(array, np.float64) for array in arrays])
    values = values[np.isfinite(values)]
    low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 1.0)
    margin = 0.05 * (high - low) or 1.0
    return low - margin, high + margin


def _on_paper(colour: str, share: float) -> str:
    """Return a share of a colour, mixed with the paper."""
    return "#" + "".join(f"{round(255 + (part - 255) * 0.85 * share):02x}" for part in rgb(colour))
