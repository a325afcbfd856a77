import io

import numpy as np
import pytest
from PIL import Image

from core.figures import Curve, class_picture, curves_frame, gif, plane_frame

BOUNDS = (0.0, 1.0, 0.0, 1.0)


def _pixels(frame):
    return np.asarray(frame.convert("RGB")).astype(int)


def _near(frame, colour):
    """How many pixels have about a colour."""
    wanted = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
    return int(np.sum(np.abs(_pixels(frame) - wanted).max(axis=2) < 8))


def test_a_gif_opens_and_has_its_frames_in_order():
    frames = [
        plane_frame(f"epoch {epoch}", BOUNDS, points=np.array([[epoch / 9, 0.5]]), colours=["#2f7fd3"])
        for epoch in range(10)
    ]
    animation = Image.open(io.BytesIO(gif(frames)))
    assert animation.format == "GIF"
    assert animation.n_frames == 10
    for at, frame in enumerate(frames):
        animation.seek(at)
        assert animation.size == frame.size
        assert np.abs(_pixels(animation) - _pixels(frame)).mean() < 3
    assert animation.info["duration"] == 2000  # it holds its last frame
    assert animation.info["loop"] == 0


def test_a_gif_of_one_epoch_is_a_picture():
    assert (
        Image.open(io.BytesIO(gif([plane_frame("epoch 0", BOUNDS, points=np.empty((0, 2)), colours=[])]))).n_frames == 1
    )


def test_points_stand_where_they_are_over_the_boundary():
    cells = np.zeros((2, 4, 4), np.uint8)
    cells[0, :, 2:], cells[1] = 1, 255  # the second class on the right, with full confidence
    frame = plane_frame("", BOUNDS, points=np.array([[0.25, 0.75]]), colours=["#000000"], picture=class_picture(cells))
    dark = np.argwhere(_pixels(frame).max(axis=2) < 40)
    row, column = dark.mean(axis=0)
    width = frame.width
    assert column == pytest.approx(0.25 * 440 + 8, abs=1)
    assert row == pytest.approx(34 + 0.25 * 440, abs=1)
    left, right = (_pixels(frame)[300, at] for at in (width // 4, 3 * width // 4))
    assert left[2] > left[0]  # blue
    assert right[0] > right[2]  # orange


def test_a_line_is_drawn_over_its_points():
    line = np.column_stack([np.linspace(0, 1, 5), np.full(5, 0.5)])
    frame = plane_frame("", BOUNDS, points=np.empty((0, 2)), colours=[], line=line)
    assert _near(frame, "#d9480f") > 400


@pytest.mark.parametrize("wild", [np.nan, np.inf, 1e30])
def test_nan_and_huge_values_do_not_break_a_frame(wild):
    line = np.array([[0, 0.5], [0.5, wild], [1, 0.5]])
    plane_frame("", BOUNDS, points=np.array([[wild, wild]]), colours=["#000000"], line=line)
    curve = Curve("loss", np.array([1, wild, 2.0]), np.full(3, wild))
    curves_frame("", [curve], 3, predicted=(np.array([1.0, 2.0]), np.array([wild, 1])))


def test_curves_grow_with_the_epochs():
    curve = Curve("loss", np.linspace(1, 0, 50), np.linspace(1, 0.5, 50))
    drawn = [_near(curves_frame("", [curve, curve], epoch), "#d9480f") for epoch in (0, 10, 50)]
    assert drawn[0] == 0
    assert 0 < drawn[1] < drawn[2]


def test_a_cell_of_the_matrix_is_darker_for_a_larger_share_of_its_row():
    def blue(matrix):
        frame = curves_frame("", [], 0, matrix=np.array(matrix))
        return _pixels(frame)[:, :, 0].mean()

    assert blue([[9, 0], [0, 9]]) < blue([[9, 9], [9, 9]])
    assert blue([[0, 0], [0, 0]]) > blue([[9, 0], [0, 9]])


def _left_out(**changes):
    """Where a matrix of two classes is drawn otherwise, as rows and columns of pixels."""
    base = {"matrix": np.array([[7, 0], [0, 7]]), "class_names": ["moon", "sun"]}
    frames = [_pixels(curves_frame("", [], 0, **given)) for given in (base, base | changes)]
    return np.argwhere(np.any(frames[0] != frames[1], axis=2))


def test_names_stand_beside_and_above_the_matrix():
    changed = _left_out(class_names=["moon", "son"])
    rows, columns = changed.T
    beside, above = changed[columns < columns.min() + 30], changed[rows < rows.min() + 30]
    assert len(beside) > 0
    assert len(above) > 0
    assert beside[:, 0].min() > above[:, 0].max()
    assert above[:, 1].min() > beside[:, 1].max()


def test_a_count_stands_in_the_middle_of_its_cell():
    frame = _pixels(curves_frame("", [], 0, matrix=np.array([[0, 1]] * 2), class_names=["a", "b"]))
    framed = np.abs(frame - [195, 202, 214]).max(axis=2) < 4  # the lines between cells
    columns = np.flatnonzero(framed.sum(axis=0) > 200)
    rows = np.flatnonzero(framed.sum(axis=1) > 200)
    cell = frame[rows[0] + 1 : rows[len(rows) // 2], columns[0] + 1 : columns[len(columns) // 2]]
    ink = np.argwhere(cell.max(axis=2) < 128)
    assert ink.mean(axis=0) == pytest.approx(np.array(cell.shape[:2]) / 2, abs=3)


def test_twenty_classes_have_room():
    names = [f"Somebody Longname {place}" for place in range(20)]
    curves_frame("epoch 3", [], 3, matrix=np.eye(20, dtype=np.int32), class_names=names)
