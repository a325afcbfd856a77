import json

import numpy as np
import pytest

from core.figures import (
    Card,
    Evaluation,
    LabelledPictures,
    LineAxis,
    NumericTarget,
    Panel,
    PlaneAxes,
    SplitPoints,
    TargetScale,
    class_colour,
    line_panel,
    pictures_panel,
    points_panel,
    surface_panel,
)
from core.figures.feeds import (
    ClassImageFeed,
    CurveFeed,
    EpochMarkFeed,
    MatrixFeed,
    MistakesFeed,
    PicturesFeed,
    PredictionsFeed,
    ScoreFeed,
    ValueImageFeed,
    ValuesFeed,
)
from core.figures.palette import VALUE_COLOURS

CLASSES = ["a", "b", "c"]
AXES = PlaneAxes(("x1", "x2"), (0, 1, 0, 1))
TARGET = NumericTarget(TargetScale("height", 0.0, 29.0), np.array([2.0, 3.0, 5.0], np.float32))

HELD_OUT = Evaluation(100)
VALIDATION = Evaluation(100, "validation")
SAME_ROWS = Evaluation(100, on_training_rows=True)


def _split_points(features: int, target: np.ndarray, evaluation: Evaluation) -> SplitPoints:
    rows = np.random.default_rng(0).random((30, features)).astype(np.float32)
    held_out = 30 if evaluation.on_training_rows else 9
    return SplitPoints(rows, target, rows[:held_out], target[:held_out])


def points(evaluation: Evaluation = HELD_OUT) -> Panel:
    return points_panel(_split_points(2, np.arange(30) % 3, evaluation), AXES, CLASSES, evaluation)


def pictures(evaluation: Evaluation = HELD_OUT) -> Panel:
    return pictures_panel(LabelledPictures(np.zeros((25, 8, 8)), np.arange(25) % 3, CLASSES), evaluation)


def surface(evaluation: Evaluation = HELD_OUT) -> Panel:
    return surface_panel(_split_points(2, np.arange(30, dtype=np.float32), evaluation), AXES, TARGET, evaluation)


def line(evaluation: Evaluation = HELD_OUT) -> Panel:
    feature = LineAxis("x", np.linspace(0, 1, 50))
    return line_panel(_split_points(1, np.arange(30, dtype=np.float32), evaluation), feature, TARGET, evaluation)


def card(panel: Panel, name: str) -> Card:
    (found,) = (card for card in panel.cards if card.name == name)
    return found


MAKERS = {"points": points, "pictures": pictures, "surface": surface, "line": line}
makers = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
panels = pytest.mark.parametrize(
    "panel", [make(evaluation) for make in MAKERS.values() for evaluation in (HELD_OUT, SAME_ROWS)]
)


@panels
def test_a_panel_is_plain_json(panel):
    sent = json.loads(json.dumps(panel.to_json(), allow_nan=False))
    for found, made in zip(sent["cards"], panel.cards, strict=True):
        assert (found["name"], found["title"]) == (made.name, made.title)
        assert len(found["figure"]["data"]) == len(made.figure.data)
        assert "template" in found["figure"]["layout"]
        assert set(found["feeds"]) == set(made.feeds)
        assert all(feed["kind"] for feed in found["feeds"].values())
        assert [len(switch["options"]) for switch in found["switches"]] == [
            len(switch.options) for switch in made.switches
        ]


def test_the_worst_pictures_take_the_places_of_the_first():
    strip = card(pictures(), "strip")
    assert strip.feeds["worst_pictures"].first_image == len(strip.figure.layout.images) // 2 == 20
    worst = strip.feeds["worst"]
    assert (worst.true_trace, worst.predicted_trace) == (2, 3)
    (switch,) = strip.switches
    for option, first in zip(switch.options, (True, False), strict=True):
        shown = [option.layout[f"images[{index}].visible"] for index in (0, 19, 20, 39)]
        assert shown == option.trace["visible"] == [first, first, not first, not first]


