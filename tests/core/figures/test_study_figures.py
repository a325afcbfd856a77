import numpy as np
import pytest

from core.analysis.bands import bands_of
from core.figures.study_curves import SettingCurve, bands_figure, setting_curves_figure
from core.figures.study_grid import (
    GridAxes,
    PictureLines,
    boundary_feeds,
    boundary_grid_figure,
    heatmap_figure,
    hover_text,
    picture_lines_figure,
)
from core.figures.study_spread import (
    Published,
    SettingSpread,
    bins_of,
    final_histogram,
    is_log_axis,
    setting_spread_figure,
)

THREE = bands_of([np.array([1.0, 2, 3]), np.array([2.0, 4, 6]), np.array([3.0, 6])])
AXES = GridAxes("units", ["2", "4", "8"], "learning rate", ["0.1", "1"])


def test_bands_have_the_range_the_middle_half_and_the_median():
    everything, half, median, rest = bands_figure(THREE, "accuracy", 10).data
    assert everything.x.tolist() == [1, 2, 3, 3, 2, 1]
    assert everything.y.tolist() == [3, 6, 6, 3, 2, 1]
    assert half.y.tolist() == [2.5, 5, 5.25, 3.75, 3, 1.5]
    assert median.y == pytest.approx([2, 4, np.nan], nan_ok=True)
    # From where a run has ended, the median of the others is another line, which begins where the first ends.
    assert rest.y == pytest.approx([np.nan, 4, 4.5], nan_ok=True)
    assert rest.line.dash != median.line.dash == "solid"
    assert rest.customdata[2].tolist() == [2, 3.75, 5.25, 3, 6]


def test_bands_without_a_figure_are_empty_axes():
    figure = bands_figure(bands_of([]), "accuracy", 10)
    assert not any(len(trace.x) for trace in figure.data)
    assert figure.layout.xaxis.range == (0, 10)


def test_one_run_far_outside_does_not_flatten_the_others():
    calm = [np.array([1.0, 0.9, 0.8])] * 9
    low, high = bands_figure(bands_of([*calm, np.array([1.0, 1e6, 1e9])]), "loss", 3).layout.yaxis.range
    assert low < 0.8
    assert 1.0 < high < 2.0


def test_long_curves_are_thinned_and_keep_their_ends():
    median = bands_figure(bands_of([np.arange(2000.0)] * 2), "loss", 2000).data[2]
    assert len(median.x) == 400
    assert (median.x[0], median.x[-1]) == (1, 2000)


def test_each_value_has_a_median_and_up_to_six_a_band():
    curves = [SettingCurve(name, bands_of([np.array([1.0, value]), np.array([3.0, value])])) for name, value in
              (("0.1", 2), ("<b>", 4))]  # fmt: skip
    figure = setting_curves_figure(curves, "learning rate", "loss", 2, ordered=True)
    bands, lines = figure.data[:2], figure.data[2:]
    assert [line.y.tolist() for line in lines] == [[2, 2], [2, 4]]
    assert [band.showlegend for band in bands] == [False, False]
    assert lines[0].line.color != lines[1].line.color
    assert lines[0].line.dash != lines[1].line.dash
    assert "<b>" not in lines[1].name
    many = setting_curves_figure(
        [SettingCurve(str(n), curves[0].bands) for n in range(7)], "n", "loss", 2, ordered=True
    )
    assert len(many.data) == 7


def test_bins_have_round_edges_and_every_run_is_in_one():
    edges, counts = bins_of(np.array([0.87, 0.9, 0.9, 0.93]))
    assert edges[:3] == pytest.approx([0.8675, 0.8725, 0.8775])
    assert counts.sum() == 4
    assert counts[0] == 1
    assert counts[6] == 2
    assert counts[-1] == 1
    edges, counts = bins_of(np.array([0.995, 0.995]))
    assert (len(counts), counts.sum()) == (1, 2)
    edges, counts = bins_of(np.array([-250.0, 0.5, 0.9]))
    assert len(counts) <= 15
    assert counts.sum() == 3
    assert edges[0] <= -250
    assert edges[-1] > 0.9


def test_the_published_figure_is_marked_and_seen():
    figure = final_histogram(np.array([0.8, 0.81]), "accuracy", Published(0.87, 0.93))
    assert [shape.x0 for shape in figure.layout.shapes] == [0.87, 0.87, 0.93]
    assert figure.layout.annotations[0].text == "tutorial: 0.87 to 0.93"
    assert figure.data[0].y.sum() == 2
    single = final_histogram(np.empty(0), "accuracy", Published(0.997, 0.997))
    assert len(single.layout.shapes) == 1
    assert single.layout.annotations[0].text == "tutorial: 0.997"
    assert not final_histogram(np.array([0.8]), "accuracy").layout.shapes


