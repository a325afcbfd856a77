"""Two features across and up: their axes, and the image below the points."""

from __future__ import annotations

from dataclasses import dataclass

import plotly.graph_objects as go

from core.figures.template import empty_figure
from core.figures.text import short, whole

FRAME = {"showgrid": False, "showline": True, "mirror": True}


@dataclass(frozen=True)
class PlaneAxes:
    """The two axes of a plane.

    Attributes:
        names: of the feature across and the feature up.
        bounds: x_low, x_high, y_low, y_high: the range of the axes, which the image covers.
    """

    names: tuple[str, str]
    bounds: tuple[float, float, float, float]

    @property
    def short_names(self) -> tuple[str, str]:
        """The names as a figure shows them."""
        across, up = self.names
        return short(across, 40), short(up, 40)

    @property
    def whole_names(self) -> tuple[str, str]:
        """The names in full, for what is shown on hover."""
        across, up = self.names
        return whole(across), whole(up)


def plane_figure(axes: PlaneAxes) -> go.Figure:
    """Return the axes with an empty image for what the network predicts all over the plane.

    The plane is a square, whatever the shape of the figure: a line has the same slope in every window.
    """
    x_low, x_high, y_low, y_high = axes.bounds
    x_title, y_title = ({"text": name, "standoff": 4} for name in axes.short_names)
    return empty_figure(
        uirevision="{} {} {} {}".format(*axes.bounds),  # a zoom ends with the data that it was made on
        hovermode="closest",
        legend={"itemsizing": "constant", "maxheight": 0.3},  # on a phone, eight classes take three lines
        xaxis={"range": [x_low, x_high], "title": x_title, "constrain": "domain", **FRAME},
        yaxis={
            "range": [y_low, y_high],
            "title": y_title,
            "constrain": "domain",
            "constraintoward": "top",  # right below the legend, in a card that is higher than wide
            "scaleanchor": "x",
            "scaleratio": (x_high - x_low) / (y_high - y_low),
            **FRAME,
        },
        images=[
            {
                "layer": "below",
                "sizing": "stretch",
                "xref": "x",
                "yref": "y",
                "x": x_low,
                "y": y_high,
                "xanchor": "left",
                "yanchor": "top",
                "sizex": x_high - x_low,
                "sizey": y_high - y_low,
            }
        ],
    )
