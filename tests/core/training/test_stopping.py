"""When a run ends before its epochs are done, against Keras's own callback."""

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.experiment import TrainingSpec, menus
from core.training.notices import StoppedEarly, TargetReached
from core.training.stopping import BestEpoch, StoppingRule, restores_best

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


def follow(
    training: TrainingSpec, task: str, rows: list[np.ndarray]
) -> tuple[int, int, StoppedEarly | TargetReached | None]:
    """Return the last epoch of a run with these figures at most, the best epoch by then, and why it ended there."""
    rule, best = StoppingRule(training, task), BestEpoch()
    for epoch, row in enumerate(rows, 1):
        best = rule.best_after(best, epoch, row)
        reason = rule.reason_to_stop(best, epoch, row)
        if reason:
            break
    return epoch, best.epoch, reason


@given(losses, st.integers(1, 6), st.booleans(), st.sampled_from([menus.CLASSES, menus.NUMBERS]))
def test_it_stops_when_keras_stops_and_goes_back_where_keras_goes_back(val_losses, patience, restore, task):
    training = TrainingSpec(patience=patience, restore_best=restore)
    last, best, reason = follow(training, task, [figures(task, loss) for loss in val_losses])
    stopped, restored = keras_stops(val_losses, patience, restore)
    assert (last if reason else 0) == stopped
    assert (best if restores_best(training) else None) == restored
    assert reason == (StoppedEarly(best, patience) if stopped else None)


@given(losses)
def test_without_patience_and_target_nothing_stops_it(val_losses):
    rows = [figures(menus.CLASSES, loss, 1.0) for loss in val_losses]
    best = 1 + int(np.argmin(np.float32(val_losses)))
    assert follow(TrainingSpec(), menus.CLASSES, rows) == (len(rows), best, None)
    assert not restores_best(TrainingSpec())


@pytest.mark.parametrize("task", [menus.CLASSES, menus.NUMBERS])
def test_the_target_stops_it_in_the_first_epoch_that_reaches_it(task):
    training = TrainingSpec(target=0.75)
    rows = [figures(task, loss, score) for loss, score in ((0.1, 0.5), (0.2, 0.74999), (0.3, 0.75), (0.4, 0.9))]
    assert follow(training, task, rows) == (3, 1, TargetReached(3, 0.75, 0.75, task))
    assert not restores_best(training)


@pytest.mark.parametrize("first", [np.nan, np.inf])
def test_a_first_loss_of_nan_or_infinity_is_the_best_only_until_there_is_a_number(first):
    rows = [figures(menus.CLASSES, loss) for loss in (first, 5.0, 6.0)]
    assert follow(TrainingSpec(patience=2), menus.CLASSES, rows) == (3, 2, None)
    rows = [figures(menus.CLASSES, first)] * 2
    assert follow(TrainingSpec(patience=1), menus.CLASSES, rows) == (2, 1, StoppedEarly(1, 1))
