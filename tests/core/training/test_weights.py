"""The weights that a trainer hands over."""

from dataclasses import replace

import numpy as np
import pytest

from core.engine.programs import Programs
from core.messages.commands import Command
from core.messages.pace import Pace
from core.trained import TrainedNetwork
from core.training.trainer import Trainer
from tests.core.training.record import Record
from tests.core.training.runs import QUICK, open_run, tell, trained_model

WORSENING = "data=moons&points=60&noise=0.5&layers=tanh-3-batch&dropout=0.1&batch=16&lr=0.1&epochs=300&patience=7"


def network_of(trainer: Trainer) -> TrainedNetwork:
    weights = trainer.weights()
    return TrainedNetwork(weights.experiment, weights.arrays)


@pytest.mark.parametrize(
    "query", [WORSENING, f"{WORSENING}&restore_best=no", "data=plane&epochs=3&layers=gelu-4-layer"]
)
@pytest.mark.parametrize("compiled", [True, False])
def test_a_trainer_hands_over_the_network_that_the_run_ended_with(query, compiled, programs):
    record = Record()
    trainer = open_run(query, programs if compiled else Programs(), record)
    assert (trainer.weights().epoch, trainer.weights().generation) == (0, 0)
    tell(trainer, "train")
    last, weights = record.last, trainer.weights()
    assert (weights.epoch, weights.generation) == (last.epoch, last.generation)
    split = trainer.split
    outputs = trained_model(trainer, query).predict(split.x_val, verbose=0)
    answer = network_of(trainer).predict(split.x_val)
    expected = np.concatenate([1 - outputs, outputs], axis=1) if split.classes else outputs
    np.testing.assert_allclose(answer, expected, rtol=1e-5, atol=1e-6)


def test_what_changes_as_it_trains_is_in_the_networks_experiment(programs):
    trainer = open_run(f"{QUICK}&epochs=4", programs, Record())
    tell(trainer, "step")
    before = trainer.weights()
    changed = replace(before.experiment, training=replace(before.experiment.training, learning_rate=0.5))
    tell(trainer, Command("change", changed))
    assert trainer.weights().experiment == changed
    for name, array in before.arrays.items():
        np.testing.assert_array_equal(trainer.weights().arrays[name], array)


def test_weights_read_while_it_trains_are_those_of_their_epoch(attending, programs):
    query = f"{QUICK}&epochs=300"  # few enough that the weights of every epoch are kept
    tell(open_run(query, programs, Record()), "train")  # compiled from here on
    trainer = open_run(query, programs, Record())
    trainer.send(Command("pace", Pace(400.0)))
    trainer.send(Command("train"))
    thread = attending(trainer)
    read = [trainer.weights()]
    while thread.is_alive():
        weights = trainer.weights()
        if weights.epoch != read[-1].epoch:
            read.append(weights)
    assert len(read) > 3
    assert trainer.kept_epochs == tuple(range(301))
    for weights in read:
        _, kept = trainer.progress.snapshots.nearest(weights.epoch)
        for name, array in trainer.progress.segment.program.named_weights(kept).items():
            np.testing.assert_array_equal(weights.arrays[name], array)