@panels
def test_every_feed_and_every_switch_fits_its_figure(panel):
    for card in panel.cards:
        figure = card.figure
        for feed in card.feeds.values():
            match feed:
                case CurveFeed(trace) | PredictionsFeed(trace):
                    assert trace < len(figure.data)
                case ScoreFeed(annotation):
                    assert annotation < len(figure.layout.annotations)
                case ClassImageFeed(image) | ValueImageFeed(image):
                    assert image < len(figure.layout.images)
                case ValuesFeed(traces, subtract):
                    assert max(traces) < len(figure.data)
                    assert len(subtract) == len(traces)
                case MatrixFeed(one, other) | MistakesFeed(one, other):
                    assert max(one, other) < len(figure.data)
                case PicturesFeed(first_image):
                    assert first_image < len(figure.layout.images)
                case EpochMarkFeed(shape):
                    assert shape < len(figure.layout.shapes)
                case _:
                    pytest.fail(f"no check for {feed}")
        for switch in card.switches:
            assert len(switch.options) > 1
            for option in switch.options:
                figure.update_layout(
                    {key.replace(".", "_"): value for key, value in option.layout.items() if "[" not in key}
                )
                for value in option.trace.values():
                    assert not isinstance(value, list) or len(value) == len(option.traces)
                assert max(option.traces, default=0) < len(figure.data)


def test_each_kind_of_data_is_fed_by_its_arrays():
    def fed(panel):
        return {card.name: set(card.feeds) for card in panel.cards}

    of_classes = {
        "curves": {"loss", "accuracy", "val_loss", "val_accuracy", "replayed"},
        "confusion": {"confusion"},
    }
    of_numbers = {"curves": {"loss", "mae", "val_loss", "val_mae", "replayed"}, "fit": {"predicted", "val_r2"}}
    assert fed(points()) == of_classes | {"boundary": {"boundary"}}
    assert fed(pictures()) == of_classes | {"strip": {"strip", "worst", "worst_pictures"}}
    assert fed(surface()) == of_numbers | {"surface": {"surface"}}
    assert fed(line()) == of_numbers | {"line": {"line"}}


def test_the_boundary_has_the_colours_of_the_points():
    boundary = card(points(), "boundary")
    assert boundary.feeds["boundary"] == ClassImageFeed(0, [class_colour(label) for label in range(3)])
    assert [trace.marker.color for trace in boundary.figure.data[:3]] == boundary.feeds["boundary"].colours


def test_the_surface_has_the_colours_of_the_points():
    found = card(surface(), "surface")
    assert found.feeds["surface"] == ValueImageFeed(0, VALUE_COLOURS)
    for trace in found.figure.data:
        assert tuple(colour for _, colour in trace.marker.colorscale) == VALUE_COLOURS
        np.testing.assert_allclose([place for place, _ in trace.marker.colorscale], np.linspace(0, 1, 5))


def test_the_line_feeds_the_curve_unchanged():
    found = card(line(), "line")
    assert found.feeds["line"] == ValuesFeed([2], [None])
    assert found.figure.data[2].mode == "lines"


@pytest.mark.parametrize("make", [surface, line])
def test_predictions_are_shown_as_they_are_and_as_residuals(make):
    fit = card(make(), "fit")
    feed, figure = fit.feeds["predicted"], fit.figure
    predicted, residuals = feed.traces
    assert feed.subtract == [None, [2, 3, 5]]
    for trace in (predicted, residuals):
        np.testing.assert_array_equal(figure.data[trace].x, [2, 3, 5])
    (switch,) = fit.switches
    shown = [
        {index for index, visible in zip(option.traces, option.trace["visible"], strict=True) if visible}
        for option in switch.options
    ]
    assert [option.label for option in switch.options] == ["Predicted", "Residuals"]
    assert (predicted in shown[0], residuals in shown[0]) == (True, False)
    assert (predicted in shown[1], residuals in shown[1]) == (False, True)
    assert fit.feeds["val_r2"] == ScoreFeed(0, "R²")


