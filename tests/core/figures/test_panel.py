import json

import numpy as np
import pytest

from core.figures import Panel, class_colour, images_panel, line_panel, numbers_panel, points_panel
from core.figures.palette import VALUE_COLOURS

CLASSES = ["a", "b", "c"]
OF_CLASSES = {"loss", "accuracy", "val_loss", "val_accuracy", "confusion", "replayed"}
OF_NUMBERS = {"loss", "mae", "val_loss", "val_mae", "val_r2", "predicted", "replayed"}
TRUE_VALUES = np.array([2.0, 3.0, 5.0], np.float32)


def points(all_rows_train=False, three_parts=False) -> Panel:
    rows, labels = np.random.default_rng(0).random((30, 2)).astype(np.float32), np.arange(30) % 3
    held_out = (rows, labels) if all_rows_train else (rows[:9], labels[:9])
    return points_panel(rows, labels, *held_out, CLASSES, ["x1", "x2"], (0, 1, 0, 1), 100, all_rows_train, three_parts)


def images(all_rows_train=False, three_parts=False) -> Panel:
    return images_panel(np.zeros((25, 8, 8)), np.arange(25) % 3, CLASSES, 100, all_rows_train, three_parts)


def numbers(all_rows_train=False, three_parts=False) -> Panel:
    rows, target = np.random.default_rng(0).random((30, 2)).astype(np.float32), np.arange(30, dtype=np.float32)
    held_out = (rows, target) if all_rows_train else (rows[:9], target[:9])
    return numbers_panel(
        rows, target, *held_out, TRUE_VALUES, "height", ["x1", "x2"], (0, 1, 0, 1), (0.0, 29.0), 100,
        all_rows_train, three_parts,
    )  # fmt: skip


def line(all_rows_train=False, three_parts=False) -> Panel:
    rows, target = np.random.default_rng(0).random((30, 1)).astype(np.float32), np.arange(30, dtype=np.float32)
    held_out = (rows, target) if all_rows_train else (rows[:9], target[:9])
    return line_panel(
        rows, target, *held_out, TRUE_VALUES, "height", "x", np.linspace(0, 1, 50), 100, all_rows_train, three_parts
    )


MAKERS = {"points": points, "images": images, "numbers": numbers, "line": line}
makers = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
panels = pytest.mark.parametrize(
    "panel", [make(all_rows_train) for make in MAKERS.values() for all_rows_train in (False, True)]
)


@panels
def test_a_panel_is_plain_json(panel):
    sent = panel.to_json()
    assert json.loads(json.dumps(sent, allow_nan=False)) == sent | {
        "switches": json.loads(json.dumps(sent["switches"]))
    }
    assert list(sent["figures"]) == list(panel.figures)
    assert next(iter(sent["figures"])) == sent["large"]
    for name, figure in sent["figures"].items():
        assert figure["title"] == panel.titles[name]
        assert len(figure["data"]) == len(panel.figures[name].data)
        assert "template" in figure["layout"]


def test_the_worst_pictures_take_the_places_of_the_first():
    panel = images()
    feed, figure = panel.feeds["worst_pictures"], panel.figures["strip"]
    assert feed["first"] == len(figure.layout.images) // 2 == 20
    assert panel.feeds["worst"]["traces"] == [2, 3]
    (switch,) = (switch for switch in panel.switches if switch.figure == "strip")
    for option, first in zip(switch.options, (True, False), strict=True):
        assert [option.layout[f"images[{index}].visible"] for index in (0, 19, 20, 39)] == [
            first,
            first,
            not first,
            not first,
        ]
        assert option.trace["visible"] == [first, first, not first, not first]


