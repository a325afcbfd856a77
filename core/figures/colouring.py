"""What colours the points of a figure: their class, or a number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.figures.palette import VALUE_COLOURS, VALUE_OUTLINE, class_colour
from core.figures.text import escape, short

VALUE_SCALE = [[index / (len(VALUE_COLOURS) - 1), colour] for index, colour in enumerate(VALUE_COLOURS)]


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
