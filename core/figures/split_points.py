"""The training and the held-out rows of a figure, and which of them are drawn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.analysis.regression import shown_rows
from core.figures.palette import TRAINING_COLOUR

POINTS_MOST = 2000  # points in one figure: more slow it down and hide what is below
_HELD_OUT_SYMBOL = "diamond"


@dataclass(frozen=True, eq=False)
class DrawnPoints:
    """The drawn rows of one role.

    Attributes:
        raw: float (rows, features), in the data's own units.
        target: (rows,): int labels, or float numbers in the target's own units.
        role: what the rows are called.
        are_training: whether they are the training rows.
    """

    raw: np.ndarray
    target: np.ndarray
    role: str
    are_training: bool

    @property
    def symbol(self) -> str:
        """Plotly's name of the marker, so that colour is not the only difference between the roles."""
        return "circle" if self.are_training else _HELD_OUT_SYMBOL

    @property
    def size(self) -> float:
        """The width of a marker in pixels: a diamond covers less than a circle of the same width."""
        return 6 if self.are_training else 8


@dataclass(frozen=True, eq=False)
class SplitPoints:
    """Training and held-out rows.

    Attributes:
        train: float (training rows, features), in the data's own units.
        train_target: (training rows,): int labels, or float numbers in the target's own units.
        held_out: float (held-out rows, features).
        held_out_target: (held-out rows,).
    """

    train: np.ndarray
    train_target: np.ndarray
    held_out: np.ndarray
    held_out_target: np.ndarray

    def without_held_out(self) -> SplitPoints:
        """Return the training rows alone."""
        return SplitPoints(self.train, self.train_target, self.held_out[:0], self.held_out_target[:0])

    def drawn(self, held_out_name: str) -> Iterator[DrawnPoints]:
        """Yield the training and the held-out rows to draw: all, or an even choice of 2,000 of them."""
        rows = len(self.train) + len(self.held_out)
        most = min(rows, POINTS_MOST)
        train = shown_rows(len(self.train), most * len(self.train) // max(rows, 1))
        held_out = shown_rows(len(self.held_out), most * len(self.held_out) // max(rows, 1))
        yield DrawnPoints(self.train[train], self.train_target[train], "training", True)
        yield DrawnPoints(self.held_out[held_out], self.held_out_target[held_out], held_out_name, False)


def held_out_key(name: str) -> go.Scatter:
    """Return a trace without points that says in the legend which marker the held-out rows have."""
    return go.Scatter(
        x=[None],
        y=[None],
        mode="markers",
        name=name,
        visible=True,
        marker={"color": TRAINING_COLOUR, "symbol": _HELD_OUT_SYMBOL, "size": 8},
        hoverinfo="skip",
    )
