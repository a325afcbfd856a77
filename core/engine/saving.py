"""A trained network as a file in Keras's own format."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import keras

from core.engine.keras_network import build_network, load_weights, make_loss, make_metrics, make_optimizer
from core.engine.program import BUILD_LOCK
from core.experiment import TrainingSpec
from core.trained.network import TrainedNetwork


def keras_file(network: TrainedNetwork) -> bytes:
    """Return a .keras file, which `keras.saving.load_model` reads.

    The model is compiled with the experiment's optimizer at its base learning rate, its loss and its metrics. So it can
    `evaluate` scaled inputs, with targets as `encode_targets` returns them, and train on. A binary hinge loss has no
    accuracy of Keras's own, so there only the loss is measured.

    Where a layer has the activation `sine`, loading needs `custom_objects={"sin": keras.ops.sin}`.
    """
    experiment = network.experiment
    training = experiment.training
    with BUILD_LOCK:
        model = build_network(
            experiment.network, network.inputs, network.classes, training.seed, loss=str(training.loss)
        )
        load_weights(model, network.weights)
        model.compile(
            optimizer=make_optimizer(training, training.learning_rate),
            loss=make_loss(training, network.classes),
            metrics=_metrics(training, network.classes),
        )
        with TemporaryDirectory() as folder:
            path = Path(folder) / "network.keras"
            model.save(path)
            return path.read_bytes()


def _metrics(training: TrainingSpec, classes: int) -> list[keras.metrics.Metric] | None:
    """Return the metrics that Keras has itself, so that loading needs no code of this project."""
    if classes == 0:
        return [keras.metrics.MeanAbsoluteError(name="mae"), keras.metrics.R2Score(name="r2")]
    return None if training.loss == "hinge" and classes == 2 else make_metrics(training, classes)
