"""What colours the points of a figure: their class, or a number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.figures.palette import VALUE_COLOURS, VALUE_OUTLINE, class_colour, rgb
from core.figures.text import escape, short

VALUE_SCALE = [[index / (len(VALUE_COLOURS) - 1), colour] for index, colour in enumerate(VALUE_COLOURS)]


def value_rgb(shares: np.ndarray) -> np.ndarray:
    """Return the colours of values, float64 (…, 3) from 0 to 255: 0 is the lowest of `VALUE_COLOURS`, 1 the highest."""
    stops = np.array(list(map(rgb, VALUE_COLOURS)), np.float64)
    places = shares * (len(stops) - 1)
    return np.stack([np.interp(places, np.arange(len(stops)), channel) for channel in stops.T], axis=-1)


def value_colours(values: np.ndarray, low: float, high: float) -> list[str]:
    """Return the colour of every value (m,) on the scale from `low` to `high`, as "#rrggbb".

    >>> value_colours(np.array([-1.0, 5.0]), 0, 1) == [VALUE_COLOURS[0], VALUE_COLOURS[-1]]
    True
    """
    shares = (np.asarray(values, np.float64) - low) / (high - low)
    return [f"#{bytes(rgb).hex()}" for rgb in np.rint(value_rgb(shares)).astype(np.uint8)]


@dataclass(frozen=True, eq=False)
class Group:
    """Points that are drawn as one trace: where they stand among all, and what the trace says of them.

    Attributes:
        members: bool (m,).
        trace: name, legendgroup and marker, and what hovering over a point says first, as `hover`.
        hover: the first line of what hovering over a point says.
    """

    members: np.ndarray
    trace: dict[str, Any]
    hover: str


def groups_of(target: np.ndarray, class_names: Sequence[str], target_name: str, size: float) -> list[Group]:
    """Return a group a class, each in its colour, or one group on a scale of colours where there are no classes.

    Args:
        target: (m,): int labels, or float numbers.
        class_names: k names; none where the target is a number.
        target_name: what the target is.
        size: of a point, in pixels.
    """
    if class_names:
        return [_class(target == index, index, name, size) for index, name in enumerate(class_names)]
    marker = {
        "size": size,
        "color": target.astype(np.float32),
        "colorscale": VALUE_SCALE,
        "line": {"width": 0.6, "color": VALUE_OUTLINE},
    }
    if len(target):
        marker |= {"cmin": float(target.min()), "cmax": float(target.max())}
    trace = {"name": short(target_name, 30), "showlegend": False, "marker": marker}
    return [Group(np.ones(len(target), bool), trace, f"<b>{short(target_name, 40)} %{{marker.color:.4g}}</b>")]


def _class(members: np.ndarray, index: int, name: str, size: float) -> Group:
    marker = {"size": size, "color": class_colour(index), "opacity": 0.75, "line": {"width": 0}}
    return Group(
        members,
        {"name": short(name, 24), "legendgroup": str(index), "showlegend": True, "marker": marker},
        f"<b>{escape(name)}</b>",
    )


def colour_bar(target_name: str, across: bool = False) -> dict[str, Any]:
    """Return the colour bar of points that a number colours, upright beside the figure or lying across it."""
    return {
        "thickness": 10,
        "outlinewidth": 0,
        "ticks": "",
        "nticks": 6,
        "xpad": 8,
        "ypad": 0,
        "title": {"text": short(target_name, 30), "side": "top" if across else "right"},
    }
