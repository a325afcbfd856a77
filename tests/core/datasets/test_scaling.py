"""Scaling learned from the training rows, and inputs derived from points."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.datasets import Dataset, make_dataset, prepare, split_dataset
from core.experiment import DataSpec
from tests.core.datasets.small_sets import dataset_of, numbers_of


@pytest.fixture
def far_rows_held_out() -> Dataset:
    """Ten training rows, then two far away; the second column is constant in the first ten."""
    features = [[value, 7.0] for value in range(10)] + [[1000.0, 8.0], [-1000.0, 6.0]]
    return dataset_of(features, [0, 1] * 6)


@pytest.mark.parametrize(
    ("scaling", "offset", "factor", "held_out"),
    [
        ("none", [0, 0], [1, 1], [[1000, 8], [-1000, 6]]),
        # Of 0..9 the mean is 4.5 and the variance (10² - 1) / 12 = 8.25.
        ("standard", [4.5, 7], [8.25**-0.5, 1], [[995.5 * 8.25**-0.5, 1], [-1004.5 * 8.25**-0.5, -1]]),
        ("minmax", [0, 7], [1 / 9, 1], [[1000 / 9, 1], [-1000 / 9, -1]]),
    ],
)
def test_scaling_is_learned_from_training_rows_only(far_rows_held_out, scaling, offset, factor, held_out):
    split = split_dataset(far_rows_held_out, DataSpec("iris", split="ordered", train_rows=10, scaling=scaling))
    np.testing.assert_allclose(split.offset, offset, rtol=1e-6)
    np.testing.assert_allclose(split.factor, factor, rtol=1e-6)
    np.testing.assert_allclose(split.x_test, held_out, rtol=1e-6)
    np.testing.assert_array_equal(split.raw_test, far_rows_held_out.features[10:])


def test_validation_rows_do_not_take_part_in_scaling(far_rows_held_out):
    far = far_rows_held_out.features[[*range(9), 10, 9, 11]]  # the last of the first ten is far away
    data = dataset_of(far, [0, 1] * 6)
    spec = DataSpec("iris", split="ordered", train_rows=10, validation=0.1, scaling="minmax")
    split = split_dataset(data, spec)
    np.testing.assert_allclose(split.factor, [1 / 8, 1])
    np.testing.assert_allclose(split.x_val, [[125, 1]])


@pytest.mark.parametrize(
    ("scaling", "offset", "factor"),
    # The mean of 10, 20 … 100 is 55 and the variance 825. The last two rows test, and the one before validates.
    [("none", 0, 1), ("standard", 55, 825**-0.5), ("minmax", 10, 1 / 90)],
)
def test_a_numeric_target_is_scaled_by_the_training_rows(scaling, offset, factor):
    target = [*range(10, 110, 10), 7000, 500, -500]
    spec = DataSpec("curve", split="ordered", train_rows=11, validation=0.09, scaling=scaling)
    split = split_dataset(numbers_of(np.arange(13)[:, None], target), spec)
    assert (split.target_offset, split.target_factor) == pytest.approx((offset, factor))
    assert split.y_val.tolist() == [7000]  # in the target's own units
    assert split.y_test.tolist() == [500, -500]
    scaled = split.scale_target(split.y_train)
    assert scaled.dtype == np.float32
    np.testing.assert_allclose(scaled, (split.y_train - offset) * factor, rtol=1e-5, atol=1e-5)
    back = split.unscale_target(scaled.astype(np.float64)[:, None])
    assert back.dtype == np.float32
    np.testing.assert_allclose(back[:, 0], split.y_train, rtol=1e-5)


def test_a_constant_target_is_scaled_to_0():
    for scaling in ("standard", "minmax"):
        split = split_dataset(numbers_of(np.arange(20)[:, None], [7] * 20), DataSpec("curve", scaling=scaling))
        assert not split.scale_target(split.y_train).any()
        np.testing.assert_array_equal(split.unscale_target(np.zeros(3)), 7)


def test_classes_are_not_scaled():
    split = prepare(DataSpec("iris", scaling="standard"))
    assert (split.target_offset, split.target_factor) == (0, 1)


def test_standard_training_rows_have_mean_0_and_deviation_1():
    split = prepare(DataSpec("cancer", scaling="standard"))
    np.testing.assert_allclose(split.x_train.mean(axis=0, dtype=np.float64), 0, atol=1e-5)
    np.testing.assert_allclose(split.x_train.std(axis=0, dtype=np.float64), 1, atol=1e-5)


def test_minmax_training_rows_fill_0_to_1():
    split = prepare(DataSpec("wine", scaling="minmax"))
    np.testing.assert_allclose(split.x_train.min(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(split.x_train.max(axis=0), 1, atol=1e-6)


@given(
    features=arrays(np.float32, (12, 3), elements=st.floats(-1e6, 1e6, width=32)),
    constant=st.floats(-1e6, 1e6, width=32),
    scaling=st.sampled_from(["none", "standard", "minmax"]),
)
@settings(max_examples=60, deadline=None)
def test_scaled_values_are_finite_and_follow_from_offset_and_factor(features, constant, scaling):
    features[:, 1] = constant
    split = split_dataset(dataset_of(features, [0, 1] * 6), DataSpec("iris", test=0.25, scaling=scaling))
    for raw, scaled in ((split.raw_train, split.x_train), (split.raw_test, split.x_test)):
        assert scaled.dtype == np.float32
        assert np.isfinite(scaled).all()
        np.testing.assert_array_equal(scaled, (raw - split.offset) * split.factor)
        np.testing.assert_array_equal(scaled, split.to_inputs(raw))
    if scaling != "none":
        np.testing.assert_array_equal(split.x_train[:, 1], 0)


def test_a_width_so_small_that_held_out_rows_would_be_infinite_counts_as_none():
    tiny = float(np.finfo(np.float32).tiny)
    features = np.full((12, 1), tiny, np.float32)
    features[0], features[10] = 0, 2
    data = DataSpec("iris", split="ordered", train_rows=10, scaling="standard")
    split = split_dataset(dataset_of(features, [0, 1] * 6), data)
    assert split.factor[0] == 1
    np.testing.assert_allclose(split.x_test, [[2], [0]], atol=1e-30)
    inside = split_dataset(dataset_of(features[:10].repeat(2, axis=0), [0, 1] * 10), data)
    np.testing.assert_allclose(np.unique(inside.x_train), [-2, 0.5], rtol=1e-5)  # a fifth of the rows


def test_scale_takes_new_rows_of_any_float_type():
    split = prepare(DataSpec("iris", split="ordered", scaling="minmax"))
    scaled = split.to_inputs(make_dataset(DataSpec("iris")).features[:5].astype(np.float64))
    assert scaled.dtype == np.float32
    np.testing.assert_array_equal(scaled, split.x_train[:5])


def test_inputs_are_derived_from_the_points_and_scaled_by_the_training_rows():
    names = ("x1", "x1x1", "x2x2", "x1x2", "sinx1", "sinx2")
    split = prepare(DataSpec("moons", points=100, inputs=names, scaling="standard"))
    assert split.input_names == names
    assert (split.inputs, split.features, split.feature_names) == (6, 2, ("x1", "x2"))

    def inputs_of(raw):
        x1, x2 = raw.T
        return np.column_stack([x1, x1**2, x2**2, x1 * x2, np.sin(x1), np.sin(x2)])

    train = inputs_of(split.raw_train)
    wanted = (inputs_of(split.raw_test) - train.mean(axis=0)) / train.std(axis=0)
    np.testing.assert_allclose(split.x_test, wanted, rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(split.to_inputs(split.raw_test), split.x_test)


def test_points_are_their_own_inputs():
    split = prepare(DataSpec("moons", points=100))
    assert split.input_names == split.feature_names == ("x1", "x2")
    np.testing.assert_array_equal(split.x_train, split.raw_train)
