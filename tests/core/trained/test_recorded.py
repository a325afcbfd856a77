"""Which losses of a run's record are the cross-entropy of its network."""

import pytest

from core.experiment import read_query
from core.trained.recorded import recorded_losses

HISTORY = {"loss": [0.9, 0.5], "accuracy": [0.5, 0.75], "val_loss": [1.0, 0.25], "val_accuracy": [0.5, 0.8]}
TWO, THREE = ("training", "held-out"), ("training", "validation", "test")


def test_rows_that_are_not_trained_on_have_the_last_of_the_curve_and_the_test_rows_their_own():
    moons = read_query("data=moons")
    assert recorded_losses(moons, TWO, HISTORY, None) == {"held-out": 0.25}
    assert recorded_losses(moons, THREE, HISTORY, (0.75, 0.5)) == {"validation": 0.25, "test": 0.75}
    assert recorded_losses(moons, THREE, HISTORY, None) == {"validation": 0.25}
    assert recorded_losses(moons, ("training",), HISTORY, None) == {"training": 0.25}


@pytest.mark.parametrize("other", ["loss=focal", "loss=hinge", "label_smoothing=0.1", "l1=0.01", "l2=0.01"])
def test_another_loss_is_no_cross_entropy(other):
    assert recorded_losses(read_query(f"data=moons&{other}"), TWO, HISTORY, None) == {}


def test_before_the_first_epoch_there_is_none():
    assert recorded_losses(read_query("data=moons"), TWO, {name: [] for name in HISTORY}, None) == {}
