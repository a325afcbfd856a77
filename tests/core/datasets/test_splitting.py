from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.model_selection import train_test_split

from core.datasets import DATASETS, make_dataset, prepare, split_dataset
from core.datasets.data_cache import DATA_CACHE
from core.errors import DataError
from core.experiment import DataSpec
from tests.core.datasets.small_sets import numbers_of, rows_of


def test_all_trains_every_row_and_holds_out_the_same_arrays():
    for name in ("moons", "plane"):
        spec = DataSpec(name, points=50, split="all", validation=0.2)
        split = prepare(spec)
        assert split.all_rows_train
        assert not split.three_parts
        assert split.x_test is split.x_val is split.x_train
        assert split.raw_test is split.raw_val is split.raw_train
        assert split.y_test is split.y_val is split.y_train
        np.testing.assert_array_equal(split.raw_train, make_dataset(spec).features)
        np.testing.assert_array_equal(split.y_train, make_dataset(spec).labels)


def test_ordered_digits_train_on_the_first_thousand():
    split = prepare(DataSpec("digits", split="ordered", train_rows=1000, scaling="none"))
    whole = make_dataset(DataSpec("digits"))
    assert (len(split.x_train), len(split.x_test)) == (1000, 797)
    np.testing.assert_array_equal(np.concatenate([split.x_train, split.x_test]), whole.features)
    np.testing.assert_array_equal(np.concatenate([split.y_train, split.y_test]), whole.labels)
    assert split.image_shape == (8, 8)
    assert not split.all_rows_train


def test_ordered_needs_every_class_among_the_first_rows():
    data = rows_of([20, 5])
    with pytest.raises(DataError, match=r"`train_rows` must be a whole number from 21 to 24.*25 rows.*Received: 20\."):
        split_dataset(data, DataSpec("iris", split="ordered", train_rows=20))
    split = split_dataset(data, DataSpec("iris", split="ordered", train_rows=21))
    assert split.y_train[-1] == 1


def test_ordered_needs_a_row_to_hold_out():
    data = rows_of([1, 24])
    with pytest.raises(DataError, match=r"`train_rows` must be a whole number from 10 to 24.*Received: 25\."):
        split_dataset(data, DataSpec("iris", split="ordered", train_rows=25))
    assert len(split_dataset(data, DataSpec("iris", split="ordered", train_rows=24)).x_test) == 1


def test_stratified_is_train_test_split():
    spec = DataSpec("penguins", split="stratified", test=0.3, scaling="none", seed=4)
    whole, split = make_dataset(spec), prepare(spec)
    raw_train, raw_test, y_train, y_test = train_test_split(
        whole.features, whole.labels, test_size=0.3, stratify=whole.labels, random_state=4
    )
    np.testing.assert_array_equal(split.raw_train, raw_train)
    np.testing.assert_array_equal(split.raw_test, raw_test)
    np.testing.assert_array_equal(split.y_train, y_train)
    np.testing.assert_array_equal(split.y_test, y_test)
    assert split.dropped_rows == 2


def test_in_two_parts_the_test_rows_are_validated_on():
    for split in ("stratified", "ordered"):
        two = prepare(DataSpec("iris", split=split))
        assert not two.three_parts
        assert two.x_val is two.x_test
        assert two.raw_val is two.raw_test
        assert two.y_val is two.y_test


@pytest.mark.parametrize("name", ["penguins", "diabetes"])
def test_validation_rows_come_out_of_the_training_rows_by_a_second_split(name):
    spec = DataSpec(name, test=0.3, validation=0.25, scaling="none", seed=4)
    whole, split = make_dataset(spec), prepare(spec)
    options = {"random_state": 4}

    def strata(labels):
        return labels if name == "penguins" else None

    raw_train, raw_test, y_train, y_test = train_test_split(
        whole.features, whole.labels, test_size=0.3, stratify=strata(whole.labels), **options
    )
    raw_train, raw_val, y_train, y_val = train_test_split(
        raw_train, y_train, test_size=0.25, stratify=strata(y_train), **options
    )
    assert split.three_parts
    for found, expected in (
        (split.raw_train, raw_train),
        (split.raw_val, raw_val),
        (split.raw_test, raw_test),
        (split.y_train, y_train),
        (split.y_val, y_val),
        (split.y_test, y_test),
    ):
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("name", ["digits", "diabetes"])
def test_ordered_validates_on_the_last_training_rows(name):
    spec = DataSpec(name, split="ordered", train_rows=301, validation=0.1, scaling="none")
    whole, split = make_dataset(spec), prepare(spec)
    assert split.three_parts
    assert (len(split.x_train), len(split.x_val)) == (270, 31)  # a tenth, rounded up as scikit-learn does
    for parts, all_rows in (
        ((split.x_train, split.x_val, split.x_test), whole.features),
        ((split.y_train, split.y_val, split.y_test), whole.labels),
    ):
        np.testing.assert_array_equal(np.concatenate(parts), all_rows)


