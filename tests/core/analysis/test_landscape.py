import numpy as np
import pytest

from core.analysis.landscape import CELLS, grid_axes, grid_places, path_plane


def test_a_path_in_a_plane_is_found_again_from_the_plane():
    random = np.random.default_rng(0)
    corner, sides = random.normal(size=6), random.normal(size=(2, 6))
    weights = (corner + random.normal(size=(8, 2)) @ sides).astype(np.float32)
    plane = path_plane(weights)
    assert plane is not None
    np.testing.assert_allclose(plane.origin + plane.path @ plane.directions, weights, atol=1e-5)
    np.testing.assert_allclose(plane.directions @ plane.directions.T, np.eye(2), atol=1e-6)
    assert sum(plane.shares) == pytest.approx(1)
    assert plane.path[-1].tolist() == [0, 0]


def test_the_first_direction_is_the_one_of_most_change():
    weights = np.array([[0, 0, 5], [10, 1, 5], [20, 0, 5]], np.float32)
    plane = path_plane(weights)
    assert plane is not None
    np.testing.assert_allclose(np.abs(plane.directions[0]), [1, 0, 0], atol=1e-6)
    np.testing.assert_allclose(np.ptp(plane.path, axis=0), [20, 1], atol=1e-4)


def test_weights_that_stand_still_or_are_too_few_say_no_plane():
    assert path_plane(np.ones((5, 4), np.float32)) is None
    assert path_plane(np.eye(2, 4, dtype=np.float32)) is None


def test_the_grid_goes_beyond_the_path_on_every_side():
    across, up = grid_axes(np.array([[0.0, 0.0], [4.0, 2.0]]))
    assert len(across) == len(up) == CELLS
    np.testing.assert_allclose([across[0], across[-1], up[0], up[-1]], [-1, 5, -0.5, 2.5])


def test_a_straight_path_has_a_grid_of_some_height():
    _, up = grid_axes(np.array([[0.0, 0.0], [10.0, 0.0]]))
    assert np.ptp(up) == pytest.approx(1.5)


def test_places_go_row_by_row():
    assert grid_places(np.array([1.0, 2.0]), np.array([5.0, 6.0])).tolist() == [[1, 5], [2, 5], [1, 6], [2, 6]]
