"""Points that a person draws on the plane: checked, moved by noise, and written as CSV or as text for a link."""

from __future__ import annotations

import base64
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import DataError

CLASSES_MOST = 8
POINTS_MOST = 2000
SHARED_MOST = 400  # points whose text fits into an address
CLASS_LEAST = 5  # points per class, so that some train and some are held out
NOISE_MOST = 1.0

_EDGE = 1000  # the largest coordinate, in thousandths
_SIDE = 2 * _EDGE + 1
_WORD = np.dtype(">u4")  # a point in the text
_CSV_LINE = re.compile(rf"(-?[01]\.[0-9]{{3}}),(-?[01]\.[0-9]{{3}}),class ([1-{CLASSES_MOST}])")
_LINE_MOST = 40  # bytes
_STARTER_POINTS = 100  # per class

Point = tuple[int, int, int]


@dataclass(frozen=True)
class DrawnPoints:
    """Points of up to eight classes on the plane from -1 to 1.

    Attributes:
        points: at most 2,000 of (x1, x2, class), with coordinates in thousandths from -1000 to 1000 and a class from
            0 to 7. Whole numbers, so that canvas, CSV and text have exactly the same points.

    Raises:
        DataError: if a point is not valid, or there are too many.
    """

    points: tuple[Point, ...] = ()

    def __post_init__(self) -> None:
        if len(self.points) > POINTS_MOST:
            raise DataError(f"A drawing may have at most {POINTS_MOST:,} points. Received: {len(self.points):,}.")
        for point in self.points:
            if not _is_point(point):
                raise DataError(
                    "A point must be x1 and x2 in thousandths, from -1000 to 1000, and a class from 0 to "
                    f"{CLASSES_MOST - 1}. Received: {repr(point)[:60]}."
                )

    @property
    def counts(self) -> dict[int, int]:
        """The number of points of each class that has any, in the order of the classes."""
        return dict(sorted(Counter(label for *_, label in self.points).items()))


def read_points(received: Any) -> DrawnPoints:
    """Return the drawing that a browser sent as a list of [x1, x2, class].

    Raises:
        DataError: if it is anything else.
    """
    if not isinstance(received, list) or not all(isinstance(point, list) for point in received):
        raise DataError(f"A drawing must be a list of points. Received: {repr(received)[:60]}.")
    return DrawnPoints(tuple(map(tuple, received)))


def why_not_trainable(drawing: DrawnPoints) -> str:
    """Return why a network cannot be trained on a drawing, as a sentence; "" if it can."""
    counts = drawing.counts
    if len(counts) < 2:
        return "Draw points of at least two classes: with one class there is nothing to separate."
    few = [f"{class_name(label)} has {count}" for label, count in counts.items() if count < CLASS_LEAST]
    if few:
        return f"Every class that is used needs {CLASS_LEAST} points: {', '.join(few)}."
    return ""


def without_gaps(drawing: DrawnPoints) -> DrawnPoints:
    """Return the drawing with its classes renumbered without gaps, in the same order.

    Classes then have the same name and colour on the canvas and wherever a network is trained on them.

    >>> without_gaps(DrawnPoints(((0, 0, 1), (5, 5, 4)))).points
    ((0, 0, 0), (5, 5, 1))
    """
    labels = {label: place for place, label in enumerate(drawing.counts)}
    return DrawnPoints(tuple((x1, x2, labels[label]) for x1, x2, label in drawing.points))


def class_name(label: int) -> str:
    """Return the name of a class.

    >>> class_name(0)
    'class 1'
    """
    return f"class {label + 1}"


def to_csv(drawing: DrawnPoints) -> str:
    """Return the points as CSV with a header.

    >>> to_csv(DrawnPoints(((-500, 1000, 0),)))
    'x1,x2,class\\n-0.500,1.000,class 1\\n'
    """
    rows = (f"{x1 / _EDGE:.3f},{x2 / _EDGE:.3f},{class_name(label)}\n" for x1, x2, label in drawing.points)
    return "x1,x2,class\n" + "".join(rows)


def read_csv(content: bytes) -> DrawnPoints | None:
    """Return the drawing that `to_csv` wrote, encoded in UTF-8; None if the content is anything else."""
    if not content.startswith(b"x1,x2,class") or len(content) > _LINE_MOST * (POINTS_MOST + 1):
        return None  # before a large file of somebody's own is taken apart
    head, *lines = content.decode("utf-8", "replace").splitlines() or [""]
    found = [_CSV_LINE.fullmatch(line) for line in lines[: POINTS_MOST + 1]]
    if head != "x1,x2,class" or not all(found) or not 0 < len(found) <= POINTS_MOST:
        return None
    cells = [match.groups() for match in found if match]
    x1, x2, label = (np.array(column, np.float64) for column in zip(*cells, strict=True))
    return _drawing(x1 * _EDGE, x2 * _EDGE, label.astype(np.int64) - 1)


