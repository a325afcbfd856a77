"""The colours of points: by their class, or by a number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.figures.palette import VALUE_COLOURS, VALUE_OUTLINE, class_colour, rgb
from core.figures.text import escape, short, whole

VALUE_SCALE = [[index / (len(VALUE_COLOURS) - 1), colour] for index, colour in enumerate(VALUE_COLOURS)]


def value_rgb(shares: np.ndarray) -> np.ndarray:
    """Return colours as float64 (…, 3) from 0 to 255; a share of 0 is the first of `VALUE_COLOURS`, 1 the last."""
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
class PointTarget:
    """The target of the drawn points, which colours them.

    Attributes:
        values: (m,): int labels, or float numbers.
        name: what the target is.
        class_names: k names; none if the target is a number.
    """

    values: np.ndarray
    name: str
    class_names: Sequence[str] = ()


@dataclass(frozen=True, eq=False)
class PointGroup:
    """Points that are drawn as one trace.

    Attributes:
        members: bool (m,): which of all points belong to it.
        trace: the trace's name, legendgroup and marker.
        hover: the first line of the text on hover.
    """

    members: np.ndarray
    trace: dict[str, Any]
    hover: str


def groups_of(target: PointTarget, size: float) -> list[PointGroup]:
    """Return one group for each class, or a single group on a colour scale if the target is a number.

    Args:
        target: of the points.
        size: of a point, in pixels.
    """
    if target.class_names:
        return [
            _class_group(target.values == label, label, name, size) for label, name in enumerate(target.class_names)
        ]
    values = target.values
    marker = {
        "size": size,
        "color": values.astype(np.float32),
        "colorscale": VALUE_SCALE,
        "line": {"width": 0.6, "color": VALUE_OUTLINE},
    }
    if len(values):
        marker |= {"cmin": float(values.min()), "cmax": float(values.max())}
    trace = {"name": short(target.name, 30), "showlegend": False, "marker": marker}
    return [PointGroup(np.ones(len(values), bool), trace, f"<b>{whole(target.name)} %{{marker.color:.4g}}</b>")]


def _class_group(members: np.ndarray, label: int, name: str, size: float) -> PointGroup:
    marker = {"size": size, "color": class_colour(label), "opacity": 0.75, "line": {"width": 0}}
    return PointGroup(
        members,
        {"name": short(name, 24), "legendgroup": str(label), "showlegend": True, "marker": marker},
        f"<b>{escape(name)}</b>",
    )


def colour_bar(target_name: str, *, horizontal: bool = False) -> dict[str, Any]:
    """Return the colour bar of points that are coloured by a number."""
    return {
        "thickness": 10,
        "outlinewidth": 0,
        "ticks": "",
        "nticks": 6,
        "xpad": 8,
        "ypad": 0,
        "title": {"text": short(target_name, 30), "side": "top" if horizontal else "right"},
    }
