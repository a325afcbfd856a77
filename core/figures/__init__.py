"""Arrays drawn as Plotly figures; no network and no page in sight."""

from core.figures.balance import balance_figure, parts_figure
from core.figures.boundary import boundary_figure
from core.figures.confusion import confusion_figure
from core.figures.correlation import correlation_figure
from core.figures.curves import curves_figure
from core.figures.fit import fit_figure
from core.figures.line import line_figure
from core.figures.pairs import pairs_figure
from core.figures.palette import CLASS_COLOURS, FIT_COLOUR, HELD_OUT_COLOUR, TRAINING_COLOUR, class_colour
from core.figures.panel import Option, Panel, Switch, images_panel, line_panel, numbers_panel, points_panel
from core.figures.pictures import pictures_figure, pictures_figures
from core.figures.projection import projection_figure, scree_figure
from core.figures.scaling import scaling_figure
from core.figures.schedule import schedule_figure
from core.figures.steps import histogram_figure
from core.figures.strip import strip_figure
from core.figures.surface import surface_figure
from core.figures.template import TEMPLATE
from core.figures.text import escape

__all__ = [
    "CLASS_COLOURS",
    "FIT_COLOUR",
    "HELD_OUT_COLOUR",
    "TEMPLATE",
    "TRAINING_COLOUR",
    "Option",
    "Panel",
    "Switch",
    "balance_figure",
    "boundary_figure",
    "class_colour",
    "confusion_figure",
    "correlation_figure",
    "curves_figure",
    "escape",
    "fit_figure",
    "histogram_figure",
    "images_panel",
    "line_figure",
    "line_panel",
    "numbers_panel",
    "pairs_figure",
    "parts_figure",
    "pictures_figure",
    "pictures_figures",
    "points_panel",
    "projection_figure",
    "scaling_figure",
    "schedule_figure",
    "scree_figure",
    "strip_figure",
    "surface_figure",
]
