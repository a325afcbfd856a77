"""The look that all figures share.

It has no colour for text, grid or background: the page takes those from its theme.
"""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from core.figures.text import short_names

_AXIS = {
    "automargin": True,
    "fixedrange": False,
    "showgrid": True,
    "showline": False,
    "zeroline": False,
    "ticks": "",
    "title": {"font": {"size": 12}},
}

TEMPLATE = go.layout.Template(
    layout={
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "margin": {"l": 8, "r": 16, "t": 8, "b": 8},
        "font": {"size": 12},
        "hoverlabel": {"align": "left", "font": {"size": 12}},
        "legend": {
            "orientation": "h",
            "x": 0,
            "xanchor": "left",
            "y": 1,
            "yanchor": "bottom",
            "bgcolor": "rgba(0,0,0,0)",
            "maxheight": 0.12,  # of the plot; the legend scrolls beyond it
            "font": {"size": 12},
        },
        "dragmode": "zoom",
        "xaxis": _AXIS,
        "yaxis": _AXIS,
    }
)


def empty_figure(**layout: object) -> go.Figure:
    """Return a figure with the template and no trace."""
    return go.Figure(layout={"template": TEMPLATE, **layout})


def on_a_page(figure: go.Figure, height: int) -> go.Figure:
    """Adjust a figure of the panel to stand on a page by itself, `height` pixels high, and return it.

    Streamlit's charts pad the plot area and place tick labels lower than the panel does.
    """
    figure.update_xaxes(title_standoff=None)
    return figure.update_layout(
        height=height, margin={"pad": 0, "l": figure.layout.margin.l or 8, "r": 16, "t": 8, "b": 8}
    )


def names_axis(names: Sequence[str], most: int) -> dict[str, object]:
    """Return an axis with a name at 0, 1, 2 …, each cut to `most` characters.

    For bars from the top down, add a reversed range or autorange.
    """
    return {
        "tickmode": "array",
        "tickvals": list(range(len(names))),
        "ticktext": short_names(names, most),
        "showgrid": False,
        "fixedrange": True,
    }


def axis_name(axis: str, index: int) -> str:
    """Return Plotly's name of the axis at `index`.

    >>> axis_name("x", 0), axis_name("xaxis", 2)
    ('x', 'xaxis3')
    """
    return axis if index == 0 else f"{axis}{index + 1}"
