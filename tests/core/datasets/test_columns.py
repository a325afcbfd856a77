"""How the columns of a table become numbers, by what the training rows say."""

import numpy as np
import pandas as pd
import pytest

from core.datasets import columns as columns_module
from core.datasets.columns import Columns
from core.errors import DataError
from core.experiment import menus

FRAME = pd.DataFrame(
    {
        "size": [1.0, np.nan, 3.0, 100.0, 2.0],
        "colour": pd.Series(["red", "blue", None, "red", "green"], dtype="str"),
    }
)
TRAIN = np.array([0, 1, 2])  # sizes 1 and 3, colours red and blue


def columns(missing="median", rare=1, frame=FRAME) -> Columns:
    return Columns(frame, ("size",), ("colour",), missing, rare)


def test_numbers_come_first_and_every_category_is_a_feature():
    features, names = columns().encode(np.arange(5))
    assert names == ("size", "colour = blue", "colour = green", "colour = red")
    assert features.dtype == np.float32
    np.testing.assert_array_equal(features[[0, 4]], [[1, 0, 0, 1], [2, 0, 1, 0]])


@pytest.mark.parametrize(
    ("missing", "size", "colours"),
    [
        ("median", 2, {"colour = blue": 1}),  # of 1 and 3; blue and red come once each, and blue is first
        ("most_frequent", 1, {"colour = blue": 1}),
        ("constant", 0, {"colour = missing": 1}),
    ],
)
def test_what_is_missing_is_filled_with_what_the_training_rows_say(missing, size, colours):
    features, names = columns(missing).encode(TRAIN)
    assert features[1, 0] == size
    assert {name: value for name, value in zip(names, features[2], strict=True) if value and "=" in name} == colours


def test_a_category_that_does_not_train_is_none_of_them():
    features, names = columns().encode(TRAIN)
    assert names == ("size", "colour = blue", "colour = red")
    np.testing.assert_array_equal(features[4, 1:], [0, 0])


def test_rare_categories_are_pooled():
    frame = pd.DataFrame({"size": np.zeros(7), "colour": pd.Series([*"aaabbcd"], dtype="str")})
    features, names = columns(rare=2, frame=frame).encode(np.arange(7))
    assert names == ("size", "colour = a", "colour = b", "colour = other")
    np.testing.assert_array_equal(features[:, 3], [0, 0, 0, 0, 0, 1, 1])


def test_of_many_categories_the_most_frequent_stay():
    words = [f"w{number:03}" for number in range(300)] + ["often"] * 5
    frame = pd.DataFrame({"size": np.zeros(305), "colour": pd.Series(words, dtype="str")})
    _, names = columns(frame=frame).encode(np.arange(305))
    assert len(names) == 1 + 50
    assert "colour = often" in names
    assert names[-1] == "colour = other"


def test_a_column_of_which_nothing_trains_stays():
    frame = pd.DataFrame({"size": [np.nan, np.nan, 5.0], "colour": pd.Series([None, None, "red"], dtype="str")})
    features, names = columns(frame=frame).encode(np.array([0, 1]))
    assert names[0] == "size"
    assert np.isfinite(features).all()


@pytest.mark.parametrize("missing", menus.MISSING)
def test_every_way_on_the_menu_gives_finite_numbers(missing):
    assert np.isfinite(columns(missing).encode(TRAIN)[0]).all()


def test_rows_are_taken():
    taken = columns().take(np.array([3, 0]))
    assert taken.frame["size"].tolist() == [100, 1]
    assert (taken.missing, taken.rare) == ("median", 1)


def test_too_many_inputs_are_refused_before_they_are_made(monkeypatch):
    monkeypatch.setattr(columns_module, "_VALUES_MOST", 15)
    with pytest.raises(DataError, match=r"at most 3 inputs where there are 5 rows\. Received: 4"):
        columns().encode(np.arange(5))
