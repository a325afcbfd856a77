import json

import numpy as np
import pytest

from core.figures import Panel, class_colour, images_panel, points_panel

CLASSES = ["a", "b", "c"]
ARRAYS = {"loss", "accuracy", "val_loss", "val_accuracy", "confusion"}


def points(all_rows_train=False) -> Panel:
    rows, labels = np.random.default_rng(0).random((30, 2)).astype(np.float32), np.arange(30) % 3
    held_out = (rows, labels) if all_rows_train else (rows[:9], labels[:9])
    return points_panel(rows, labels, *held_out, CLASSES, ["x1", "x2"], (0, 1, 0, 1), 100, all_rows_train)


def images() -> Panel:
    return images_panel(np.zeros((25, 8, 8)), np.arange(25) % 3, CLASSES, 100)


panels = pytest.mark.parametrize("panel", [points(), points(True), images()], ids=["points", "all train", "images"])


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


@panels
def test_every_feed_and_every_switch_is_of_something_that_is_there(panel):
    for feed in panel.feeds.values():
        figure = panel.figures[feed["figure"]]
        for key in ("trace", "counts", "shares"):
            assert feed.get(key, 0) < len(figure.data)
        assert feed.get("image", 0) < len(figure.layout.images) or "image" not in feed
    for switch in panel.switches:
        assert len(switch.options) > 1
        for option in switch.options:
            panel.figures[switch.figure].update_layout({key.replace(".", "_"): v for key, v in option.layout.items()})
            for value in option.trace.values():
                assert not isinstance(value, list) or len(value) == len(option.traces)
            assert max(option.traces, default=0) < len(panel.figures[switch.figure].data)


def test_points_are_fed_by_the_boundary_and_images_by_the_answers():
    assert set(points().feeds) == ARRAYS | {"boundary"}
    assert set(images().feeds) == ARRAYS | {"strip"}


def test_the_boundary_has_the_colours_of_the_points():
    feed = points().feeds["boundary"]
    assert (feed["kind"], feed["figure"], feed["image"]) == ("image", "boundary", 0)
    assert feed["colours"] == [class_colour(index) for index in range(3)]
    assert feed["colours"] == [trace.marker.color for trace in points().figures["boundary"].data[:3]]


def test_each_column_extends_the_curve_of_its_name():
    panel = points()
    curves = panel.figures["curves"].data
    for name, axis, held_out in (
        ("loss", "y", False),
        ("accuracy", "y2", False),
        ("val_loss", "y", True),
        ("val_accuracy", "y2", True),
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


def test_a_switch_shows_the_held_out_points():
    panel = points()
    switch = next(switch for switch in panel.switches if switch.figure == "boundary")
    off, on = switch.options
    held_out = tuple(i for i, trace in enumerate(panel.figures["boundary"].data) if trace.marker.symbol == "diamond")
    assert off.traces == on.traces == held_out
    assert (off.trace, on.trace) == ({"visible": False}, {"visible": True})


def test_where_every_row_trains_no_point_is_drawn_twice():
    panel = points(all_rows_train=True)
    assert sum(len(trace.x) for trace in panel.figures["boundary"].data) == 30
    assert not [switch for switch in panel.switches if switch.figure == "boundary"]
    assert "training rows" in panel.titles["confusion"]


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
