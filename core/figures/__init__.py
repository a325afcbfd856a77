"""Value objects drawn as Plotly figures."""

from core.figures.balance import balance_figure, parts_figure
from core.figures.boundary import boundary_figure
from core.figures.clickable_confusion import clickable_confusion_figure
from core.figures.colouring import PointTarget, value_colours
from core.figures.confusion import confusion_figure
from core.figures.correlation_grid import correlation_figure
from core.figures.curves import curves_figure
from core.figures.feeds import Feed, boundary_feed, surface_feed
from core.figures.fitted_line import line_figure
from core.figures.gif_frames import Curve, curves_frame, gif, plane_frame
from core.figures.health_charts import by_epoch_figure, layers_figure
from core.figures.highlighted_rows import HighlightedRows, highlighted_figure
from core.figures.histogram_outlines import histogram_figure
from core.figures.importance_bars import importance_figure
from core.figures.learning_rate_curve import schedule_figure
from core.figures.loss_contours import is_wide, landscape_figure
from core.figures.painting import class_picture, value_picture
from core.figures.pairs import pairs_figure
from core.figures.palette import CLASS_COLOURS, FIT_COLOUR, HELD_OUT_COLOUR, TRAINING_COLOUR, class_colour
from core.figures.panel import (
    Card,
    Evaluation,
    LineAxis,
    NumericTarget,
    Option,
    Panel,
    Switch,
    line_panel,
    pictures_panel,
    points_panel,
    surface_panel,
)
from core.figures.picture_grid import pictures_figure, pictures_figures, weights_figure
from core.figures.plane_axes import PlaneAxes
from core.figures.predicted_against_true import fit_figure, predictions_figure, residuals_figure
from core.figures.predicted_pictures import LabelledPictures, predicted_pictures_figure
from core.figures.prediction_charts import mark_point, probabilities_figure
from core.figures.projected_points import projection_figure, scree_figure
from core.figures.ranking_curves import areas_figure, precision_recall_figure, roc_figure
from core.figures.reliability import reliability_figure
from core.figures.scaling import scaling_figure
from core.figures.split_points import SplitPoints
from core.figures.step_figures import DrawnLevel, explorer_figure, loss_line_figure, step_network_figure
from core.figures.surface import TargetScale, surface_figure
from core.figures.template import TEMPLATE, on_a_page
from core.figures.text import escape
from core.figures.video import Encoder, find_encoder, mp4

__all__ = [
    "CLASS_COLOURS",
    "FIT_COLOUR",
    "HELD_OUT_COLOUR",
    "TEMPLATE",
    "TRAINING_COLOUR",
    "Card",
    "Curve",
    "DrawnLevel",
    "Encoder",
    "Evaluation",
    "Feed",
    "HighlightedRows",
    "LabelledPictures",
    "LineAxis",
    "NumericTarget",
    "Option",
    "Panel",
    "PlaneAxes",
    "PointTarget",
    "SplitPoints",
    "Switch",
    "TargetScale",
    "areas_figure",
    "balance_figure",
    "boundary_feed",
    "boundary_figure",
    "by_epoch_figure",
    "class_colour",
    "class_picture",
    "clickable_confusion_figure",
    "confusion_figure",
    "correlation_figure",
    "curves_figure",
    "curves_frame",
    "escape",
    "explorer_figure",
    "find_encoder",
    "fit_figure",
    "gif",
    "highlighted_figure",
    "histogram_figure",
    "importance_figure",
    "is_wide",
    "landscape_figure",
    "layers_figure",
    "line_figure",
    "line_panel",
    "loss_line_figure",
    "mark_point",
    "mp4",
    "on_a_page",
    "pairs_figure",
    "parts_figure",
    "pictures_figure",
    "pictures_figures",
    "pictures_panel",
    "plane_frame",
    "points_panel",
    "precision_recall_figure",
    "predicted_pictures_figure",
    "predictions_figure",
    "probabilities_figure",
    "projection_figure",
    "reliability_figure",
    "residuals_figure",
    "roc_figure",
    "scaling_figure",
    "schedule_figure",
    "scree_figure",
    "step_network_figure",
    "surface_feed",
    "surface_figure",
    "surface_panel",
    "value_colours",
    "value_picture",
    "weights_figure",
]
