import pytest

from core.figures import HELD_OUT_COLOUR, TRAINING_COLOUR, curves_figure
from core.figures.curves import COLUMNS


def test_loss_stands_above_accuracy_over_one_axis_of_epochs():
    drawn = curves_figure(120, False)
    layout = drawn.layout
    assert {trace.xaxis for trace in drawn.data} == {None}  # all over the first
    assert layout.xaxis.range == (0, 120)
    assert layout.yaxis.title.text == "loss"
    assert layout.yaxis2.title.text == "accuracy"
    assert layout.yaxis.domain[0] > layout.yaxis2.domain[1]


def test_each_history_column_has_its_trace():
    traces = dict(zip(COLUMNS, curves_figure(10, False).data, strict=True))
    assert set(traces) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    assert {name for name, trace in traces.items() if trace.yaxis == "y2"} == {"accuracy", "val_accuracy"}
    assert {name for name, trace in traces.items() if trace.line.color == HELD_OUT_COLOUR} == {
        "val_loss",
        "val_accuracy",
    }
    assert traces["loss"].line.color == TRAINING_COLOUR
    assert traces["loss"].line.dash != traces["val_loss"].line.dash  # not by colour alone


@pytest.mark.parametrize(("all_rows_train", "caption"), [(False, "held-out"), (True, "held-out (the training rows)")])
def test_the_legend_says_what_is_held_out(all_rows_train, caption):
    drawn = curves_figure(10, all_rows_train)
    assert [trace.name for trace in drawn.data if trace.showlegend] == ["training", caption]


def test_accuracy_goes_from_0_to_1_and_loss_from_0():
    layout = curves_figure(10, False).layout
    assert layout.yaxis2.range[0] == 0
    assert 1 <= layout.yaxis2.range[1] < 1.05
    assert layout.yaxis.rangemode == "tozero"


def test_one_label_shows_all_four_values_of_an_epoch():
    layout = curves_figure(10, False).layout
    assert (layout.hovermode, layout.hoversubplots) == ("x unified", "axis")


def test_no_epochs_give_axes():
    drawn = curves_figure(0, False)
    assert drawn.layout.xaxis.range == (0, 1)
    assert all(trace.y == (None,) for trace in drawn.data)  # nothing to see, but a place in the legend
