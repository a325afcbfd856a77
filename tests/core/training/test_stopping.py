"""When a run ends before its epochs are done, against Keras's own callback."""

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.experiment import TrainingSpec, menus
from core.training.stopping import StoppingRule

losses = st.lists(st.sampled_from([0.5, 0.25, 0.75, 1.0, 2.0]) | st.floats(0, 10, width=32), min_size=1, max_size=30)


class Epochs:
    """As much of a model as Keras's callback asks for; its weights are the number of the epoch."""

    def __init__(self) -> None:
        self.epoch = 0
        self.stop_training = False
        self.came_back: int | None = None

    def get_weights(self) -> int:
        return self.epoch

    def set_weights(self, weights: int) -> None:
        self.came_back = weights


def keras_stops(val_losses: list[float], patience: int, restore: bool) -> tuple[int, int | None]:
    """Return the epoch after which Keras stops, 0 where it does not, and the one whose weights come back."""
    model = Epochs()
    callback = keras.callbacks.EarlyStopping("val_loss", patience=patience, restore_best_weights=restore, mode="min")
    callback.set_model(model)
    callback.on_train_begin()
    for epoch, loss in enumerate(val_losses):
        model.epoch = epoch + 1
        callback.on_epoch_end(epoch, {"val_loss": loss})
        if model.stop_training:
            break
    callback.on_train_end()
    return epoch + 1 if model.stop_training else 0, model.came_back


def figures(task: str, val_loss: float, score: float = 0.0) -> np.ndarray:
    names = menus.HISTORY[task]
    values = dict.fromkeys(names, 0.0) | {"val_loss": val_loss, names[-1]: score}
    return np.array([values[name] for name in names], np.float32)


@given(losses, st.integers(1, 6), st.booleans(), st.sampled_from([menus.CLASSES, menus.NUMBERS]))
def test_it_stops_when_keras_stops_and_goes_back_where_keras_goes_back(val_losses, patience, restore, task):
    rule = StoppingRule(TrainingSpec(patience=patience, restore_best=restore), task)
    stopped = 0
    for epoch, loss in enumerate(val_losses, 1):
        reason = rule.look(epoch, figures(task, loss))
        if reason:
            stopped = epoch
            break
    expected, best = keras_stops(val_losses, patience, restore)
    assert stopped == expected
    assert (rule.best_epoch if rule.restores else None) == best
    if expected:
        assert f"best after epoch {rule.best_epoch} " in reason
        assert f"in {patience} epochs" in reason


@given(losses)
def test_without_patience_and_target_nothing_stops_it(val_losses):
    rule = StoppingRule(TrainingSpec(), menus.CLASSES)
    assert not any(rule.look(epoch, figures(menus.CLASSES, loss, 1.0)) for epoch, loss in enumerate(val_losses, 1))
    assert rule.best_epoch == 1 + int(np.argmin(np.float32(val_losses)))


@pytest.mark.parametrize(("task", "score"), [(menus.CLASSES, "held-out accuracy"), (menus.NUMBERS, "held-out R²")])
def test_the_target_stops_it_in_the_first_epoch_that_reaches_it(task, score):
    rule = StoppingRule(TrainingSpec(target=0.75), task)
    assert rule.look(1, figures(task, 0.1, 0.5)) == ""
    assert rule.look(2, figures(task, 0.2, 0.74999)) == ""
    assert rule.look(3, figures(task, 0.3, 0.75)) == f"The {score} reached 0.750 in epoch 3: the target was 0.75."
    assert not rule.restores


@pytest.mark.parametrize("first", [np.nan, np.inf])
def test_a_first_loss_that_is_no_number_is_the_best_only_until_there_is_one(first):
    rule = StoppingRule(TrainingSpec(patience=2), menus.CLASSES)
    assert not any(rule.look(epoch, figures(menus.CLASSES, loss)) for epoch, loss in ((1, first), (2, 5.0), (3, 6.0)))
    assert rule.best_epoch == 2
    rule = StoppingRule(TrainingSpec(patience=1), menus.CLASSES)
    assert rule.look(1, figures(menus.CLASSES, first)) == ""
    assert "best after epoch 1 " in rule.look(2, figures(menus.CLASSES, first))
