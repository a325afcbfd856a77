import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.model_selection import train_test_split

from core.datasets import Dataset, make_dataset, prepare, split_dataset
from core.errors import DataError
from core.experiment import DataSpec


def dataset_of(features, labels, classes=2) -> Dataset:
    features = np.asarray(features, np.float32)
    return Dataset(
        features,
        np.asarray(labels, np.int64),
        tuple(f"x{column}" for column in range(features.shape[1])),
        tuple(f"class {label}" for label in range(classes)),
    )


def numbers_of(features, target) -> Dataset:
    features = np.asarray(features, np.float32)
    return Dataset(
        features,
        np.asarray(target, np.float32),
        tuple(f"x{column}" for column in range(features.shape[1])),
        class_names=(),
        target_name="y",
    )


def rows_of(counts) -> Dataset:
    """A data set with so many rows of every class, in the order of the classes."""
    labels = np.repeat(np.arange(len(counts)), counts)
    return dataset_of(np.arange(len(labels))[:, None], labels, len(counts))


@pytest.mark.parametrize("name", ["moons", "plane"])
def test_all_trains_every_row_and_holds_out_the_same_arrays(name):
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


@pytest.mark.parametrize("split", ["stratified", "ordered"])
def test_in_two_parts_the_test_rows_are_validated_on(split):
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
def test_ordered_validates_on_the_last_of_the_leading_rows(name):
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
        "`validation` must leave at least the first 16 of the 20 training rows to train, so that every class is "
        "among them. Move `validation` towards 0 or take more `train_rows`. Received: 0.25, which leaves 15."
    )
    split = split_dataset(data, DataSpec("iris", split="ordered", train_rows=20, validation=0.2))
    assert split.y_train.tolist() == [0] * 15 + [1]


@pytest.mark.parametrize(
    ("counts", "validation", "remedy"),
    [
        # Half of two rows of class 1 trains, and one row cannot be parted.
        ([20, 2], 0.5, "class 1 has 1 of 11 rows. Take more rows of it."),
        ([6] * 8, 0.05, "class 0 has 3 of 24 rows. Move `validation` towards 0.5 or take more rows."),
        ([196, 4], 0.1, "class 1 has 2 of 100 rows. Move `validation` towards 0.5 or take more rows."),
    ],
)
def test_stratified_validation_says_what_to_change_where_a_class_is_too_small(counts, validation, remedy):
    with pytest.raises(DataError) as caught:
        split_dataset(rows_of(counts), DataSpec("iris", test=0.5, validation=validation))
    assert str(caught.value).startswith(
        "`validation` must leave at least one row of every class to train and one to validate on"
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
def test_numbers_can_be_parted_by_any_shares(points, test, validation):
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


def test_another_data_seed_parts_other_rows():
    first, second = (prepare(DataSpec("iris", seed=seed)) for seed in (0, 1))
    assert not np.array_equal(first.raw_test, second.raw_test)


@pytest.mark.parametrize(
    ("counts", "test", "remedy"),
    [
        ([19, 1], 0.5, "class 1 has 1 of 20 rows. Take more rows of it."),
        ([20, 0], 0.5, "class 1 has 0 of 20 rows. Take more rows of it."),
        ([3] * 8, 0.05, "class 0 has 3 of 24 rows. Move `test` towards 0.5 or take more rows."),
        ([3] * 8, 0.9, "class 0 has 3 of 24 rows. Move `test` towards 0.5 or take more rows."),
        # Here train_test_split itself is content and holds out no row of class 1.
        ([98, 2], 0.1, "class 1 has 2 of 100 rows. Move `test` towards 0.5 or take more rows."),
    ],
)
def test_stratified_says_what_to_change_where_a_class_is_too_small(counts, test, remedy):
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


@pytest.fixture
def far_rows_held_out() -> Dataset:
    """Ten rows that train, then two far away; the second column is constant among the first ten."""
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
    # Of 10, 20 … 100 the mean is 55 and the variance 825; the two last rows are held out, the one before validates.
    [("none", 0, 1), ("standard", 55, 825**-0.5), ("minmax", 10, 1 / 90)],
)
def test_a_numeric_target_is_scaled_by_what_the_training_rows_say(scaling, offset, factor):
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


def test_a_target_that_never_changes_is_scaled_to_0():
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


def test_scale_takes_new_rows_of_any_float_type():
    split = prepare(DataSpec("iris", split="ordered", scaling="minmax"))
    scaled = split.to_inputs(make_dataset(DataSpec("iris")).features[:5].astype(np.float64))
    assert scaled.dtype == np.float32
    np.testing.assert_array_equal(scaled, split.x_train[:5])


def counts_of(labels) -> list[int]:
    return np.bincount(labels).tolist()


def test_imbalance_thins_classes_out_in_even_ratios():
    split = split_dataset(rows_of([100, 100, 100]), DataSpec("iris", imbalance=0.04, split="all"))
    assert counts_of(split.y_train) == [100, 20, 4]
    assert (np.diff(split.raw_train[:, 0]) > 0).all()  # in the order in which they came


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


def test_random_labels_are_of_the_training_rows_alone():
    clean = DataSpec("blobs", points=2000, classes=4, validation=0.25)
    noisy = split_dataset(
        make_dataset(clean), DataSpec("blobs", points=2000, classes=4, validation=0.25, random_labels=0.5)
    )
    split = prepare(clean)
    for name in ("x_train", "y_val", "y_test", "x_test"):
        np.testing.assert_array_equal(getattr(noisy, name), getattr(split, name))
    # Half are drawn anew, of which a quarter fall on the class they had: 37.5 %, here of 1,200.
    changed = noisy.y_train != split.y_train
    assert 0.33 < changed.mean() < 0.42
    assert set(noisy.y_train) == {0, 1, 2, 3}


def test_all_labels_random_and_none():
    assert (prepare(DataSpec("moons", random_labels=0.0)).y_train == prepare(DataSpec("moons")).y_train).all()
    changed = prepare(DataSpec("moons", random_labels=1.0)).y_train != prepare(DataSpec("moons")).y_train
    assert 0.45 < changed.mean() < 0.55


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


def test_a_data_set_is_prepared_once():
    spec = DataSpec("moons", points=100, seed=3)
    assert prepare(spec) is prepare(DataSpec("moons", points=100, seed=3))
    with pytest.raises(DataError):
        prepare(DataSpec("iris", split="ordered", train_rows=150))
