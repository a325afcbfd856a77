"""Whatever can be chosen can be trained."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from core.analysis.axes import Axes
from core.engine.programs import Programs
from core.errors import HiddenLayersError
from core.experiment import Experiment
from core.messages.commands import Command
from core.messages.updates import FAILED, Update
from core.training import update_publisher as publisher_module
from core.training.trainer import Trainer
from tests.core.experiment.strategies import experiments
from tests.core.training.record import Record
from tests.core.training.runs import drawn_at

EXAMPLES = 25


def small(experiment: Experiment) -> Experiment:
    """Return the experiment with as few rows, layers, units and epochs as make a test quick."""
    data, network, training = experiment.data, experiment.network, experiment.training
    if data.points is not None:
        data = replace(data, points=20 + data.points % 41)
    layers = tuple(replace(layer, units=1 + layer.units % 8) for layer in network.layers[:2])
    training = replace(training, batch_size=max(8, training.batch_size), epochs=2)
    return Experiment(data, replace(network, layers=layers), training)


@pytest.fixture(autouse=True)
def every_epoch(monkeypatch):
    monkeypatch.setattr(publisher_module, "_FRAME_SECONDS", 0)


@given(experiments.map(small))
@settings(
    max_examples=EXAMPLES,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
def test_two_epochs_of_any_small_experiment_train_or_say_why_not(busy_compiler, experiment):
    """The compiler is busy, so all is the plain graph's, and every example takes half as long."""
    given_up = []

    def give_up(update: Update) -> None:
        over = update.epoch == 2 or update.message or not np.isfinite(update.rows[:, 0]).all()
        if over and not given_up:
            given_up.append(update.epoch)
            trainer.abandon()

    record = Record(give_up)
    try:
        trainer = Trainer(experiment, record, Programs(), Axes())
    except HiddenLayersError:
        return
    trainer.send(Command("train"))
    trainer.attend()

    last = record.last
    losses = record.history[:, 0]
    if np.isfinite(losses).all():
        assert last.epoch == 2 or last.message  # the target may be reached before
    else:
        assert last.status == FAILED
        assert "so training stopped" in last.message
    arrays = drawn_at(trainer, trainer.kept_epochs[-1])
    split = trainer.split
    if split.classes:
        assert arrays["confusion"].sum() == len(split.y_val)
        assert arrays["boundary"].shape == (2, 70, 70)
        assert arrays["boundary"][0].max() < split.classes
    else:
        assert arrays["predicted"].shape == (1, len(split.y_val))
        assert ("line" in arrays) == (split.features == 1)
        assert ("surface" in arrays) == (split.features > 1)
