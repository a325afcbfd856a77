import pytest

from core.experiment import menus
from core.figures import HELD_OUT_COLOUR, TRAINING_COLOUR, curves_figure
from core.figures.curves import COLUMNS


def test_loss_stands_above_accuracy_over_one_axis_of_epochs():
    drawn = curves_figure(120, menus.CLASSES)
    layout = drawn.layout
    assert {trace.xaxis for trace in drawn.data} == {None}  # all over the first
    assert layout.xaxis.range == (0, 120)
    assert layout.yaxis.title.text == "loss"
    assert layout.yaxis2.title.text == "accuracy"
    assert layout.yaxis.domain[0] > layout.yaxis2.domain[1]


def test_the_mark_over_both_is_hidden_at_first():
    (mark,) = curves_figure(120, menus.CLASSES).layout.shapes
    assert not mark.visible
    assert (mark.type, mark.yref, mark.y0, mark.y1) == ("line", "paper", 0, 1)


def test_each_history_column_has_its_trace():
    traces = dict(zip(COLUMNS[menus.CLASSES], curves_figure(10, menus.CLASSES).data, strict=True))
    assert set(traces) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    assert {name for name, trace in traces.items() if trace.yaxis == "y2"} == {"accuracy", "val_accuracy"}
    assert {name for name, trace in traces.items() if trace.line.color == HELD_OUT_COLOUR} == {
        "val_loss",
        "val_accuracy",
    }
    assert traces["loss"].line.color == TRAINING_COLOUR
    assert traces["loss"].line.dash != traces["val_loss"].line.dash  # not by colour alone


@pytest.mark.parametrize("task", [menus.CLASSES, menus.NUMBERS])
@pytest.mark.parametrize("held_out", ["held-out", "validation"])
def test_the_legend_says_what_is_held_out(task, held_out):
    drawn = curves_figure(10, task, held_out_name=held_out)
    assert [trace.name for trace in drawn.data if trace.showlegend] == ["training", held_out]


@pytest.mark.parametrize("task", [menus.CLASSES, menus.NUMBERS])
def test_without_held_out_rows_there_is_one_curve_for_each_metric(task):
    traces = dict(zip(COLUMNS[task], curves_figure(10, task, held_out_name=None).data, strict=True))
    assert {name for name, trace in traces.items() if trace.visible} == {
        name for name in COLUMNS[task] if not name.startswith("val_")
    }


def test_a_numeric_target_has_its_mean_absolute_error_below_the_loss():
    drawn = curves_figure(10, menus.NUMBERS)
    assert drawn.layout.yaxis2.title.text == "MAE"
    assert drawn.layout.yaxis2.range is None  # as wide as the error is, in the target's own units …
    assert drawn.layout.yaxis2.rangemode == "tozero"  # … and from 0
    traces = dict(zip(COLUMNS[menus.NUMBERS], drawn.data, strict=True))
    assert {name: trace.yaxis for name, trace in traces.items()} == {
        "loss": "y", "val_loss": "y", "mae": "y2", "val_mae": "y2",
    }  # fmt: skip
    assert {name for name, trace in traces.items() if trace.line.color == HELD_OUT_COLOUR} == {"val_loss", "val_mae"}


def test_curves_are_of_the_history():
    assert all(set(COLUMNS[task]) <= set(menus.HISTORY[task]) for task in menus.HISTORY)


def test_accuracy_begins_where_the_curves_do_and_loss_at_0():
    layout = curves_figure(10, menus.CLASSES).layout
    assert layout.yaxis2.range[0] == 0  # until there is a curve
    assert 1 <= layout.yaxis2.range[1] < 1.05
    options = layout.yaxis2.autorangeoptions
    assert layout.yaxis2.autorange is True
    assert options.include == (0.9, 1)  # at least the last tenth
    assert (options.clipmin, options.clipmax) == layout.yaxis2.range  # and nothing that no accuracy can be
    assert layout.yaxis.rangemode == "tozero"


def test_one_label_shows_all_four_values_of_an_epoch():
    layout = curves_figure(10, menus.CLASSES).layout
    assert (layout.hovermode, layout.hoversubplots) == ("x unified", "axis")


def test_no_epochs_give_axes():
    drawn = curves_figure(0, menus.CLASSES)
    assert drawn.layout.xaxis.range == (0, 1)
    assert all(trace.y == (None,) for trace in drawn.data)  # draws nothing, but keeps the place in the legend


@pytest.mark.parametrize(("epochs", "tick"), [(0, 1), (3, 1), (8, 1), (9, None)])
def test_few_epochs_are_numbered_one_by_one(epochs, tick):
    assert curves_figure(epochs, menus.CLASSES).layout.xaxis.dtick == tick


def test_names_and_title_take_no_height_from_the_plots():
    layout = curves_figure(10, menus.CLASSES).layout
    assert layout.yaxis2.domain[1] < layout.legend.y < layout.yaxis.domain[0]
    assert (layout.yaxis.domain[1], layout.yaxis2.domain[0]) == (1, 0)
    assert layout.xaxis.title.text is None
    (title,) = layout.annotations
    assert (title.text, title.xanchor, title.yanchor) == ("epoch", "right", "top")  # in the line of the tick labels
