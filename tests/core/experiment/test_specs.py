"""The specs: their checks, what is equal, and the number of parameters."""

from dataclasses import FrozenInstanceError
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ExperimentError
from core.experiment import (
    DataSpec,
    Experiment,
    LayerSpec,
    NetworkSpec,
    TrainingSpec,
    count_parameters,
    layer_parameters,
    menus,
    output_units,
)
from core.experiment.keys import format_number
from tests.core.experiment.strategies import experiments, network_specs


def _relu(*units: int) -> NetworkSpec:
    return NetworkSpec(tuple(LayerSpec(count, "relu") for count in units))


@pytest.mark.parametrize(
    ("units", "features", "classes", "parameters"),
    [
        ((15,), 64, 10, 1135),  # digits: 64·15 + 15 + 15·10 + 10
        ((10,), 4, 3, 83),  # penguins: 4·10 + 10 + 10·3 + 3
        ((512,), 2914, 5, 1_495_045),  # faces: 2914·512 + 512 + 512·5 + 5
        ((4, 2), 2, 2, 25),  # moons: 12 + 10 + 3, one sigmoid
        ((), 2, 2, 3),  # logistic regression
        ((), 2, 3, 9),  # softmax regression
        ((64, 32, 16), 2, 3, 2851),  # spiral: 192 + 2080 + 528 + 51
    ],
)
def test_parameters_by_hand(units: tuple[int, ...], features: int, classes: int, parameters: int) -> None:
    assert count_parameters(_relu(*units), features, classes) == parameters


def test_parameters_by_layer() -> None:
    assert list(layer_parameters(_relu(4, 2), 2, 2)) == [(2, 4, 12), (4, 2, 10), (2, 1, 3)]


@given(network_specs, st.integers(1, 5000), st.integers(2, 20))
def test_layers_fit_together(network: NetworkSpec, features: int, classes: int) -> None:
    layers = list(layer_parameters(network, features, classes))
    assert [units for _, units, _ in layers] == [*(layer.units for layer in network.layers), output_units(classes)]
    assert [inputs for inputs, _, _ in layers] == [features, *(layer.units for layer in network.layers)]
    assert count_parameters(network, features, classes) == sum(units * (inputs + 1) for inputs, units, _ in layers)


@pytest.mark.parametrize(("classes", "units"), [(2, 1), (3, 3), (10, 10)])
def test_two_classes_take_one_output(classes: int, units: int) -> None:
    assert output_units(classes) == units


@given(experiments)
def test_experiments_are_values(experiment: Experiment) -> None:
    copy = Experiment(
        DataSpec(**vars(experiment.data)),
        NetworkSpec(**vars(experiment.network)),
        TrainingSpec(**vars(experiment.training)),
    )
    assert copy == experiment
    assert hash(copy) == hash(experiment)


@pytest.mark.parametrize("spec", [DataSpec(), LayerSpec(), NetworkSpec(), TrainingSpec(), Experiment()])
def test_specs_are_frozen(spec: object) -> None:
    with pytest.raises(FrozenInstanceError):
        setattr(spec, next(iter(vars(spec))), None)


@pytest.mark.parametrize(
    ("make", "key"),
    [
        (lambda: DataSpec("mooons"), "data"),
        (lambda: DataSpec("iris", points=100), "points"),
        (lambda: DataSpec("moons", arms=3), "arms"),
        (lambda: DataSpec(seed=2**31), "data_seed"),
        (lambda: DataSpec(split="half"), "split"),
        (lambda: DataSpec(test=0.01), "test"),
        (lambda: DataSpec(split="ordered", train_rows=9), "train_rows"),
        (lambda: DataSpec(scaling="robust"), "scaling"),
        (lambda: LayerSpec(513), "layers"),
        (lambda: LayerSpec(4, "softmax"), "layers"),
        (lambda: NetworkSpec((LayerSpec(),) * 7), "layers"),
        (lambda: NetworkSpec(("tanh-4",)), "layers"),
        (lambda: NetworkSpec(l2=1.1), "l2"),
        (lambda: NetworkSpec(l2_on=("weights",)), "l2_on"),
        (lambda: NetworkSpec(dropout=1), "dropout"),
        (lambda: TrainingSpec("lion"), "optimizer"),
        (lambda: TrainingSpec(learning_rate=0), "lr"),
        (lambda: TrainingSpec(batch_size=True), "batch"),
        (lambda: TrainingSpec(epochs=2001), "epochs"),
        (lambda: TrainingSpec(seed=0.0), "seed"),
    ],
)
def test_spec_names_what_is_wrong(make: Any, key: str) -> None:
    with pytest.raises(ExperimentError, match=f"^`{key}` must be ") as raised:
        make()
    assert raised.value.key == key


def test_order_of_places_makes_no_difference() -> None:
    assert NetworkSpec(l2=0.1, l2_on=("bias", "kernel")) == NetworkSpec(l2=0.1, l2_on=("kernel", "bias"))


@pytest.mark.parametrize("name", menus.DATA)
def test_menu_defaults_are_inside_their_bounds(name: str) -> None:
    choice = menus.DATA[name]
    data = DataSpec(name)
    assert (data.seed, data.scaling, data.train_rows) == (choice.seed, choice.scaling, choice.train_rows)
    menus.DATA_SEED.check(choice.seed)
    menus.SCALING.check(choice.scaling)
    menus.TRAIN_ROWS.check(choice.train_rows)
    assert choice.group in {"points", "tables", "images"}
    for field, setting in choice.settings.items():
        assert setting.key.name == field
        assert setting.key.low < setting.key.high
        assert 0 < setting.step <= setting.key.high - setting.key.low
        assert getattr(data, field) == setting.default == setting.key.check(setting.default)


def test_menus_hold_what_a_person_can_choose() -> None:
    assert (menus.UNITS.low, menus.UNITS.high, menus.LAYERS_MOST) == (1, 512, 6)
    assert {"relu", "tanh", "sigmoid"} <= set(menus.ACTIVATIONS)
    assert {"sgd", "momentum", "adam"} <= set(menus.OPTIMIZERS)
    assert {"linear", "moons", "circles", "sine", "spiral", "blobs", "digits", "penguins"} <= set(menus.DATA)


@given(st.floats(-1e20, 1e20))
def test_a_number_reads_back(value: float) -> None:
    assert float(format_number(value)) == value


@pytest.mark.parametrize(("value", "text"), [(0.05, "0.05"), (1000.0, "1000"), (0.00001, "1e-05"), (-0.0, "0")])
def test_a_number_is_short(value: float, text: str) -> None:
    assert format_number(value) == text
