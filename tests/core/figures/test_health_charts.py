import numpy as np

from core.analysis.histograms import Histogram
from core.figures import by_epoch_figure, layers_figure


def test_every_layer_has_its_epochs_with_the_newest_filled():
    edges, counts = np.array([0.0, 1.0, 2.0]), np.array([[1, 3], [4, 0]])
    drawn = layers_figure(
        [Histogram(edges, counts), Histogram(edges * 5, counts)],
        ["hidden layer 1", "<output>"],
        (0, 7),
        value_name="weight",
    )
    assert len(drawn.data) == 4
    assert list(drawn.data[0].x) == [0, 0, 1, 2]
    assert list(drawn.data[0].y) == [0, 0.25, 0.75, 0]
    assert list(drawn.data[1].y) == [0, 1, 0, 0]
    assert [trace.fill for trace in drawn.data] == [None, "tozeroy", None, "tozeroy"]
    assert [trace.xaxis for trace in drawn.data] == ["x", "x", "x2", "x2"]
    assert [note.text for note in drawn.layout.annotations] == ["hidden layer 1", "&lt;output&gt;"]
    assert "epoch 7" in drawn.data[1].hovertemplate


def test_seven_layers_stand_in_two_rows_beside_each_other():
    layer = Histogram(np.array([0.0, 1.0]), np.array([[1]]))
    drawn = layers_figure([layer] * 7, list("abcdefg"), (0,), value_name="weight")
    axes = [(drawn.layout[f"xaxis{at}"].domain, drawn.layout[f"yaxis{at}"].domain) for at in ("", *range(2, 8))]
    for number, (across, up) in enumerate(axes):
        assert 0 <= across[0] < across[1] <= 1
        assert 0 <= up[0] < up[1] <= 1
        for other_across, other_up in axes[:number]:
            apart = across[0] >= other_across[1] or other_across[0] >= across[1]
            assert apart or up[1] <= other_up[0]


def test_each_layer_has_a_line_over_epochs():
    values = np.array([[1.0, 0.0, 10], [np.nan, np.nan, np.nan], [2, 3, 4]])
    drawn = by_epoch_figure((0, 1, 2), values, ["a", "b", "c"], value_name="norm", scale="log")
    assert [trace.name for trace in drawn.data] == ["a", "c"]
    assert drawn.data[0].y[0] == 1
    assert np.isnan(drawn.data[0].y[1])  # no logarithm
    assert drawn.layout.yaxis.type == "log"
    shares = by_epoch_figure((0, 1, 2), values, ["a", "b", "c"], value_name="share", scale="share")
    assert shares.data[0].y[1] == 0


def test_a_single_layer_has_its_name_in_the_legend():
    drawn = by_epoch_figure((0, 1), np.array([[0.0, 0.5]]), ["hidden layer 1: dead"], value_name="share", scale="share")
    assert drawn.layout.showlegend


def test_shares_go_from_0_to_1():
    axis = by_epoch_figure((0,), np.array([[0.5]]), ["a"], value_name="share", scale="share").layout.yaxis
    assert axis.range[0] <= 0
    assert axis.range[1] >= 1
