import numpy as np
import pytest

from core.analysis.landscape import Landscape
from core.figures import is_wide, landscape_figure

ACROSS, UP = np.linspace(-1, 1, 3), np.linspace(0, 4, 2)
PATH = np.array([[-1.0, 3.0], [0.5, 1.0], [0.0, 0.0]])


def _drawn(losses, path=PATH, epochs=(0, 5, 10), path_losses=(3.0, 2.0, 1.0)):
    return landscape_figure(
        Landscape(
            epochs=epochs,
            path=path,
            path_losses=np.array(path_losses),
            shares=(0.9, 0.07),
            across=ACROSS,
            up=UP,
            losses=losses,
            rows=100,
        )
    )


def test_the_path_lies_on_the_heights_with_its_epochs():
    losses = np.arange(1.0, 7).reshape(2, 3)
    drawn = _drawn(losses)
    ground, path = drawn.data
    np.testing.assert_array_equal(ground.z, losses)
    assert (list(ground.x), list(ground.y)) == (ACROSS.tolist(), UP.tolist())
    assert list(path.x) == [-1, 0.5, 0]
    assert [(note.x, note.y, note.text) for note in drawn.layout.annotations] == [
        (-1, 3, "0"),
        (0.5, 1, "5"),
        (0, 0, "10"),
    ]
    assert path.customdata.tolist() == [[0, 3], [5, 2], [10, 1]]
    assert path.marker.symbol[-1] == "star"
    assert "90%" in drawn.layout.xaxis.title.text


def test_a_wide_range_is_coloured_by_powers_of_ten():
    losses = np.array([[0.001, 0.1, 1], [10, 100, np.nan]])
    assert is_wide(losses)
    ground = _drawn(losses).data[0]
    np.testing.assert_allclose(ground.z[0], [-3, -1, 0])
    assert ground.colorbar.ticktext[:2] == ("0.001", "0.01")
    np.testing.assert_array_equal(ground.customdata, losses)


@pytest.mark.parametrize("losses", [[[1, 2, 3], [4, 5, 6]], [[-1, 0, 1000], [1, 1, 1]], [[np.nan] * 3] * 2])
def test_any_other_range_keeps_its_numbers(losses):
    losses = np.array(losses, float)
    assert not is_wide(losses)
    np.testing.assert_array_equal(_drawn(losses).data[0].z, losses)


def test_a_long_path_labels_some_of_its_epochs():
    drawn = _drawn(np.ones((2, 3)), np.zeros((60, 2)), tuple(range(60)), np.ones(60))
    named = [note.text for note in drawn.layout.annotations]
    assert len(named) == 6
    assert (named[0], named[-1]) == ("0", "59")