@panels
def test_every_feed_and_every_switch_is_of_something_that_is_there(panel):
    for feed in panel.feeds.values():
        figure = panel.figures[feed["figure"]]
        for key in ("trace", "counts", "shares"):
            assert feed.get(key, 0) < len(figure.data)
        assert max(feed.get("traces", [0])) < len(figure.data)
        assert feed.get("annotation", 0) < len(figure.layout.annotations) or "annotation" not in feed
        assert feed.get("image", 0) < len(figure.layout.images) or "image" not in feed
        assert feed.get("shape", 0) < len(figure.layout.shapes) or "shape" not in feed
    for switch in panel.switches:
        assert len(switch.options) > 1
        for option in switch.options:
            panel.figures[switch.figure].update_layout(
                {key.replace(".", "_"): value for key, value in option.layout.items() if "[" not in key}
            )
            for value in option.trace.values():
                assert not isinstance(value, list) or len(value) == len(option.traces)
            assert max(option.traces, default=0) < len(panel.figures[switch.figure].data)


def test_each_kind_of_data_is_fed_by_its_arrays():
    assert set(points().feeds) == OF_CLASSES | {"boundary"}
    assert set(images().feeds) == OF_CLASSES | {"strip", "worst", "worst_pictures"}
    assert set(numbers().feeds) == OF_NUMBERS | {"surface"}
    assert set(line().feeds) == OF_NUMBERS | {"line"}


def test_the_boundary_has_the_colours_of_the_points():
    feed = points().feeds["boundary"]
    assert (feed["kind"], feed["figure"], feed["image"]) == ("image", "boundary", 0)
    assert feed["colours"] == [class_colour(index) for index in range(3)]
    assert feed["colours"] == [trace.marker.color for trace in points().figures["boundary"].data[:3]]


def test_the_surface_has_the_colours_of_the_points():
    feed = numbers().feeds["surface"]
    assert (feed["kind"], feed["figure"], feed["image"]) == ("surface", "surface", 0)
    assert feed["colours"] == list(VALUE_COLOURS)
    for trace in numbers().figures["surface"].data:
        assert [colour for _, colour in trace.marker.colorscale] == feed["colours"]
        np.testing.assert_allclose([place for place, _ in trace.marker.colorscale], np.linspace(0, 1, 5))


def test_the_line_feeds_the_curve_as_it_is():
    feed = line().feeds["line"]
    assert (feed["kind"], feed["figure"], feed["minus"]) == ("values", "line", [None])
    assert [line().figures["line"].data[trace].mode for trace in feed["traces"]] == ["lines"]


@pytest.mark.parametrize("make", [numbers, line])
def test_predictions_are_shown_as_they_are_and_as_residuals(make):
    panel = make()
    feed, figure = panel.feeds["predicted"], panel.figures["fit"]
    predicted, residuals = feed["traces"]
    assert feed["minus"] == [None, [2, 3, 5]]
    for trace in (predicted, residuals):
        np.testing.assert_array_equal(figure.data[trace].x, [2, 3, 5])
    (switch,) = (switch for switch in panel.switches if switch.figure == "fit")
    shown = [
        {index for index, visible in zip(option.traces, option.trace["visible"], strict=True) if visible}
        for option in switch.options
    ]
    assert [option.label for option in switch.options] == ["Predicted", "Residuals"]
    assert (predicted in shown[0], residuals in shown[0]) == (True, False)
    assert (predicted in shown[1], residuals in shown[1]) == (False, True)
    assert panel.feeds["val_r2"] == {"kind": "score", "figure": "fit", "annotation": 0, "name": "R²"}


@pytest.mark.parametrize(("make", "score"), [(points, "accuracy"), (numbers, "mae"), (line, "mae")])
def test_each_column_extends_the_curve_of_its_name(make, score):
    panel = make()
    curves = panel.figures["curves"].data
    for name, axis, held_out in (
        ("loss", "y", False),
        (score, "y2", False),
        ("val_loss", "y", True),
        (f"val_{score}", "y2", True),
    ):
        feed = panel.feeds[name]
        assert feed["kind"] == "extend"
        assert curves[feed["trace"]].yaxis == axis
        assert (curves[feed["trace"]].name == "held-out") == held_out


