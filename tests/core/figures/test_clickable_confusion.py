import numpy as np

from core.figures import clickable_confusion_figure

NAMES = ["a", "<i>", "c"]
COUNTS = np.array([[5, 1, 0], [0, 4, 2], [0, 0, 6]])


def test_every_cell_says_its_rows_and_its_two_classes():
    cells = clickable_confusion_figure(NAMES, COUNTS, (0, 1)).data[0]
    np.testing.assert_array_equal(cells.z, COUNTS)
    assert cells.texttemplate == "%{z:,}"
    assert list(cells.customdata[1][2]) == ["&lt;i&gt;", "c"]


def test_the_chosen_cell_is_framed():
    (frame,) = clickable_confusion_figure(NAMES, COUNTS, (1, 2)).layout.shapes
    assert (frame.x0, frame.x1, frame.y0, frame.y1) == (1.5, 2.5, 0.5, 1.5)
