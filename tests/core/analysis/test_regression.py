"""The curve over one feature, the surface over two, and how values become bytes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy

from core.analysis.regression import (
    LINE_POINTS,
    line_inputs,
    line_range,
    line_values,
    paint_values,
    shown_rows,
    value_range,
)
from core.datasets import Dataset, Split, prepare, split_dataset
from core.experiment import DataSpec


def split_of(x, y=None, **spec) -> Split:
    x = np.array(x, np.float32)
    y = x if y is None else np.array(y, np.float32)
    dataset = Dataset(x[:, None], y, feature_names=("x",), class_names=(), target_name="y")
    return split_dataset(dataset, DataSpec("curve", **({"split": "all"} | spec)))


def test_the_line_goes_over_all_rows_with_a_margin():
    assert line_range(split_of([0, 100, 50])) == pytest.approx((-4, 104))


def test_a_feature_that_never_changes_still_has_a_line():
    assert line_range(split_of([7, 7, 7])) == (6, 8)


def test_a_large_number_that_never_changes_still_has_a_line_and_a_range():
    split = split_of([1e12] * 10, [1e20] * 10)
    assert (np.diff(line_values(split)) > 0).all()
    low, high = value_range(split)
    assert low < split.y_train[0] < high


def test_the_line_goes_over_validation_and_test_rows_too():
    rows = [*range(10, 20), 0, 100]  # the first ten train, of which the last is the one to validate on
    split = split_of([*rows[:9], 200, *rows[10:]], split="ordered", train_rows=10, validation=0.1)
    assert split.raw_val.tolist() == [[200]]
    assert line_range(split) == pytest.approx((-8, 208))


def test_the_line_is_asked_at_even_steps_from_end_to_end():
    split = split_of([0, 100, 50])
    values = line_values(split)
    assert values.dtype == np.float32
    assert values.shape == (LINE_POINTS,)
    assert (values[0], values[-1]) == pytest.approx(line_range(split))
    np.testing.assert_allclose(np.diff(values), 108 / (LINE_POINTS - 1), rtol=1e-3)


@pytest.mark.parametrize("scaling", ["none", "standard", "minmax"])
def test_inputs_are_scaled_as_the_rows_are(scaling):
    split = split_of([0, 100, 50], scaling=scaling)
    inputs = line_inputs(split)
    assert inputs.dtype == np.float32
    assert inputs.shape == (LINE_POINTS, 1)
    between = np.interp(split.raw_train[:, 0], line_values(split), inputs[:, 0])
    np.testing.assert_allclose(between, split.x_train[:, 0], rtol=1e-6, atol=1e-6)


def test_the_range_of_values_is_that_of_the_training_rows():
    split = split_of(range(12), [*range(10), 50, -50], split="ordered", train_rows=10)
    assert value_range(split) == (0, 9)
    assert value_range(split_of([1, 2], [3, 3])) == (2, 4)


def test_values_are_painted_from_low_to_high_and_clipped():
    cells = paint_values(np.array([-1.0, 3.0, 0.0, 1.0, -9.0, 9.0, np.inf, -np.inf, np.nan]), -1, 3)
    assert cells.dtype == np.uint8
    # A quarter of 255 is 63.75, a half 127.5, which rounds to the even 128.
    assert cells.tolist() == [[0, 255, 64], [128, 0, 255], [255, 0, 127]]


@given(
    st_numpy.arrays(np.float32, st.sampled_from([1, 4, 25]), elements=st.floats(width=32)),
    st.floats(-1e6, 1e6),
    st.floats(1e-3, 1e6),
)
@settings(max_examples=50)
def test_the_bytes_give_the_values_back(values, low, width):
    cells = paint_values(values, low, low + width).ravel() / 255 * width + low
    known = ~np.isnan(values)
    np.testing.assert_allclose(cells[known], np.clip(values[known], low, low + width), atol=0.51 * width / 255)


def test_few_rows_are_all_shown_and_of_many_always_the_same():
    assert shown_rows(5, 10).tolist() == [0, 1, 2, 3, 4]
    shown = shown_rows(100, 10)
    assert len(set(shown)) == 10
    assert shown.tolist() == sorted(shown) == shown_rows(100, 10).tolist()
    assert set(shown) <= set(range(100))
    assert len(shown_rows(3000)) == 500


def test_rows_that_are_shown_are_spread():
    thirds = np.histogram(shown_rows(9000), bins=3, range=(0, 9000))[0]
    np.testing.assert_allclose(thirds, 500 / 3, rtol=0.2)


def test_the_line_of_the_noisy_curve_holds_every_point():
    split = prepare(DataSpec("curve", validation=0.2))
    low, high = line_range(split)
    for rows in (split.raw_train, split.raw_val, split.raw_test):
        assert (rows > low).all()
        assert (rows < high).all()
