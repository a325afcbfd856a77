"""The learning-rate finder's steps against Keras, batch by batch."""

import numpy as np
import pytest

from core.datasets import prepare
from core.engine.epoch_inputs import row_orders
from core.engine.programs import Programs
from core.engine.structure import Structure
from core.experiment import Experiment, read_query
from core.training.rate_sweep import sweep_rates
from tests.core.engine.oracle import keras_model, keras_targets, set_state

RATES = np.geomspace(1e-3, 1, 12).astype(np.float32)


def keras_losses(experiment: Experiment, programs: Programs) -> list[float]:
    """Train with `train_on_batch`, setting the rate before each batch."""
    split, training = prepare(experiment.data), experiment.training
    program = programs.get(Structure.of(experiment, split))
    model = keras_model(experiment, split)
    set_state(model, program.values(program.first_state(experiment.network, training.seed)))
    targets, rows = keras_targets(split.y_train, split), len(split.x_train)
    losses: list[float] = []
    for epoch in range(len(RATES)):
        (order,) = row_orders(training.seed, range(epoch, epoch + 1), rows)
        for batch in np.split(order, range(training.batch_size, rows, training.batch_size)):
            if len(losses) < len(RATES):
                model.optimizer.learning_rate = float(RATES[len(losses)])
                model.reset_metrics()
                losses.append(float(model.train_on_batch(split.x_train[batch], targets[batch])[0]))
    return losses


@pytest.mark.parametrize(
    "query",
    [
        # 48 training rows: three batches of 16 an epoch; four of 14 and less; one smaller than asked for.
        "data=moons&points=60&layers=tanh-3&batch=16&optimizer=adam&l2=0.01",
        "data=iris&layers=relu-4-batch&batch=50&optimizer=sgd&momentum=0.9&schedule=cosine",
        "data=sine&points=40&layers=tanh-3&batch=64&optimizer=rmsprop&clip=norm",
    ],
)
def test_every_loss_is_that_of_keras_trained_by_hand(query, programs):
    experiment = read_query(query)
    losses = sweep_rates(experiment, RATES, programs)
    assert losses.dtype == np.float32
    np.testing.assert_allclose(losses, keras_losses(experiment, programs), rtol=2e-4, atol=1e-5)
    assert np.array_equal(losses, sweep_rates(experiment, RATES, programs))


def test_a_sweep_ends_where_it_is_over_or_not_wanted(programs):
    experiment = read_query("data=sine&points=40&layers=relu-3&batch=8&optimizer=sgd")
    reports: list[int] = []
    rates = np.geomspace(1e-3, 10, 60).astype(np.float32)
    losses = sweep_rates(experiment, rates, programs, report=lambda losses: reports.append(len(losses)))
    assert 20 < len(losses) < 60
    assert reports == list(range(10, len(losses) + 1, 10))
    asked = iter(range(30))
    stopped = sweep_rates(experiment, rates, programs, is_wanted=lambda: next(asked) < 7)
    assert np.array_equal(stopped, losses[:7])
