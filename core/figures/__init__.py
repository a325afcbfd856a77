"""Arrays drawn as Plotly figures; no network and no page in sight."""

from core.figures.boundary import boundary_figure
from core.figures.confusion import confusion_figure
from core.figures.curves import curves_figure
from core.figures.palette import CLASS_COLOURS, HELD_OUT_COLOUR, TRAINING_COLOUR, class_colour
from core.figures.panel import Option, Panel, Switch, images_panel, points_panel
from core.figures.strip import strip_figure
from core.figures.template import TEMPLATE
from core.figures.text import escape

__all__ = [
    "CLASS_COLOURS",
    "HELD_OUT_COLOUR",
    "TEMPLATE",
    "TRAINING_COLOUR",
    "Option",
    "Panel",
    "Switch",
    "boundary_figure",
    "class_colour",
    "confusion_figure",
    "curves_figure",
    "escape",
    "images_panel",
    "points_panel",
    "strip_figure",
]
