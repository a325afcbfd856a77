"""A history as CSV, and back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import DataError
from core.trained.history import history_csv, read_history


def test_a_history_is_csv():
    history = {"loss": [0.5, 0.25], "val_loss": [1e-9, np.float32(0.5)]}
    assert history_csv(history) == "epoch,loss,val_loss\n1,0.5,1e-09\n2,0.25,0.5\n"


@given(st.lists(st.tuples(st.floats(allow_nan=False), st.floats(allow_nan=False))))
def test_it_comes_back_to_the_last_bit(rows):
    history = {"loss": [loss for loss, _ in rows], "mae": [mae for _, mae in rows]}
    assert read_history(history_csv(history), ("loss", "mae")) == history


def test_what_is_no_number_comes_back():
    (loss,) = read_history(history_csv({"loss": [float("nan")]}), ["loss"])["loss"]
    assert np.isnan(loss)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "table of numbers"),
        ("epoch,loss\n1,high\n", "table of numbers"),
        ('epoch,loss\n1,"0.5\n', "table of numbers"),
        ("epoch,mae\n1,0.5\n", "columns epoch, loss"),
        ("epoch,loss\n1,0.5,0.5\n", "columns epoch, loss"),
        ("epoch,loss\n2,0.5\n", "count from 1"),
    ],
)
def test_what_is_no_history_is_refused(text, said):
    with pytest.raises(DataError, match=said):
        read_history(text, ["loss"])
