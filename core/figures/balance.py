"""The number of rows of every class, overall and in each part of the split."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from core.figures.palette import class_colour, ink_on
from core.figures.template import empty_figure, names_axis
from core.figures.text import escape, short

_LEGEND_LINE = 24  # pixels
_LEGEND_NAMES = 6  # names in a line, on a narrow page
_LEGEND_LINES_MOST = 4  # the legend scrolls beyond these


def balance_figure(class_names: Sequence[str], counts: np.ndarray) -> go.Figure:
    """Return one bar for each class, in its colour, with its number of rows.

    Args:
        class_names: k names.
        counts: int (k,).
    """
    figure = empty_figure(
        height=max(318, 46 + 34 * len(class_names)),
        showlegend=False,
        bargap=0.4,
        xaxis={"title": {"text": "rows"}, "rangemode": "tozero", "nticks": 5, "fixedrange": True},
        yaxis={**names_axis(class_names, 16), "autorange": "reversed"},
    )
    colours = [class_colour(index) for index in range(len(class_names))]
    figure.add_trace(
        go.Bar(
            x=counts,
            y=list(range(len(class_names))),
            orientation="h",
            text=[f"{count:,} · {share:.0%}" for count, share in zip(counts, _shares(counts), strict=True)],
            textposition="auto",
            textangle=0,
            insidetextfont={"color": [ink_on(colour) for colour in colours]},
            marker={"color": colours},
            customdata=[escape(name) for name in class_names],
            hovertemplate="<b>%{customdata}</b>: %{x:,} rows<extra></extra>",
        )
    )
    return figure


def parts_figure(part_names: Sequence[str], class_names: Sequence[str], counts: np.ndarray) -> go.Figure:
    """Return one bar for each part of the split, stacked from the shares of the classes; trace c is class c.

    Args:
        part_names: p names.
        class_names: k names.
        counts: int (p, k).
    """
    labels = [f"{name} · {count:,}" for name, count in zip(part_names, counts.sum(axis=1), strict=True)]
    legend = _LEGEND_LINE * min(_LEGEND_LINES_MOST, -(-len(class_names) // _LEGEND_NAMES))
    figure = empty_figure(
        height=60 - _LEGEND_LINE + legend + 52 * len(part_names),
        barmode="stack",
        bargap=0.3,
        xaxis={"range": [0, 1], "visible": False, "fixedrange": True},
        yaxis={**names_axis(labels, 30), "autorange": "reversed"},
        legend={"traceorder": "normal", "maxheight": legend},
    )
    shares = np.array([_shares(row) for row in counts]).reshape(counts.shape)
    for index, name in enumerate(class_names):
        figure.add_trace(
            go.Bar(
                x=shares[:, index],
                y=list(range(len(part_names))),
                orientation="h",
                name=short(name, 18),
                marker={"color": class_colour(index)},
                text=[f"{share:.0%}" for share in shares[:, index]],
                textposition="inside",
                textangle=0,
                insidetextfont={"color": ink_on(class_colour(index))},
                insidetextanchor="middle",
                constraintext="none",
                customdata=counts[:, index],
                hovertemplate=f"<b>{escape(name)}</b>: %{{customdata:,}} rows, %{{x:.1%}}<extra></extra>",
            )
        )
    return figure


def _shares(counts: np.ndarray) -> np.ndarray:
    """Return counts (k,) over their sum, float64; zeros if the sum is 0."""
    shares: np.ndarray = counts / max(int(counts.sum()), 1)
    return shares
