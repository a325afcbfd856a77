import numpy as np

from core.figures import cells_figure

NAMES = ["a", "<i>", "c"]
COUNTS = np.array([[5, 1, 0], [0, 4, 2], [0, 0, 6]])


def test_every_cell_has_a_marker_that_cannot_be_seen():
    markers = cells_figure(NAMES, COUNTS, (0, 1)).data[2]
    assert list(zip(markers.y, markers.x, strict=True)) == [(true, said) for true in range(3) for said in range(3)]
    assert list(markers.text) == COUNTS.ravel().tolist()
    assert [list(pair) for pair in markers.customdata][5] == ["&lt;i&gt;", "c"]
    shown = (markers.marker.opacity, markers.selected.marker.opacity, markers.unselected.marker.opacity)
    assert shown == (0, 0, 0)


def test_the_chosen_cell_is_framed():
    (frame,) = cells_figure(NAMES, COUNTS, (1, 2)).layout.shapes
    assert (frame.x0, frame.x1, frame.y0, frame.y1) == (1.5, 2.5, 0.5, 1.5)


def test_every_cell_says_its_count_and_zero_is_one_too():
    written = cells_figure(NAMES, np.array([[1234, 1, 0], [0, 4, 2], [0, 0, 6]]), (0, 1)).data[3]
    assert list(written.text) == ["1,234", "1", "0", "0", "4", "2", "0", "0", "6"]