@pytest.mark.parametrize(("make", "score"), [(points, "accuracy"), (surface, "mae"), (line, "mae")])
def test_each_column_feeds_the_curve_of_its_name(make, score):
    curves = card(make(), "curves")
    for name, axis, held_out in (
        ("loss", "y", False),
        (score, "y2", False),
        ("val_loss", "y", True),
        (f"val_{score}", "y2", True),
    ):
        feed = curves.feeds[name]
        assert isinstance(feed, CurveFeed)
        trace = curves.figure.data[feed.trace]
        assert trace.yaxis == axis
        assert (trace.name == "held-out") == held_out


def test_predictions_are_compared_with_the_true_classes():
    strip = card(pictures(), "strip")
    feed = strip.feeds["strip"]
    assert feed.true_labels == [index % 3 for index in range(20)]
    assert [len(feed.right), len(feed.wrong)] == [3, 3]
    assert strip.figure.data[feed.trace].text[0] == "–"


@pytest.mark.parametrize("make", [points, surface, line])
@pytest.mark.parametrize(
    ("evaluation", "label", "name"),
    [(HELD_OUT, "With held-out", "Held-out points"), (VALIDATION, "With validation", "Validation points")],
)
def test_points_that_do_not_train_are_drawn_until_a_switch_hides_them(make, evaluation, label, name):
    large = make(evaluation).cards[0]
    (switch,) = large.switches
    on, off = switch.options
    traces = enumerate(large.figure.data)
    assert off.traces == on.traces == tuple(index for index, trace in traces if trace.marker.symbol == "diamond")
    assert (off.trace, on.trace) == ({"visible": False}, {"visible": True})
    assert (switch.label, on.label) == (name, label)


@makers
@pytest.mark.parametrize("evaluation", [HELD_OUT, VALIDATION])
def test_titles_and_legend_name_the_evaluated_rows(make, evaluation):
    panel = make(evaluation)
    assert card(panel, "curves").figure.data[1].name == evaluation.rows
    assert panel.cards[2].title.endswith(f", {evaluation.rows}")
    if evaluation is VALIDATION:
        assert "held-out" not in json.dumps(panel.to_json()).lower()


@makers
def test_where_every_row_trains_the_titles_say_so(make):
    panel = make(SAME_ROWS)
    assert panel.cards[2].title.endswith(", training rows")
    curves = card(panel, "curves")
    assert [trace.name for trace in curves.figure.data if trace.visible] == ["training"] * 2
    assert not [name for name in curves.feeds if name.startswith("val_")]


@pytest.mark.parametrize("make", [points, surface, line])
def test_where_every_row_trains_no_point_is_drawn_twice(make):
    large = make(SAME_ROWS).cards[0]
    assert sum(len(trace.x) for trace in large.figure.data if trace.mode == "markers") == 30
    assert large.switches == ()


def test_loss_can_be_logarithmic_and_cells_can_be_shares():
    (loss,) = card(points(), "curves").switches
    assert [option.layout["yaxis.type"] for option in loss.options] == ["linear", "log"]
    confusion = card(points(), "confusion")
    feed = confusion.feeds["confusion"]
    (cells,) = confusion.switches
    shown = {option.label: dict(zip(option.traces, option.trace["visible"], strict=True)) for option in cells.options}
    assert shown == {
        "Counts": {feed.counts: True, feed.shares: False},
        "Shares": {feed.counts: False, feed.shares: True},
    }


@panels
def test_the_first_option_is_how_the_figure_starts(panel):
    for card in panel.cards:
        for switch in card.switches:
            first = switch.options[0]
            for position, index in enumerate(first.traces):
                visible = first.trace["visible"]
                expected = visible[position] if isinstance(visible, list) else visible
                assert card.figure.data[index].visible == expected


def test_a_panel_is_small_enough_to_send():
    rows, labels = np.random.default_rng(0).random((10_000, 2)), np.arange(10_000) % 2
    panel = points_panel(SplitPoints(rows, labels, rows, labels), AXES, ["a", "b"], HELD_OUT)
    assert len(json.dumps(panel.to_json())) < 60_000
    target = rows[:, 0].astype(np.float32)
    scale = NumericTarget(TargetScale("y", 0.0, 1.0), target[:500])
    panel = surface_panel(SplitPoints(rows, target, rows, target), AXES, scale, HELD_OUT)
    assert len(json.dumps(panel.to_json())) < 60_000
