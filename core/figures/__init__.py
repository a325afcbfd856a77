"""Arrays drawn as Plotly figures; no network and no page in sight."""

from core.figures.boundary import boundary_figure
from core.figures.confusion import confusion_figure
from core.figures.curves import curves_figure
from core.figures.fit import fit_figure
from core.figures.line import line_figure
from core.figures.palette import CLASS_COLOURS, HELD_OUT_COLOUR, TRAINING_COLOUR, class_colour
from core.figures.panel import Option, Panel, Switch, images_panel, line_panel, numbers_panel, points_panel
from core.figures.schedule import schedule_figure
from core.figures.strip import strip_figure
from core.figures.surface import surface_figure
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
    "fit_figure",
    "images_panel",
    "line_figure",
    "line_panel",
    "numbers_panel",
    "points_panel",
    "schedule_figure",
    "strip_figure",
    "surface_figure",
]
