"""A run's notices in words."""

import math

import pytest

from core.experiment import menus, read_query
from core.training.notice_texts import message_of
from core.training.notices import (
    BestRestored,
    LossNotFinite,
    SettingsChanged,
    StartedFromWeights,
    StoppedEarly,
    TargetReached,
)


@pytest.mark.parametrize(
    ("notices", "message"),
    [
        ((), ""),
        (
            (TargetReached(3, 0.75, 0.75, menus.CLASSES),),
            "The held-out accuracy reached 0.750 in epoch 3: the target was 0.75.",
        ),
        (
            (TargetReached(12, 0.9196, 0.9, menus.NUMBERS),),
            "The held-out R² reached 0.920 in epoch 12: the target was 0.9.",
        ),
        (
            (StoppedEarly(3, 7), BestRestored(3)),
            (
                "Stopped early: the held-out loss has not improved since epoch 3 (patience: 7 epochs). "
                "The weights from epoch 3 (lowest held-out loss) are restored."
            ),
        ),
        (
            (StoppedEarly(3, 1),),
            "Stopped early: the held-out loss has not improved since epoch 3 (patience: 1 epoch).",
        ),
        (
            (LossNotFinite(2, math.nan, 10, 2.5),),
            "The loss became NaN in epoch 2, so training stopped. Try a learning rate below 10, for example 1.",
        ),
        (
            (LossNotFinite(2, math.inf, 0.05, 6300),),
            (
                "The loss became infinite in epoch 2, so training stopped. "
                "Inputs go up to 6,300: standardize the data, or try a learning rate below 0.05."
            ),
        ),
        ((StartedFromWeights(),), "Started from a bundle's weights with a new optimizer."),
        (
            (SettingsChanged(5, {"learning_rate": 0.25, "l2": 0.001}, layers=True),),
            "Learning rate set to 0.25, L2 set to 0.001, a layer's noise or dropout changed after epoch 5.",
        ),
    ],
)
def test_a_message_says_what_happened(notices, message):
    assert message_of(notices) == message


def test_only_what_a_person_need_be_told_has_changed():
    before = read_query("data=moons&layers=tanh-3-noise0.1&l2=0.01&lr=0.1&batch=16&epochs=16")
    assert SettingsChanged.between(before, before, 3) is None
    longer = read_query("data=moons&layers=tanh-3-noise0.1&l2=0.01&lr=0.1&batch=16&epochs=20")
    assert SettingsChanged.between(before, longer, 3) is None
    after = read_query("data=moons&layers=tanh-3-noise0.3&l2=0&lr=0.1&batch=8&epochs=16")
    assert SettingsChanged.between(before, after, 3) == SettingsChanged(3, {"batch_size": 8, "l2": 0}, layers=True)
