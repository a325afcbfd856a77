"""The specs: checks, equality, and the number of parameters."""

from dataclasses import FrozenInstanceError, fields

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
    normalization_parameters,
    output_units,
    parse_layers,
    with_data,
    without_loss,
)
from tests.core.experiment.strategies import data_specs, experiments, network_specs


def _relu(*units: int) -> NetworkSpec:
    return NetworkSpec(tuple(LayerSpec(count, "relu") for count in units))


def test_parameters_by_hand() -> None:
    for units, features, classes, parameters in (
        ((15,), 64, 10, 1135),  # digits: 64·15 + 15 + 15·10 + 10
        ((10,), 4, 3, 83),  # penguins: 4·10 + 10 + 10·3 + 3
        ((512,), 2914, 5, 1_495_045),  # faces: 2914·512 + 512 + 512·5 + 5
        ((4, 2), 2, 2, 25),  # moons: 12 + 10 + 3, one sigmoid
        ((), 2, 2, 3),  # logistic regression
        ((), 2, 3, 9),  # softmax regression
        ((64, 32, 16), 2, 3, 2851),  # spiral: 192 + 2080 + 528 + 51
    ):
        assert count_parameters(_relu(*units), features, classes) == parameters


def test_parameters_by_layer() -> None:
    assert list(layer_parameters(_relu(4, 2), 2, 2)) == [(2, 4, 12), (4, 2, 10), (2, 1, 3)]


def test_parameters_of_normalization_by_hand() -> None:
    for layers, parameters in (
        ("tanh-4,tanh-2", 25),
        ("tanh-4-batch,tanh-2", 41),  # scale, shift, moving mean and variance of 4 units
        ("tanh-4,tanh-2-layer", 29),  # scale and shift of 2 units
        ("tanh-4-batch,tanh-2-layer", 45),
        ("tanh-4-noise0.1-drop0.2,tanh-2", 25),
    ):
        network = NetworkSpec(parse_layers(layers))
        assert count_parameters(network, features=2, classes=2) == parameters
        assert normalization_parameters(network) == parameters - 25
        assert list(layer_parameters(network, 2, 2)) == [(2, 4, 12), (4, 2, 10), (2, 1, 3)]


@given(network_specs, st.integers(1, 5000), st.sampled_from([0, *range(2, 20)]))
def test_layers_fit_together(network: NetworkSpec, features: int, classes: int) -> None:
    layers = list(layer_parameters(network, features, classes))
    assert [units for _, units, _ in layers] == [*(layer.units for layer in network.layers), output_units(classes)]
    assert [inputs for inputs, _, _ in layers] == [features, *(layer.units for layer in network.layers)]
    assert [parameters for _, _, parameters in layers] == [units * (inputs + 1) for inputs, units, _ in layers]


def test_numbers_and_two_classes_take_one_output() -> None:
    for classes, units in ((0, 1), (2, 1), (3, 3), (10, 10)):
        assert output_units(classes) == units


@given(experiments, data_specs())
def test_experiments_are_values_that_can_take_other_data(experiment: Experiment, data: DataSpec) -> None:
    copy = Experiment(
        DataSpec(**vars(experiment.data)),
        NetworkSpec(**vars(experiment.network)),
        TrainingSpec(**vars(experiment.training)),
    )
    assert copy == experiment
    assert hash(copy) == hash(experiment)
    # If the new data have another task, they get its default loss.
    bare = without_loss(experiment.training)
    training = Experiment(data, experiment.network, bare).training
    assert training.loss == next(iter(menus.LOSSES[data.task]))
    assert training.class_weight == "none"
    assert without_loss(training) == bare
    of_the_loss = {"loss", "class_weight", "label_smoothing", "gamma", "delta"}
    for field in fields(TrainingSpec):
        if field.name not in of_the_loss:
            assert getattr(training, field.name) == getattr(experiment.training, field.name)
    other = with_data(experiment, data)
    assert (other.data, other.network) == (data, experiment.network)
    if data.task == experiment.data.task:
        assert other.training == experiment.training
    else:
        assert other == Experiment(data, experiment.network, without_loss(experiment.training))


def test_specs_are_frozen() -> None:
    for spec in (DataSpec(), LayerSpec(), NetworkSpec(), TrainingSpec(), Experiment()):
        with pytest.raises(FrozenInstanceError):
            setattr(spec, next(iter(vars(spec))), None)


