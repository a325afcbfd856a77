"""How the columns of a table become numbers, learned from the training rows."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from core.datasets import input_columns as columns_module
from core.datasets.input_columns import InputColumns
from core.errors import DataError
from core.experiment import menus

FRAME = pd.DataFrame(
    {
        "size": [1.0, np.nan, 3.0, 100.0, 2.0],
        "colour": pd.Series(["red", "blue", None, "red", "green"], dtype="str"),
    }
)
TRAIN = np.array([0, 1, 2])  # sizes 1 and 3, colours red and blue


def columns(missing="median", rare=1, frame=FRAME) -> InputColumns:
    return InputColumns(frame, ("size",), ("colour",), missing, rare)


def encode(columns: InputColumns, train):
    encoding = columns.learn(train)
    return encoding.encode(columns.frame), encoding.feature_names


def test_numbers_come_first_and_every_category_is_a_feature():
    features, names = encode(columns(), np.arange(5))
    assert names == ("size", "colour = blue", "colour = green", "colour = red")
    assert features.dtype == np.float32
    np.testing.assert_array_equal(features[[0, 4]], [[1, 0, 0, 1], [2, 0, 1, 0]])


def test_missing_values_are_filled_in_from_the_training_rows():
    for missing, size, colours in (
        ("median", 2, {"colour = blue": 1}),  # of 1 and 3; blue and red are equally frequent, and blue is first
        ("most_frequent", 1, {"colour = blue": 1}),
        ("constant", 0, {"colour = missing": 1}),
    ):
        features, names = encode(columns(missing), TRAIN)
        assert features[1, 0] == size
        assert {name: value for name, value in zip(names, features[2], strict=True) if value and "=" in name} == colours


def test_a_category_without_training_rows_has_no_feature():
    features, names = encode(columns(), TRAIN)
    assert names == ("size", "colour = blue", "colour = red")
    np.testing.assert_array_equal(features[4, 1:], [0, 0])


def test_rare_categories_are_merged():
    frame = pd.DataFrame({"size": np.zeros(7), "colour": pd.Series([*"aaabbcd"], dtype="str")})
    features, names = encode(columns(rare=2, frame=frame), np.arange(7))
    assert names == ("size", "colour = a", "colour = b", "colour = other")
    np.testing.assert_array_equal(features[:, 3], [0, 0, 0, 0, 0, 1, 1])


def test_of_many_categories_the_most_frequent_stay():
    words = [f"w{number:03}" for number in range(300)] + ["often"] * 5
    frame = pd.DataFrame({"size": np.zeros(305), "colour": pd.Series(words, dtype="str")})
    _, names = encode(columns(frame=frame), np.arange(305))
    assert len(names) == 1 + 50
    assert "colour = often" in names
    assert names[-1] == "colour = other"


def test_a_column_without_training_values_stays():
    frame = pd.DataFrame({"size": [np.nan, np.nan, 5.0], "colour": pd.Series([None, None, "red"], dtype="str")})
    features, names = encode(columns(frame=frame), np.array([0, 1]))
    assert names[0] == "size"
    assert np.isfinite(features).all()


def test_every_filling_on_the_menu_gives_finite_numbers():
    for missing in [way for way in menus.MISSING if way != "drop"]:
        assert np.isfinite(encode(columns(missing), TRAIN)[0]).all()


def test_where_rows_are_dropped_nothing_is_filled_in():
    features, _ = encode(columns("drop"), TRAIN)
    np.testing.assert_array_equal(np.isnan(features).any(axis=1), [False, True, True, False, False])


def by_scikit_learn(columns: InputColumns, train):
    """Return the columns transformed by a ColumnTransformer of imputers and a one-hot encoder."""
    strategy = {"median": "median", "most_frequent": "most_frequent", "constant": "constant"}[columns.missing]
    words = SimpleImputer(
        missing_values=pd.NA,
        strategy="most_frequent" if strategy == "median" else strategy,
        fill_value="missing",
        keep_empty_features=True,
    )
    encoder = ColumnTransformer(
        [
            ("n", SimpleImputer(strategy=strategy, fill_value=0, keep_empty_features=True), list(columns.numbers)),
            (
                "c",
                make_pipeline(
                    words,
                    OneHotEncoder(
                        min_frequency=columns.rare,
                        max_categories=50,
                        handle_unknown="infrequent_if_exist",
                        sparse_output=False,
                    ),
                ),
                list(columns.categories),
            ),
        ],
        sparse_threshold=0,
    )
    return encoder.fit(columns.frame.iloc[train]).transform(columns.frame).astype(np.float32)


words = st.none() | st.sampled_from(["a", "b", "c", "d", "", "missing", "other", 'é, "x" <b>', "🐧"])


@given(
    rows=st.lists(st.tuples(st.floats(-1e6, 1e6) | st.just(np.nan), words, words), min_size=4, max_size=30),
    train=st.integers(2, 30),
    missing=st.sampled_from(["median", "most_frequent", "constant"]),
    rare=st.integers(1, 4),
)
@settings(max_examples=40)  # two encoders each
def test_features_are_those_of_scikit_learn(rows, train, missing, rare):
    numbers, first, second = zip(*rows, strict=True)
    assume(all(any(word is not None for word in column[:train]) for column in (first, second)))
    frame = pd.DataFrame(
        {"size": np.array(numbers), "one": pd.Series(first, dtype="str"), "two": pd.Series(second, dtype="str")}
    )
    made = InputColumns(frame, ("size",), ("one", "two"), missing, rare)
    train_rows = np.arange(min(train, len(rows)))
    features, names = encode(made, train_rows)
    assert features.dtype == np.float32
    assert len(names) == features.shape[1]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # about categories without training rows
        np.testing.assert_array_equal(features, by_scikit_learn(made, train_rows))


def test_rows_are_taken():
    taken = columns().take(np.array([3, 0]))
    assert taken.frame["size"].tolist() == [100, 1]
    assert (taken.missing, taken.rare) == ("median", 1)


def test_too_many_inputs_are_refused_before_they_are_made(monkeypatch):
    monkeypatch.setattr(columns_module, "VALUES_MOST", 15)
    with pytest.raises(DataError, match=r"at most 3 inputs for 5 rows\. Received: 4"):
        encode(columns(), np.arange(5))
