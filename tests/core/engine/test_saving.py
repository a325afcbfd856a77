"""A trained network as a .keras file, read by Keras alone."""

import keras
import numpy as np
import pytest

from core.datasets import prepare
from core.engine.keras_network import encode_targets
from core.engine.saving import keras_file
from core.experiment import menus, read_query
from core.trained import TrainedNetwork
from tests.core.training.record import Record
from tests.core.training.runs import open_run, tell


def trained(query: str, programs) -> TrainedNetwork:
    trainer = open_run(query, programs, Record())
    tell(trainer, "train")
    weights = trainer.weights()
    return TrainedNetwork(weights.experiment, weights.arrays)


@pytest.mark.parametrize(
    "query",
    [
        "data=moons&points=60&epochs=2&layers=relu-8-batch-noise0.1,tanh-4-layer&dropout=0.2&l2=0.01&max_norm=2",
        "data=blobs&points=60&epochs=2&classes=3&layers=gelu-4&loss=hinge",
        "data=plane&points=60&epochs=2&layers=none",
    ],
)
def test_keras_loads_what_was_saved_and_predicts_the_same(query, programs, tmp_path):
    network = trained(query, programs)
    path = tmp_path / "network.keras"
    path.write_bytes(keras_file(network))
    model = keras.saving.load_model(path)
    assert all(type(layer) is getattr(keras.layers, type(layer).__name__) for layer in model.layers)
    inputs = prepare(read_query(query).data).x_val
    outputs = model.predict(inputs, verbose=0)
    np.testing.assert_allclose(outputs, network.layer_outputs(inputs)[-1], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    "query",
    [
        "data=moons&points=60&epochs=2&layers=relu-8-batch&l2=0.01&optimizer=muon&clip=norm",
        "data=blobs&points=60&epochs=2&classes=3&layers=gelu-4&loss=focal",
        "data=moons&points=60&epochs=2&layers=tanh-4&loss=hinge",
        "data=plane&points=60&epochs=2&layers=none&loss=huber",
    ],
)
def test_what_keras_loads_evaluates_held_out_rows_as_training_did(query, programs, tmp_path):
    record = Record()
    trainer = open_run(query, programs, record)
    tell(trainer, "train")
    weights = trainer.weights()
    path = tmp_path / "network.keras"
    path.write_bytes(keras_file(TrainedNetwork(weights.experiment, weights.arrays)))
    model = keras.saving.load_model(path)
    split = prepare(weights.experiment.data)
    found = model.evaluate(split.x_val, encode_targets(split.y_val, split), verbose=0, return_dict=True)
    after = dict(zip(menus.HISTORY[weights.experiment.data.task], record.history[-1], strict=True))
    assert found == pytest.approx({name: after[f"val_{name}"] for name in found}, rel=1e-4)
    assert "accuracy" in found or "r2" in found or "hinge" in query


def test_the_activation_sine_is_named_when_it_is_loaded(programs, tmp_path):
    network = trained("data=moons&points=60&epochs=2&layers=sine-4", programs)
    path = tmp_path / "network.keras"
    path.write_bytes(keras_file(network))
    model = keras.saving.load_model(path, custom_objects={"sin": keras.ops.sin})
    inputs = prepare(network.experiment.data).x_val
    np.testing.assert_allclose(model.predict(inputs, verbose=0), network.layer_outputs(inputs)[-1], rtol=1e-5)