def test_spec_names_what_is_wrong() -> None:
    for make, key in (
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
        (lambda: DataSpec(validation=0.51), "validation"),
        (lambda: DataSpec(split="all", validation=0.51), "validation"),
        (lambda: DataSpec(train_share=0), "train_share"),
        (lambda: DataSpec(split="all", test=0.01), "test"),
        (lambda: DataSpec(split="all", train_rows=9), "train_rows"),
        (lambda: LayerSpec(normalization="group"), "layers"),
        (lambda: LayerSpec(noise=2.1), "layers"),
        (lambda: LayerSpec(dropout=0.91), "layers"),
        (lambda: NetworkSpec(initializer="ones"), "init"),
        (lambda: NetworkSpec(l1=-0.1), "l1"),
        (lambda: NetworkSpec(l1_on=()), "l1_on"),  # refused even without L1
        (lambda: NetworkSpec(max_norm=10.1), "max_norm"),
        (lambda: TrainingSpec("momentum"), "optimizer"),
        (lambda: TrainingSpec(schedule="linear"), "schedule"),
        (lambda: TrainingSpec(clip="global"), "clip"),
        (lambda: TrainingSpec(loss="kl"), "loss"),
        (lambda: TrainingSpec(class_weight="auto"), "class_weight"),
        (lambda: TrainingSpec(patience=501), "patience"),
        (lambda: TrainingSpec(restore_best=1), "restore_best"),
        (lambda: TrainingSpec(target=1.1), "target"),
        (lambda: TrainingSpec("sgd", momentum=1), "momentum"),
        (lambda: TrainingSpec("adam", beta_2=1), "beta_2"),
        (lambda: TrainingSpec("sgd", nesterov=0), "nesterov"),
        (lambda: TrainingSpec(schedule="step", every=0), "every"),
        (lambda: TrainingSpec(clip="norm", clip_at=0), "clip_at"),
        (lambda: TrainingSpec(loss="focal", gamma=-1), "gamma"),
        (lambda: Experiment(training=TrainingSpec(loss="huber")), "loss"),
        (lambda: Experiment(DataSpec("plane"), training=TrainingSpec(loss="focal")), "loss"),
        (lambda: Experiment(DataSpec("plane"), training=TrainingSpec(class_weight="balanced")), "class_weight"),
        (lambda: TrainingSpec(learning_rate=0), "lr"),
        (lambda: TrainingSpec(batch_size=True), "batch"),
        (lambda: TrainingSpec(epochs=2001), "epochs"),
        (lambda: TrainingSpec(seed=0.0), "seed"),
    ):
        with pytest.raises(ExperimentError, match=f"^`{key}` must be ") as raised:
            make()
        assert raised.value.key == key


def test_setting_of_another_method_is_refused() -> None:
    for choice, chosen, setting in (
        ("optimizer", "adam", {"momentum": 0.9}),
        ("optimizer", "sgd", {"beta_1": 0.9}),
        ("optimizer", "sgd", {"amsgrad": False}),
        ("optimizer", "adamax", {"centered": True}),
        ("schedule", "constant", {"every": 20}),
        ("schedule", "cosine", {"warm_up": 10}),
        ("clip", "none", {"clip_at": 1.0}),
        ("loss", "hinge", {"label_smoothing": 0.0}),
        ("loss", None, {"gamma": 2.0}),
    ):
        (name,) = setting
        with pytest.raises(ExperimentError, match=f"^`{name}` must be absent: {choice} {chosen} has no such setting"):
            TrainingSpec(**{choice: chosen}, **setting)


def test_values_that_make_no_difference_are_equal() -> None:
    for plain, same in (
        (NetworkSpec(), NetworkSpec(l1_on=("bias",), l2_on=("activity",))),
        (NetworkSpec(l1=0.1, l1_on=("kernel", "bias")), NetworkSpec(l1=0.1, l1_on=("bias", "kernel"))),
        (NetworkSpec(l2=0.1, l2_on=("kernel", "bias")), NetworkSpec(l2=0.1, l2_on=["bias", "kernel"])),
        (NetworkSpec((LayerSpec(), LayerSpec())), NetworkSpec([LayerSpec(), LayerSpec()])),
        (NetworkSpec(max_norm=2.0), NetworkSpec(max_norm=2)),
        (DataSpec(split="all"), DataSpec(split="all", validation=0.3, test=0.5, train_rows=100, train_share=0.5)),
        (DataSpec(split="ordered"), DataSpec(split="ordered", test=0.5)),
        (DataSpec(), DataSpec(train_rows=100)),
        (TrainingSpec(), TrainingSpec(restore_best=False)),
        (TrainingSpec("sgd"), TrainingSpec("sgd", momentum=0, nesterov=False, weight_decay=-0.0)),
        (TrainingSpec(schedule="step"), TrainingSpec(schedule="step", every=20, factor=0.5)),
        (Experiment(), Experiment(training=TrainingSpec(loss="crossentropy", label_smoothing=0.0))),
    ):
        assert plain == same
        assert hash(plain) == hash(same)
        assert repr(plain) == repr(same)


def test_values_that_make_a_difference_are_not_equal() -> None:
    for plain, other in (
        (NetworkSpec(l1=0.1), NetworkSpec(l1=0.1, l1_on=("bias",))),
        (NetworkSpec(l2=0.1), NetworkSpec(l2=0.1, l2_on=("bias",))),
        (DataSpec(), DataSpec(validation=0.3)),
        (DataSpec(), DataSpec(train_share=0.3)),
        (DataSpec(split="ordered"), DataSpec(split="ordered", validation=0.3)),
        (TrainingSpec(patience=5), TrainingSpec(patience=5, restore_best=False)),
        (LayerSpec(), LayerSpec(dropout=0.0)),
    ):
        assert plain != other


def test_loss_follows_the_target() -> None:
    for name in menus.DATA:
        data = DataSpec(name)
        first = {"classes": "crossentropy", "numbers": "squared_error"}[data.task]
        assert Experiment(data).training.loss == first
        for loss in menus.ALL_LOSSES:
            if loss in menus.LOSSES[data.task]:
                assert Experiment(data, training=TrainingSpec(loss=loss)).training.loss == loss
            else:
                with pytest.raises(ExperimentError, match="`loss` must be one of "):
                    Experiment(data, training=TrainingSpec(loss=loss))


def test_default_loss_brings_its_settings() -> None:
    assert TrainingSpec().label_smoothing is None
    assert Experiment().training.label_smoothing == 0.0
