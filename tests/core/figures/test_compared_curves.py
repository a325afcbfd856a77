import numpy as np
import pytest

from core.figures.compared_curves import LOOKS, ComparedCurve, compared_curves_figure, line_of, shared_range
from core.figures.confusion_difference import confusion_difference_figure


def curve(name: str, y: list[float], look: int = 0, diverged: bool = False) -> ComparedCurve:
    return ComparedCurve(name, look, np.arange(1.0, len(y) + 1), np.array(y), np.array(y), diverged)


CALM = curve("calm", [1.0, 0.5, 0.25])
WILD = curve("wild", [1.0, 1e6, np.nan], 1, diverged=True)


def test_twenty_runs_have_twenty_lines():
    assert LOOKS == 20
    assert len({line_of(look) for look in range(LOOKS)}) == LOOKS


def test_a_diverged_run_stays_visible_and_does_not_flatten_the_others():
    assert shared_range([CALM, WILD], log=False) == (0.25, 1.0)
    figure = compared_curves_figure([CALM, WILD], "epoch", "loss")
    alone = compared_curves_figure([CALM], "epoch", "loss")
    assert figure.layout.yaxis.range == alone.layout.yaxis.range == pytest.approx((0.22, 1.03))
    calm, wild, cross = figure.data
    assert wild.y[1] == 1e6
    assert (cross.x, cross.y) == ((2.0,), (1.0,))
    assert cross.marker.color == wild.line.color != calm.line.color
    assert "diverged" in cross.hovertemplate


def test_where_all_have_diverged_all_are_seen():
    assert shared_range([WILD], log=False) == (1.0, 1e6)
    nothing = curve("nothing", [np.nan], diverged=True)
    assert shared_range([nothing], log=False) is None
    assert len(compared_curves_figure([nothing], "epoch", "loss").data) == 1
    assert compared_curves_figure([CALM, nothing], "epoch", "loss").data[-1].y == (1.0,)


def test_a_logarithmic_axis_leaves_out_what_it_cannot_show():
    zero = curve("zero", [100.0, 0.0, 1.0])
    assert shared_range([zero], log=True) == (1.0, 100.0)
    layout = compared_curves_figure([zero], "epoch", "loss", log_y=True).layout
    assert (layout.yaxis.type, layout.xaxis.type) == ("log", "linear")
    assert layout.yaxis.range == pytest.approx((-0.08, 2.08))


def test_hover_shows_the_value_itself_and_names_are_text():
    smooth = ComparedCurve("<b>a</b>", 3, np.array([1.0]), np.array([0.5]), np.array([0.75]), False)
    trace = compared_curves_figure([smooth], "step", "loss").data[0]
    assert list(trace.customdata) == [0.75]
    assert "%{customdata" in trace.hovertemplate
    assert "<b>a</b>" not in trace.name


def test_a_difference_of_matrices_has_signs_and_no_shares():
    figure = confusion_difference_figure(["a", "b"], np.array([[3, -3], [0, 0]]))
    (cells,) = figure.data
    assert cells.z.tolist() == [[3, -3], [0, 0]]
    assert (cells.zmin, cells.zmax) == (-3, 3)
    assert cells.texttemplate == "%{z:+d}"
    assert "%{z:+d} rows" in cells.hovertemplate
    (same,) = confusion_difference_figure(["a", "b"], np.zeros((2, 2), int)).data
    assert (same.zmin, same.zmax) == (-1, 1)
