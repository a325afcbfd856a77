"""Feeds: how an array of the live frames changes a figure that is already on the page.

The page's JavaScript (`feed_updates.js`) knows no figure by name. It gets, by name of an array, one of these feeds,
and turns the array into an update of the figure's traces and layout. Trace, image, shape and annotation numbers are
positions in the figure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from core.figures.palette import VALUE_COLOURS, class_colour


@dataclass(frozen=True)
class Feed:
    """What all feeds have: the kind, by which the page knows them."""

    kind: ClassVar[str]

    def to_json(self) -> dict[str, Any]:
        """Return the feed as plain values that JSON holds."""
        return {"kind": self.kind, **asdict(self)}


@dataclass(frozen=True)
class CurveFeed(Feed):
    """A history column becomes y of `trace`, over epochs 1, 2, 3 …"""

    kind: ClassVar[str] = "curve"
    trace: int


@dataclass(frozen=True)
class ScoreFeed(Feed):
    """The last value of a history column becomes the text of `annotation`, after `name`."""

    kind: ClassVar[str] = "score"
    annotation: int
    name: str


@dataclass(frozen=True)
class ClassImageFeed(Feed):
    """Class and confidence of every cell, uint8 (2, rows, columns), become layout image `image`.

    Each cell has the colour of its class, paler where the confidence is lower.
    """

    kind: ClassVar[str] = "class_image"
    image: int
    colours: Sequence[str]


@dataclass(frozen=True)
class ValueImageFeed(Feed):
    """Values of every cell, uint8 (rows, columns), become layout image `image`; `colours` span 0 to 255 evenly."""

    kind: ClassVar[str] = "value_image"
    image: int
    colours: Sequence[str]


@dataclass(frozen=True)
class ValuesFeed(Feed):
    """Numbers, float32 (1, m), become y of all `traces`; each trace subtracts its own m numbers, if it has any."""

    kind: ClassVar[str] = "values"
    traces: Sequence[int]
    subtract: Sequence[Sequence[float] | None]


@dataclass(frozen=True)
class MatrixFeed(Feed):
    """Counts, int32 (k, k), become z of the trace `counts`; the shares of each row become z of `shares`."""

    kind: ClassVar[str] = "matrix"
    counts: int
    shares: int


@dataclass(frozen=True)
class EpochMarkFeed(Feed):
    """While an earlier epoch is viewed, layout shape `shape` stands at it; otherwise the shape is hidden.

    This feed has no array.
    """

    kind: ClassVar[str] = "epoch_mark"
    shape: int


@dataclass(frozen=True)
class PredictionsFeed(Feed):
    """Predicted classes (m,) become the texts of `trace`.

    Attributes:
        true_labels: of the m pictures.
        right: the text of every class where it is the right prediction.
        wrong: … where it is a wrong one.
    """

    kind: ClassVar[str] = "predictions"
    trace: int
    true_labels: Sequence[int]
    right: Sequence[str]
    wrong: Sequence[str]


@dataclass(frozen=True)
class MistakesFeed(Feed):
    """Rows, true and predicted classes, int32 (3, m), become the texts of two traces.

    Attributes:
        true_trace: gets the true classes, as `names`.
        predicted_trace: gets the predicted classes, as `right` or `wrong`.
    """

    kind: ClassVar[str] = "mistakes"
    true_trace: int
    predicted_trace: int
    names: Sequence[str]
    right: Sequence[str]
    wrong: Sequence[str]


@dataclass(frozen=True)
class PicturesFeed(Feed):
    """Pictures become the layout images from `first_image` on.

    They are uint8 (m, height, width), with 0 and 255 as the two `colours`, or (m, height, width, 3) in colour.
    """

    kind: ClassVar[str] = "pictures"
    first_image: int
    colours: Sequence[str]


def boundary_feed(classes: int) -> ClassImageFeed:
    """Return the feed of the image below the points of `boundary_figure`."""
    return ClassImageFeed(0, [class_colour(label) for label in range(classes)])


def surface_feed() -> ValueImageFeed:
    """Return the feed of the image below the points of `surface_figure`."""
    return ValueImageFeed(0, VALUE_COLOURS)