def encode(drawing: DrawnPoints) -> str:
    """Return the points as text for an address: four bytes per point, in base64url.

    Raises:
        DataError: if there are too many points for an address.
    """
    if len(drawing.points) > SHARED_MOST:
        raise DataError(f"A link can have at most {SHARED_MOST} points. Received: {len(drawing.points):,}.")
    x1, x2, label = np.array(drawing.points, np.int64).reshape(-1, 3).T
    words = (label * _SIDE + x1 + _EDGE) * _SIDE + x2 + _EDGE
    return base64.urlsafe_b64encode(words.astype(_WORD).tobytes()).decode().rstrip("=")


def decode(text: str) -> DrawnPoints:
    """Return the points that `encode` wrote.

    Raises:
        DataError: if the text is not valid.
    """
    if not re.fullmatch("[A-Za-z0-9_-]*", text):
        raise DataError("The points in the link may only have letters, digits, - and _.")
    try:
        content = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError as error:
        raise DataError("The points in the link are cut off.") from error
    if len(content) % _WORD.itemsize:
        raise DataError("The points in the link are cut off.")
    if len(content) > SHARED_MOST * _WORD.itemsize:
        raise DataError(f"A link can have at most {SHARED_MOST} points. Received: {len(content) // _WORD.itemsize:,}.")
    rest, x2 = np.divmod(np.frombuffer(content, _WORD).astype(np.int64), _SIDE)
    label, x1 = np.divmod(rest, _SIDE)
    return _drawing(x1 - _EDGE, x2 - _EDGE, label)


def add_noise(drawing: DrawnPoints, deviation: float, seed: int) -> DrawnPoints:
    """Return the drawing with normal noise on every point, kept within the plane; equal seeds give equal noise.

    Args:
        drawing: the points.
        deviation: standard deviation of each coordinate, from 0 to 1 in units of the plane.
        seed: of the noise, from 0.

    Raises:
        DataError: if the deviation is out of range.
    """
    if not 0 <= deviation <= NOISE_MOST:
        raise DataError(f"`deviation` must be from 0 to {NOISE_MOST:g}. Received: {deviation!r}.")
    x1, x2, label = np.array(drawing.points, np.int64).reshape(-1, 3).T
    moved = np.random.default_rng(seed).normal(0, deviation * _EDGE, (2, len(label)))
    return _drawing(x1 + moved[0], x2 + moved[1], label)


# Starters, to train on with one click.


def two_blobs() -> DrawnPoints:
    """Return two round clouds that a straight line separates."""
    random = np.random.default_rng(1)
    centres = np.repeat([[-0.45, -0.35], [0.45, 0.35]], _STARTER_POINTS, axis=0)
    return _of_plane(centres + random.normal(0, 0.18, centres.shape), _two_classes())


def ring() -> DrawnPoints:
    """Return a cloud inside a ring."""
    random = np.random.default_rng(2)
    angles = random.uniform(0, 2 * np.pi, 2 * _STARTER_POINTS)
    inner = random.uniform(0, 0.35, _STARTER_POINTS)
    radii = np.concatenate([inner, random.normal(0.75, 0.06, _STARTER_POINTS)])
    return _of_plane(np.column_stack([radii * np.cos(angles), radii * np.sin(angles)]), _two_classes())


def stripes() -> DrawnPoints:
    """Return two stripes of each class, alternating."""
    random = np.random.default_rng(3)
    labels = _two_classes()
    stripe = 2 * random.integers(0, 2, len(labels)) + labels
    x1 = (stripe - 1.5) * 0.48 + random.uniform(-0.15, 0.15, len(labels))
    return _of_plane(np.column_stack([x1, random.uniform(-0.9, 0.9, len(labels))]), labels)


STARTERS: dict[str, Callable[[], DrawnPoints]] = {"two blobs": two_blobs, "ring": ring, "stripes": stripes}


def _two_classes() -> NDArray[np.int64]:
    return np.repeat([0, 1], _STARTER_POINTS)


def _of_plane(points: NDArray[np.float64], labels: NDArray[np.int64]) -> DrawnPoints:
    """Return a drawing of points (n, 2) in units of the plane."""
    return _drawing(points[:, 0] * _EDGE, points[:, 1] * _EDGE, labels)


def _drawing(x1: NDArray[Any], x2: NDArray[Any], labels: NDArray[np.int64]) -> DrawnPoints:
    """Return a drawing of coordinates in thousandths, rounded and clipped to the plane."""
    columns = [np.clip(np.rint(column), -_EDGE, _EDGE).astype(int).tolist() for column in (x1, x2)]
    return DrawnPoints(tuple(zip(*columns, labels.tolist(), strict=True)))


def _is_point(point: object) -> bool:
    # bool is an int to Python, and 1.0 equals 1.
    if not isinstance(point, tuple) or [type(value) for value in point] != [int, int, int]:
        return False
    x1, x2, label = point
    return bool(max(abs(x1), abs(x2)) <= _EDGE and 0 <= label < CLASSES_MOST)
