"""Many small decision boundaries in one figure, and the final figures of two settings as a heatmap.

A cell of a grid has its middle at whole numbers, from the top left: so a click between the axes tells the cell.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.figures.feeds import ClassImageFeed, Feed, ValueImageFeed
from core.figures.palette import MATRIX_COLOUR, VALUE_COLOURS, class_colour, translucent
from core.figures.template import empty_figure, names_axis
from core.figures.text import escape, short

_SIDE = 0.94  # of a cell
_LINE = 1.2  # height of a cell with its title, in a figure of pictures in lines
_TITLE = 0.47
_NOTHING = "rgba(0,0,0,0)"
# From a faint tint to a strong one, so that the page's text colour is readable on every cell of either theme.
_SCALE = [[0, translucent(MATRIX_COLOUR, 0.05)], [1, translucent(MATRIX_COLOUR, 0.62)]]


@dataclass(frozen=True)
class GridAxes:
    """Two settings, and their values as people read them: one across, in columns, and one down, in rows."""

    across: str
    columns: Sequence[str]
    down: str
    rows: Sequence[str]

    def cell_at(self, x: float, y: float) -> int | None:
        """Return the place of the cell at a point, row by row; None between the axes' ends and beyond."""
        column, row = round(x), round(y)
        inside = 0 <= column < len(self.columns) and 0 <= row < len(self.rows)
        return row * len(self.columns) + column if inside else None


@dataclass(frozen=True)
class PictureLines:
    """How many pictures stand in one line, of so many."""

    count: int
    columns: int

    @property
    def lines(self) -> int:
        """How many lines there are."""
        return -(-self.count // self.columns)

    def cell_at(self, x: float, y: float) -> int | None:
        """Return the place of the picture at a point; None where there is none."""
        column, line = round(x), round(y / _LINE)
        place = line * self.columns + column
        return place if 0 <= column < self.columns and line >= 0 and place < self.count else None


def boundary_feeds(count: int, classes: int) -> Mapping[str, Feed]:
    """Return the feeds of `count` boundaries, by the names "0", "1" …: of classes, or of a number if there are none."""
    colours = [class_colour(label) for label in range(classes)]
    return {
        str(place): ClassImageFeed(place, colours) if classes else ValueImageFeed(place, VALUE_COLOURS)
        for place in range(count)
    }


def boundary_grid_figure(axes: GridAxes, texts: Sequence[str], chosen: int | None = None) -> go.Figure:
    """Return a grid of boundaries, whose images the feeds bring.

    Args:
        axes: of the grid.
        texts: of the cells, row by row: what is shown on hover, one or more lines.
        chosen: the cell that has a frame.
    """
    figure = _grid(axes, chosen)
    figure.update_layout(images=[_image(*divmod(place, len(axes.columns))) for place in range(len(texts))])
    return figure.add_trace(_hover(axes, texts))


def heatmap_figure(
    axes: GridAxes, means: np.ndarray, texts: Sequence[str], y_title: str, chosen: int | None = None
) -> go.Figure:
    """Return the final figures of two settings as a heatmap with numbers.

    Args:
        axes: of the grid.
        means: float (rows, columns); NaN leaves a cell empty.
        texts: of the cells, row by row: what is shown on hover.
        y_title: what the figures are.
        chosen: the cell that has a frame.
    """
    figure = _grid(axes, chosen)
    shown = np.where(np.isfinite(means), means, np.nan).astype(np.float64)
    few = means.size <= 100
    figure.add_heatmap(
        z=shown,
        colorscale=_SCALE,
        xgap=2,
        ygap=2,
        texttemplate="%{z:.3f}" if few else None,
        text=None,
        customdata=_by_rows(axes, texts),
        hovertemplate="%{customdata}<extra></extra>",
        colorbar={"thickness": 10, "outlinewidth": 0, "ticks": "", "nticks": 6, "title": {"text": short(y_title, 30)}},
        showscale=not few,
    )
    return figure


def picture_lines_figure(lines: PictureLines, titles: Sequence[str], texts: Sequence[str]) -> go.Figure:
    """Return boundaries in lines, each below its title; the feeds bring the images.

    Args:
        lines: how they stand.
        titles: one a picture.
        texts: one a picture, shown on hover.
    """
    places = [divmod(place, lines.columns) for place in range(lines.count)]
    hidden = {"visible": False, "fixedrange": True}
    figure = empty_figure(
        dragmode=False,
        hovermode="closest",
        showlegend=False,
        xaxis={**hidden, "range": [-0.5, lines.columns - 0.5], "constrain": "domain"},
        yaxis={
            **hidden,
            "range": [(lines.lines - 1) * _LINE + 0.5, -_TITLE - 0.16],
            "scaleanchor": "x",
            "constrain": "domain",
            "constraintoward": "top",
        },
        images=[_image(line * _LINE, column) for line, column in places],
    )
    return figure.add_scatter(
        x=[column for _, column in places],
        y=[line * _LINE - _TITLE for line, _ in places],
        text=[short(title, 28) for title in titles],
        customdata=list(texts),
        mode="text",
        textposition="top center",
        textfont={"size": 12},
        hovertemplate="%{customdata}<extra></extra>",
    )


def hover_text(*lines: str) -> str:
    """Return lines of text for a cell, the first of them bold.

    >>> hover_text("width 4", "mean 0.97")
    '<b>width 4</b><br>mean 0.97'
    """
    first, *others = map(escape, lines)
    return "<br>".join([f"<b>{first}</b>", *others])


def _grid(axes: GridAxes, chosen: int | None) -> go.Figure:
    columns, rows = len(axes.columns), len(axes.rows)
    figure = empty_figure(
        dragmode=False,
        hovermode="closest",
        showlegend=False,
        xaxis={
            **names_axis(axes.columns, 12),
            "title": {"text": short(axes.across, 40), "standoff": 6},
            "range": [-0.5, columns - 0.5],
            "constrain": "domain",
        },
        yaxis={
            **names_axis(axes.rows, 12),
            "title": {"text": short(axes.down, 40), "standoff": 8},
            "range": [rows - 0.5, -0.5],
            "scaleanchor": "x",
            "constrain": "domain",
            "constraintoward": "top",
        },
    )
    if chosen is not None:
        row, column = divmod(chosen, columns)
        box = {"x0": column - 0.5, "x1": column + 0.5, "y0": row - 0.5, "y1": row + 0.5}
        figure.add_shape(type="rect", line={"color": MATRIX_COLOUR, "width": 3}, **box)
    return figure


def _hover(axes: GridAxes, texts: Sequence[str]) -> go.Heatmap:
    """Return a trace that cannot be seen, but knows what to show on hover."""
    return go.Heatmap(
        z=np.zeros((len(axes.rows), len(axes.columns))),
        colorscale=[[0, _NOTHING], [1, _NOTHING]],
        showscale=False,
        customdata=_by_rows(axes, texts),
        hovertemplate="%{customdata}<extra></extra>",
    )


def _by_rows(axes: GridAxes, texts: Sequence[str]) -> list[list[str]]:
    columns = len(axes.columns)
    return [list(texts[first : first + columns]) for first in range(0, len(texts), columns)]


def _image(row: float, column: float) -> dict[str, object]:
    return {
        "layer": "below",
        "sizing": "stretch",
        "xref": "x",
        "yref": "y",
        "x": column - _SIDE / 2,
        "y": row - _SIDE / 2,
        "xanchor": "left",
        "yanchor": "top",
        "sizex": _SIDE,
        "sizey": _SIDE,
    }
