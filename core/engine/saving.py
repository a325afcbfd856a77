"""A trained network as a file in Keras's own format."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from core.engine.keras_network import build_network, load_weights
from core.engine.program import BUILD_LOCK
from core.trained.network import TrainedNetwork


def keras_file(network: TrainedNetwork) -> bytes:
    """Return a .keras file of an uncompiled model, which `keras.saving.load_model` reads.

    Where a layer has the activation `sine`, loading needs `custom_objects={"sin": keras.ops.sin}`.
    """
    experiment = network.experiment
    training = experiment.training
    with BUILD_LOCK:
        model = build_network(
            experiment.network, network.inputs, network.classes, training.seed, loss=str(training.loss)
        )
        load_weights(model, network.weights)
        with TemporaryDirectory() as folder:
            path = Path(folder) / "network.keras"
            model.save(path)
            return path.read_bytes()