def test_a_single_bar_stands_in_the_middle_of_empty_bins_and_what_was_published_is_on_the_axis():
    figure = final_histogram(np.full(20, 1.0), "accuracy")
    low, high = figure.layout.xaxis.range
    assert (low + high) / 2 == pytest.approx(1.0)
    assert (high - low) / figure.data[0].width[0] == pytest.approx(15)
    low, high = final_histogram(np.array([0.8]), "accuracy", Published(0.87, 0.93)).layout.xaxis.range
    assert low < 0.8 < 0.93 < high


def spread(name: str, number: float | None, *figures: float, failed: int = 0) -> SettingSpread:
    return SettingSpread(name, number, np.array(figures), failed)


def test_rates_far_apart_have_a_logarithmic_axis():
    assert is_log_axis([spread("0.001", 0.001), spread("0.1", 0.1)])
    assert not is_log_axis([spread("1", 1.0), spread("4", 4.0)])
    assert not is_log_axis([spread("0", 0.0), spread("0.1", 0.1)])
    assert not is_log_axis([spread("SGD", None), spread("Adam", None)])


def test_the_spread_of_a_value_is_its_runs_median_and_range():
    figure = setting_spread_figure(
        [spread("1", 1.0, 0.5, 0.9, 0.6), spread("100", 100.0, failed=3)], "rate", "accuracy"
    )
    runs, medians, lost = figure.data
    assert (runs.x, runs.y) == ((1.0, 1.0, 1.0), (0.5, 0.9, 0.6))
    assert (medians.x, medians.y) == ((1.0,), (0.6,))
    assert medians.error_y.array == pytest.approx((0.3,))
    assert medians.error_y.arrayminus == pytest.approx((0.1,))
    assert (lost.x, lost.customdata) == ((100.0,), (3,))
    assert figure.layout.xaxis.type == "log"


def test_values_that_are_words_stand_side_by_side_in_clear_colours():
    figure = setting_spread_figure([spread("SGD", None, 0.5), spread("Adam", None, 0.9)], "optimizer", "accuracy")
    assert figure.layout.xaxis.ticktext == ("SGD", "Adam")
    assert figure.data[1].mode == "markers"
    assert len(set(figure.data[1].marker.color)) == 2


def test_a_click_tells_the_cell():
    assert [AXES.cell_at(x, y) for x, y in ((0, 0), (2.4, 0.4), (0, 1), (1.6, 1.2))] == [0, 2, 3, 5]
    assert AXES.cell_at(2.6, 0) is None
    assert AXES.cell_at(-0.6, 0) is None
    assert AXES.cell_at(0, 1.6) is None
    lines = PictureLines(5, 3)
    assert lines.lines == 2
    assert [lines.cell_at(x, y) for x, y in ((0, 0), (2, -0.4), (1, 1.2))] == [0, 2, 4]
    assert lines.cell_at(2, 1.2) is None
    assert lines.cell_at(-1, 0) is None


def test_every_cell_of_a_grid_has_an_image_in_its_place():
    texts = [hover_text(f"cell {place}") for place in range(6)]
    figure = boundary_grid_figure(AXES, texts, chosen=5)
    images = figure.layout.images
    assert [(round(image.x + 0.47), round(image.y + 0.47)) for image in images] == [
        (0, 0), (1, 0), (2, 0), (0, 1), (1, 1), (2, 1)]  # fmt: skip
    assert figure.data[0].customdata == (texts[:3], texts[3:])
    (frame,) = figure.layout.shapes
    assert (frame.x0, frame.y0) == (1.5, 0.5)
    assert figure.layout.yaxis.range == (1.5, -0.5)
    feeds = boundary_feeds(6, 3)
    assert [feed.image for feed in feeds.values()] == list(range(6))
    assert {feed.kind for feed in feeds.values()} == {"class_image"}
    assert {feed.kind for feed in boundary_feeds(2, 0).values()} == {"value_image"}


def test_a_heatmap_shows_means_and_leaves_out_what_is_not_known():
    means = np.array([[0.5, np.nan, 0.7], [0.8, 0.9, np.inf]])
    (cells,) = heatmap_figure(AXES, means, [""] * 6, "accuracy").data
    assert cells.z == pytest.approx(np.array([[0.5, np.nan, 0.7], [0.8, 0.9, np.nan]]), nan_ok=True)


def test_pictures_in_lines_have_titles_as_text():
    figure = picture_lines_figure(PictureLines(3, 2), ["<b>a", "b", "c"], ["x"] * 3)
    assert figure.data[0].text == ("&lt;b&gt;a", "b", "c")
    assert len(figure.layout.images) == 3
    assert figure.layout.images[2].y > figure.layout.images[0].y + 1
