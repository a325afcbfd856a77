"""The grid that a decision boundary is asked over, and how the answers become bytes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy
from sklearn.decomposition import PCA

from core.analysis.axes import Axes
from core.analysis.decision import (
    RESOLUTION,
    Plane,
    axis_names,
    components_of,
    grid_inputs,
    has_plane,
    paint,
    plane_of,
    points_on_plane,
)
from core.datasets import Dataset, Split, prepare, split_dataset
from core.experiment import DataSpec


def split_of(features: list[list[float]], **spec) -> Split:
    dataset = Dataset(
        np.array(features, np.float32),
        np.arange(len(features)) % 2,
        feature_names=tuple(f"f{column}" for column in range(len(features[0]))),
        class_names=("no", "yes"),
    )
    return split_dataset(dataset, DataSpec("iris", **({"split": "all", "scaling": "none"} | spec)))


@pytest.fixture
def small() -> Split:
    """Column 0 goes from 0 to 100, column 1 stays at 7, column 2 goes from -1 to 1 with median 0.5."""
    return split_of([[0, 7, -1], [100, 7, 1], [20, 7, 0.5], [30, 7, 0.5]])


def test_the_plane_holds_every_row_with_a_margin(small):
    plane = plane_of(small, Axes(2, 0))
    assert plane.axes == Axes(2, 0)
    assert plane.low == pytest.approx((-1.16, -8))
    assert plane.high == pytest.approx((1.16, 108))


def test_similar_ranges_of_one_unit_are_drawn_on_one_scale():
    split = split_of([[0, 10, 0], [100, 60, 9]])
    plane = plane_of(split, Axes(0, 1))
    assert plane.low == pytest.approx((-8, -23))  # 58 long about 35 becomes 116
    assert plane.high == pytest.approx((108, 93))
    assert plane_of(split, Axes(1, 0)).bounds == pytest.approx((-23, 93, -8, 108))


def test_ranges_that_differ_much_keep_their_own_scales():
    plane = plane_of(split_of([[0, 10], [100, 59]]), Axes(0, 1))
    assert plane.bounds == pytest.approx((-8, 108, 6.08, 62.92))


@pytest.mark.parametrize(("units", "one"), [(("cm", "CM"), True), (("cm", "kg"), False), (("cm", ""), False)])
def test_ranges_of_different_units_keep_their_own_scales(units, one):
    features = np.array([[0, 10], [100, 60]], np.float32)
    names = tuple(f"size ({unit})" if unit else "size" for unit in units)
    dataset = Dataset(features, np.array([0, 1]), feature_names=names, class_names=("no", "yes"))
    plane = plane_of(split_dataset(dataset, DataSpec("iris", split="all", scaling="none")), Axes(0, 1))
    assert (plane.bounds == pytest.approx((-8, 108, -23, 93))) is one
    assert (plane.bounds == pytest.approx((-8, 108, 6, 64))) is not one


def test_a_feature_that_never_changes_still_spans_a_plane(small):
    plane = plane_of(small, Axes(0, 1))
    assert (plane.low[1], plane.high[1]) == (6, 8)


@pytest.mark.parametrize("value", [20_240_101_000.0, -1e25])
def test_a_large_number_that_never_changes_spans_one_too(value):
    split = split_of([[value, row] for row in range(10)])
    plane = plane_of(split, Axes())
    assert plane.low[0] < np.float32(value) < plane.high[0]
    assert len(np.unique(grid_inputs(split, plane, 9)[:, 0])) == 9


def test_validation_and_test_rows_are_on_the_plane_too():
    split = prepare(DataSpec("moons", points=200, test=0.5, validation=0.5, scaling="standard"))
    plane = plane_of(split, Axes(0, 1))
    for rows in (split.raw_train, split.raw_val, split.raw_test):
        assert (rows > plane.low).all()
        assert (rows < plane.high).all()


def test_cells_go_row_by_row_from_the_top_left_and_are_asked_at_their_middle(small):
    inputs = grid_inputs(small, Plane(Axes(0, 2), low=(0, -1), high=(20, 1)), resolution=2)
    assert inputs.dtype == np.float32
    # The column that is off the plane is held at its median.
    np.testing.assert_allclose(inputs, [[5, 7, 0.5], [15, 7, 0.5], [5, 7, -0.5], [15, 7, -0.5]])


def test_of_a_single_feature_the_rows_are_spread_out_upwards_and_the_plane_changes_across_alone():
    split = split_of([[0], [10], [10], [4]])
    assert has_plane(split)
    points = points_on_plane(split, split.raw_train, Axes())
    np.testing.assert_array_equal(points[:, 0], [0, 10, 10, 4])
    assert len(set(points[:, 1])) == 4
    assert 0 <= points[:, 1].min() <= points[:, 1].max() < 1
    plane = plane_of(split, Axes(0, 1))
    assert (plane.low[0], plane.high[0]) == pytest.approx((-0.8, 10.8))
    inputs = grid_inputs(split, plane, resolution=4).reshape(4, 4)
    assert (inputs == inputs[0]).all()
    assert (np.diff(inputs[0]) > 0).all()


def test_a_number_over_a_single_feature_has_no_plane():
    assert not has_plane(prepare(DataSpec("curve")))
    assert has_plane(prepare(DataSpec("hills")))


def test_other_features_stand_as_in_a_row(small):
    inputs = grid_inputs(small, Plane(Axes(0, 1, row=1), low=(0, 6), high=(10, 8)), resolution=1)
    np.testing.assert_allclose(inputs, [[5, 7, 1]])


def test_components_are_those_of_the_training_rows():
    split = prepare(DataSpec("wine"))
    oracle = PCA(2).fit(split.x_train.astype(np.float64))
    points = points_on_plane(split, split.raw_test, Axes(components=True))
    expected = oracle.transform(split.x_test.astype(np.float64))
    np.testing.assert_allclose(np.abs(points), np.abs(expected), atol=1e-3)
    assert axis_names(split, Axes(components=True)) == (
        f"component 1 ({oracle.explained_variance_ratio_[0]:.0%} of the variance)",
        f"component 2 ({oracle.explained_variance_ratio_[1]:.0%})",
    )


def test_cells_of_components_lie_on_their_plane_where_the_points_are():
    split = prepare(DataSpec("wine"))
    axes = Axes(components=True)
    plane = plane_of(split, axes)
    inputs = grid_inputs(split, plane, resolution=5)
    assert inputs.dtype == np.float32
    found = components_of(split)
    across, up = ((inputs - found.centre) @ found.directions.T).T.reshape(2, 5, 5)
    steps = (np.arange(5) + 0.5) / 5
    np.testing.assert_allclose(
        across, np.tile(plane.low[0] + steps * (plane.high[0] - plane.low[0]), (5, 1)), atol=1e-4
    )
    np.testing.assert_allclose(up[:, 0], plane.high[1] - steps * (plane.high[1] - plane.low[1]), atol=1e-4)
    off_plane = inputs - found.centre - np.column_stack([across.ravel(), up.ravel()]) @ found.directions
    np.testing.assert_allclose(off_plane, 0, atol=1e-4)


def test_rows_that_are_all_alike_have_components_too():
    split = split_of([[1, 2, 3]] * 4)
    assert np.isfinite(points_on_plane(split, split.raw_train, Axes(components=True))).all()
    assert np.isfinite(grid_inputs(split, plane_of(split, Axes(components=True)))).all()


def test_axes_can_be_any_two_columns_in_any_order(small):
    inputs = grid_inputs(small, Plane(Axes(2, 1), low=(0, 0), high=(2, 4)), resolution=2)
    np.testing.assert_allclose(inputs, [[25, 3, 0.5], [25, 3, 1.5], [25, 1, 0.5], [25, 1, 1.5]])


@pytest.mark.parametrize("scaling", ["standard", "minmax"])
def test_inputs_are_scaled_as_the_rows_are(scaling):
    split = split_of([[0, 10, 0], [8, 30, 4], [4, 20, 1], [4, 20, 3]], scaling=scaling)
    (inputs,) = grid_inputs(split, Plane(Axes(0, 1), low=(0, 10), high=(8, 30)), resolution=1)
    # The one cell's middle is the middle of both columns, and the median of the third is its middle.
    np.testing.assert_allclose(inputs, 0 if scaling == "standard" else 0.5, atol=1e-6)


def test_the_usual_grid_covers_the_plane_evenly():
    split = prepare(DataSpec("moons", points=100))
    plane = plane_of(split, Axes(0, 1))
    grid = grid_inputs(split, plane).reshape(RESOLUTION, RESOLUTION, 2)
    width, height = (high - low for low, high in zip(plane.low, plane.high, strict=True))
    np.testing.assert_allclose(np.diff(grid[:, :, 0], axis=1), width / RESOLUTION, rtol=1e-3)
    np.testing.assert_allclose(np.diff(grid[:, :, 1], axis=0), -height / RESOLUTION, rtol=1e-3)
    np.testing.assert_allclose(grid[0, 0], (plane.low[0] + width / 140, plane.high[1] - height / 140), rtol=1e-4)


def test_cells_are_painted_with_class_and_stretched_confidence():
    probabilities = np.array([[1, 0, 0], [1 / 3, 1 / 3, 1 / 3], [0.1, 0.2, 0.7], [0, 0.6, 0.4]])
    cells = paint(probabilities)
    assert cells.dtype == np.uint8
    assert cells[0].tolist() == [[0, 0], [2, 1]]
    assert cells[1].tolist() == [[255, 0], [140, 102]]  # (0.7 - 1/3) / (2/3) of 255, and 0.4 of it


def test_what_is_no_number_is_painted_without_confidence():
    cells = paint(np.array([[np.nan, np.nan], [0.0, 1.0], [1.0, 0.0], [0.5, 0.5]]))
    assert cells.tolist() == [[[0, 1], [0, 0]], [[0, 255], [255, 0]]]


@given(
    st_numpy.arrays(
        np.float32, st.tuples(st.sampled_from([1, 4, 25]), st.integers(2, 8)), elements=st.floats(0, 1, width=32)
    )
)
@settings(max_examples=30)
def test_any_probabilities_are_painted(weights):
    weights += 0.01
    probabilities = weights / weights.sum(axis=1, keepdims=True)
    classes, confidence = paint(probabilities)
    winners = probabilities.argmax(axis=1)
    np.testing.assert_array_equal(classes.ravel(), winners)
    # The bytes give the winner's probability back, to half a step of 255.
    guess = 1 / probabilities.shape[1]
    np.testing.assert_allclose(guess + confidence.ravel() / 255 * (1 - guess), probabilities.max(axis=1), atol=0.0021)