def test_answers_are_told_by_the_true_class():
    feed = images().feeds["strip"]
    assert feed["truth"] == [index % 3 for index in range(20)]
    assert [len(feed["right"]), len(feed["wrong"])] == [3, 3]
    assert images().figures["strip"].data[feed["trace"]].text[0] == "–"


@pytest.mark.parametrize("make", [points, numbers, line])
@pytest.mark.parametrize(
    ("three_parts", "label", "name"),
    [(False, "With held-out", "Held-out points"), (True, "With validation", "Validation points")],
)
def test_a_switch_shows_the_points_that_do_not_train(make, three_parts, label, name):
    panel = make(three_parts=three_parts)
    (switch,) = (switch for switch in panel.switches if switch.figure == panel.large)
    off, on = switch.options
    traces = enumerate(panel.figures[panel.large].data)
    assert off.traces == on.traces == tuple(index for index, trace in traces if trace.marker.symbol == "diamond")
    assert (off.trace, on.trace) == ({"visible": False}, {"visible": True})
    assert (switch.label, on.label) == (name, label)


@makers
def test_three_parts_are_called_what_they_are(make):
    two, three = make(), make(three_parts=True)
    captions = [
        (panel.figures["curves"].data[1].name, panel.titles[list(panel.figures)[2]].partition(", ")[2])
        for panel in (two, three)
    ]
    assert captions == [("held-out", "held-out"), ("validation", "validation")]
    sent = json.dumps(three.to_json())
    assert "held-out" not in sent
    assert "Held-out" not in sent


@pytest.mark.parametrize("make", [points, numbers, line])
def test_where_every_row_trains_no_point_is_drawn_twice(make):
    panel = make(all_rows_train=True)
    assert sum(len(trace.x) for trace in panel.figures[panel.large].data if trace.mode == "markers") == 30
    assert not [switch for switch in panel.switches if switch.figure == panel.large]


@makers
def test_where_every_row_trains_the_captions_say_so(make):
    panel = make(all_rows_train=True)
    assert panel.titles[list(panel.figures)[2]].endswith(", training rows")
    assert panel.figures["curves"].data[1].name == "held-out (same rows)"


def test_loss_can_be_logarithmic_and_cells_can_be_shares():
    switches = {switch.figure: switch for switch in points().switches}
    linear, log = switches["curves"].options
    assert (linear.layout["yaxis.type"], log.layout["yaxis.type"]) == ("linear", "log")
    counts, shares = switches["confusion"].options
    feed = points().feeds["confusion"]
    shown = {
        option.label: dict(zip(option.traces, option.trace["visible"], strict=True)) for option in (counts, shares)
    }
    assert shown["Counts"] == {feed["counts"]: True, feed["shares"]: False}
    assert shown["Shares"] == {feed["counts"]: False, feed["shares"]: True}


@panels
def test_the_first_option_is_how_the_figure_starts(panel):
    for switch in panel.switches:
        first, figure = switch.options[0], panel.figures[switch.figure]
        for position, index in enumerate(first.traces):
            visible = first.trace["visible"]
            assert figure.data[index].visible == (visible[position] if isinstance(visible, list) else visible)


def test_a_panel_is_small_enough_to_send():
    rows, labels = np.random.default_rng(0).random((10_000, 2)), np.arange(10_000) % 2
    panel = points_panel(rows, labels, rows, labels, ["a", "b"], ["x1", "x2"], (0, 1, 0, 1), 100)
    assert len(json.dumps(panel.to_json())) < 60_000
    target = rows[:, 0].astype(np.float32)
    panel = numbers_panel(
        rows, target, rows, target, target[:500], "y", ["x1", "x2"], (0, 1, 0, 1), (0.0, 1.0), 100
    )  # fmt: skip
    assert len(json.dumps(panel.to_json())) < 60_000
