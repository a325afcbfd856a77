"""Imbalanced classes, a part of the training rows, undersampling and random labels."""

import math
from dataclasses import replace

import numpy as np
import pytest

from core.datasets import make_dataset, prepare, split_dataset
from core.experiment import DataSpec
from tests.core.datasets.small_sets import rows_of


def counts_of(labels) -> list[int]:
    return np.bincount(labels).tolist()


def test_imbalance_thins_classes_out_in_even_ratios():
    split = split_dataset(rows_of([100, 100, 100]), DataSpec("iris", imbalance=0.04, split="all"))
    assert counts_of(split.y_train) == [100, 20, 4]
    assert (np.diff(split.raw_train[:, 0]) > 0).all()  # in their original order


def test_imbalance_leaves_two_rows_of_a_class():
    assert counts_of(split_dataset(rows_of([50, 50]), DataSpec("iris", imbalance=0.01, split="all")).y_train) == [50, 2]


def test_other_seeds_thin_out_other_rows():
    specs = [DataSpec("iris", imbalance=0.2, split="all", seed=seed) for seed in (1, 1, 2)]
    first, same, other = (split_dataset(rows_of([40, 40]), spec).raw_train for spec in specs)
    np.testing.assert_array_equal(first, same)
    assert first.shape == other.shape
    assert (first != other).any()


@pytest.mark.parametrize(("split", "test"), [("stratified", [20, 5]), ("all", [40, 40])])
def test_cutting_balances_the_training_rows_alone(split, test):
    parted = split_dataset(
        rows_of([160, 40] if split == "all" else [100, 25]), DataSpec("iris", balance="cut", split=split)
    )
    assert counts_of(parted.y_train) == ([40, 40] if split == "all" else [20, 20])
    assert counts_of(parted.y_test) == test
    assert (parted.x_test is parted.x_train) == (split == "all")


@pytest.mark.parametrize("split", ["stratified", "ordered"])
def test_a_share_of_the_training_rows_is_the_first_of_every_class_and_the_others_stay(split):
    dataset = make_dataset(DataSpec("iris")) if split == "stratified" else rows_of([100, 40])
    spec = DataSpec("iris", split=split, train_rows=130, validation=0.1, scaling="standard")
    whole = split_dataset(dataset, spec)
    parts = [split_dataset(dataset, replace(spec, train_share=share)) for share in (0.01, 0.1, 0.5)]
    for part, share in zip(parts, (0.01, 0.1, 0.5), strict=True):
        counts = counts_of(whole.y_train)
        assert counts_of(part.y_train) == [math.ceil(share * count) for count in counts]
        for label in range(len(counts)):
            mine, all_of_it = (one.raw_train[one.y_train == label] for one in (part, whole))
            np.testing.assert_array_equal(mine, all_of_it[: len(mine)])
        np.testing.assert_array_equal(part.raw_val, whole.raw_val)
        np.testing.assert_array_equal(part.raw_test, whole.raw_test)
        # Scaling is learned from the rows that are used.
        np.testing.assert_allclose(part.offset, part.raw_train.mean(axis=0), rtol=1e-6)


def test_a_share_of_the_rows_of_a_number_is_the_first_ones():
    whole, part = (prepare(DataSpec("plane", points=100, train_share=share)) for share in (1.0, 0.3))
    np.testing.assert_array_equal(part.raw_train, whole.raw_train[:24])
    np.testing.assert_array_equal(part.raw_test, whole.raw_test)


def test_random_labels_are_of_the_training_rows_alone():
    clean = DataSpec("blobs", points=2000, classes=4, validation=0.25)
    noisy = split_dataset(
        make_dataset(clean), DataSpec("blobs", points=2000, classes=4, validation=0.25, random_labels=0.5)
    )
    split = prepare(clean)
    for name in ("x_train", "y_val", "y_test", "x_test"):
        np.testing.assert_array_equal(getattr(noisy, name), getattr(split, name))
    # Half get a random class, a quarter of those their own one: 37.5 % of 1,200 change.
    changed = noisy.y_train != split.y_train
    assert 0.33 < changed.mean() < 0.42
    assert set(noisy.y_train) == {0, 1, 2, 3}


def test_all_labels_random_and_none():
    assert (prepare(DataSpec("moons", random_labels=0.0)).y_train == prepare(DataSpec("moons")).y_train).all()
    changed = prepare(DataSpec("moons", random_labels=1.0)).y_train != prepare(DataSpec("moons")).y_train
    assert 0.45 < changed.mean() < 0.55
