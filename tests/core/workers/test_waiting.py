"""Waiting for a worker's answer."""

import keras
import numpy as np
import pytest

from core.errors import ExperimentError, WorkersError
from core.experiment import read_query
from core.jobs.jobs import Jobs
from core.trained import TrainedNetwork
from core.workers import worker
from core.workers.waiting import wait_for_answer
from tests.core.trained.networks import some_weights
from tests.core.workers.sent_functions import fail_as_we_do
from tests.waiting import PATIENCE


def test_a_worker_saves_a_network_that_keras_loads(jobs: Jobs, tmp_path):
    experiment = read_query("data=moons&layers=tanh-3")
    network = TrainedNetwork(experiment, some_weights(experiment.network, 2, 2))
    path = tmp_path / "moons.keras"
    path.write_bytes(wait_for_answer(jobs.cluster, worker.save_keras, network, seconds=PATIENCE))
    inputs = np.random.default_rng(0).normal(size=(5, 2)).astype(np.float32)
    outputs = keras.saving.load_model(path).predict(inputs, verbose=0)
    np.testing.assert_allclose(outputs, network.layer_outputs(inputs)[-1], rtol=1e-5)


def test_errors_of_ours_come_back_and_others_are_named(jobs: Jobs):
    with pytest.raises(ExperimentError, match="`x` must be y"):
        wait_for_answer(jobs.cluster, fail_as_we_do, seconds=PATIENCE)
    with pytest.raises(WorkersError, match="failed with ValueError: invalid literal"):
        wait_for_answer(jobs.cluster, int, "no number", seconds=PATIENCE)


def test_waiting_has_a_limit(jobs: Jobs):
    with pytest.raises(WorkersError, match="within 0 s"):
        wait_for_answer(jobs.cluster, worker.load, seconds=0.0)