def test_ordered_validation_leaves_every_class_to_train():
    data = rows_of([15, 10])
    with pytest.raises(DataError) as caught:
        split_dataset(data, DataSpec("iris", split="ordered", train_rows=20, validation=0.25))
    assert str(caught.value) == (
        "`validation` must leave at least the first 16 of the 20 training rows for training, so that they have "
        "every class. Move `validation` towards 0 or use more `train_rows`. Received: 0.25, which leaves 15."
    )
    split = split_dataset(data, DataSpec("iris", split="ordered", train_rows=20, validation=0.2))
    assert split.y_train.tolist() == [0] * 15 + [1]


def test_stratified_validation_says_what_to_change_if_a_class_is_too_small():
    for counts, validation, remedy in (
        # One of the two rows of class 1 is left for training, and one row cannot be split.
        ([20, 2], 0.5, "class 1 has 1 of 11 rows. Use more rows of it."),
        ([6] * 8, 0.05, "class 0 has 3 of 24 rows. Move `validation` towards 0.5 or use more rows."),
        ([196, 4], 0.1, "class 1 has 2 of 100 rows. Move `validation` towards 0.5 or use more rows."),
    ):
        with pytest.raises(DataError) as caught:
            split_dataset(rows_of(counts), DataSpec("iris", test=0.5, validation=validation))
        assert str(caught.value).startswith(
            "`validation` must leave at least one row of every class to train on and one to validate on"
        )
        assert remedy in str(caught.value)
        assert str(caught.value).endswith(f"Received: {validation}.")


def test_ordered_numbers_need_a_row_to_hold_out_and_no_class():
    data = numbers_of(np.arange(25)[:, None], np.arange(25))
    message = r"from 10 to 24, so that some of the 25 rows are left to hold out\. Received: 25\."
    with pytest.raises(DataError, match=message):
        split_dataset(data, DataSpec("curve", split="ordered", train_rows=25))
    split = split_dataset(data, DataSpec("curve", split="ordered", train_rows=24, validation=0.5))
    assert [len(part) for part in (split.y_train, split.y_val, split.y_test)] == [12, 12, 1]


@given(points=st.integers(20, 60), test=st.floats(0.05, 0.9), validation=st.floats(0.0, 0.5))
@settings(max_examples=60, deadline=None)
def test_numbers_can_be_split_into_any_shares(points, test, validation):
    split = prepare(DataSpec("curve", points=points, test=test, validation=validation))
    parts = [split.y_train, split.y_test, *([split.y_val] if split.three_parts else [])]
    assert all(len(part) > 0 for part in parts)
    assert sum(map(len, parts)) == points


@given(counts=st.lists(st.integers(10, 60), min_size=2, max_size=5), test=st.floats(0.2, 0.8))
@settings(max_examples=30, deadline=None)
def test_stratified_keeps_class_shares_and_every_row(counts, test):
    split = split_dataset(rows_of(counts), DataSpec("iris", test=test, scaling="none"))
    held_out = np.bincount(split.y_test, minlength=len(counts))
    np.testing.assert_allclose(held_out, np.array(counts) * len(split.y_test) / sum(counts), atol=1)
    rows = np.concatenate([split.raw_train, split.raw_test])[:, 0]
    np.testing.assert_array_equal(np.sort(rows), np.arange(sum(counts)))


def test_another_data_seed_gives_another_split():
    first, second = (prepare(DataSpec("iris", seed=seed)) for seed in (0, 1))
    assert not np.array_equal(first.raw_test, second.raw_test)


def test_stratified_says_what_to_change_if_a_class_is_too_small():
    for counts, test, remedy in (
        ([19, 1], 0.5, "class 1 has 1 of 20 rows. Use more rows of it."),
        ([20, 0], 0.5, "class 1 has 0 of 20 rows. Use more rows of it."),
        ([3] * 8, 0.05, "class 0 has 3 of 24 rows. Move `test` towards 0.5 or use more rows."),
        ([3] * 8, 0.9, "class 0 has 3 of 24 rows. Move `test` towards 0.5 or use more rows."),
        # Here train_test_split raises nothing and holds out no row of class 1.
        ([98, 2], 0.1, "class 1 has 2 of 100 rows. Move `test` towards 0.5 or use more rows."),
    ):
        with pytest.raises(DataError) as caught:
            split_dataset(rows_of(counts), DataSpec("iris", test=test))
        assert str(caught.value).startswith("`test` must leave at least one row of every class")
        assert remedy in str(caught.value)
        assert str(caught.value).endswith(f"Received: {test}.")


@given(counts=st.lists(st.integers(2, 12), min_size=2, max_size=8))
@settings(max_examples=60, deadline=None)
def test_half_held_out_is_always_a_remedy(counts):
    split = split_dataset(rows_of(counts), DataSpec("iris", test=0.5))
    assert set(split.y_train) == set(split.y_test) == set(range(len(counts)))


def test_a_data_set_is_prepared_once_however_many_ask_at_once(monkeypatch):
    made = []
    all_ask = Barrier(8, timeout=60)

    def wine(spec):
        made.append(spec)
        return rows_of([20, 20, 20])

    def ask(_):
        all_ask.wait()
        return prepare(DataSpec("wine", seed=3))

    monkeypatch.setitem(DATASETS, "wine", wine)
    DATA_CACHE.clear()
    with ThreadPoolExecutor(8) as pool:
        splits = list(pool.map(ask, range(8)))
    DATA_CACHE.clear()
    assert made == [DataSpec("wine", seed=3)]
    assert all(split is splits[0] for split in splits)
