"""Which settings can change while a network trains, and which ones need another program."""

from dataclasses import fields, replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from core.experiment import DataSpec, Experiment, LayerSpec, NetworkSpec, TrainingSpec, can_become, read_query, shape_of
from tests.core.experiment.strategies import experiments

# A field, the other keys that it needs, and two texts that only differ in that field.
# Needs new weights, rows or optimizer state, and another program.
ANEW = [
    ("data.name", "", "data=moons", "data=circles"),
    ("data.points", "", "points=500", "points=600"),
    ("data.arms", "data=spiral", "arms=3", "arms=4"),
    ("data.classes", "data=blobs", "classes=3", "classes=4"),
    ("data.table", "data=file", "rare=5", "rare=20"),
    ("data.min_pictures", "data=lfw", "min_pictures=50", "min_pictures=60"),
    ("data.max_pictures", "data=lfw", "max_pictures=50", "max_pictures=60"),
    ("data.imbalance", "", "imbalance=1", "imbalance=0.5"),
    ("data.balance", "", "balance=none", "balance=cut"),
    ("data.inputs", "", "inputs=x1,x2", "inputs=x1,x2,x1x2"),
    ("data.split", "", "split=stratified", "split=ordered"),
    ("data.test", "", "test=0.2", "test=0.3"),
    ("data.train_rows", "split=ordered", "train_rows=400", "train_rows=500"),
    ("data.validation", "", "validation=0", "validation=0.1"),
    ("data.validation", "", "validation=0.1", "validation=0.2"),
    ("data.train_share", "", "train_share=1", "train_share=0.5"),
    ("network.layers", "", "layers=none", "layers=relu-4"),
    ("network.layers", "", "layers=relu-4", "layers=relu-4,relu-4"),
    ("layer.units", "", "layers=relu-4", "layers=relu-5"),
    ("layer.activation", "", "layers=relu-4", "layers=tanh-4"),
    ("layer.normalization", "", "layers=relu-4", "layers=relu-4-batch"),
    ("layer.normalization", "", "layers=relu-4-batch", "layers=relu-4-layer"),
    ("layer.noise", "", "layers=relu-4", "layers=relu-4-noise0.1"),
    ("layer.dropout", "", "layers=relu-4", "layers=relu-4-drop0.1"),
    ("layer.dropout", "dropout=0.1", "layers=relu-4", "layers=relu-4-drop0"),
    ("network.dropout", "", "dropout=0", "dropout=0.1"),
    ("network.max_norm", "", "max_norm=0", "max_norm=1"),
    ("network.max_norm", "", "max_norm=1", "max_norm=2"),
    ("training.optimizer", "", "optimizer=adamax", "optimizer=nadam"),
    ("training.momentum", "optimizer=sgd", "momentum=0", "momentum=0.1"),
    ("training.momentum", "optimizer=rmsprop", "momentum=0", "momentum=0.1"),
    ("training.nesterov", "optimizer=sgd&momentum=0.9", "nesterov=no", "nesterov=yes"),
    ("training.beta_1", "", "beta_1=0.9", "beta_1=0.8"),
    ("training.beta_2", "", "beta_2=0.9", "beta_2=0.8"),
    ("training.rho", "optimizer=rmsprop", "rho=0.9", "rho=0.8"),
    ("training.epsilon", "", "epsilon=0.1", "epsilon=0.2"),
    ("training.amsgrad", "", "amsgrad=no", "amsgrad=yes"),
    ("training.centered", "optimizer=rmsprop", "centered=no", "centered=yes"),
    ("training.accumulator", "optimizer=adagrad", "accumulator=0.1", "accumulator=0.2"),
    ("training.weight_decay", "", "weight_decay=0", "weight_decay=0.1"),
    ("training.weight_decay", "", "weight_decay=0.1", "weight_decay=0.2"),
    ("training.clip", "", "clip=value", "clip=norm"),
    ("training.clip_at", "clip=norm", "clip_at=1", "clip_at=2"),
    ("training.loss", "", "loss=hinge", "loss=squared_error"),
    ("training.loss", "data=plane", "loss=squared_error", "loss=absolute_error"),
    ("training.label_smoothing", "", "label_smoothing=0", "label_smoothing=0.1"),
    ("training.gamma", "loss=focal", "gamma=1", "gamma=2"),
    ("training.delta", "data=plane&loss=huber", "delta=1", "delta=2"),
    ("training.class_weight", "", "class_weight=none", "class_weight=balanced"),
]
# Needs a restart, with the same program.
RERUN = [
    ("data.noise", "", "noise=0.1", "noise=0.2"),
    ("data.noise", "", "noise=0", "noise=0.2"),
    ("data.random_labels", "", "random_labels=0", "random_labels=0.5"),
    ("data.seed", "", "data_seed=1", "data_seed=2"),
    ("data.scaling", "", "scaling=none", "scaling=standard"),
    ("network.initializer", "", "init=zeros", "init=he_normal"),
    ("training.seed", "", "seed=1", "seed=2"),
    ("training.schedule", "", "schedule=step", "schedule=exponential"),
    ("training.every", "schedule=step", "every=10", "every=20"),
    ("training.factor", "schedule=step", "factor=0.1", "factor=0.2"),
    ("training.final", "schedule=cosine", "final=0", "final=0.2"),
    ("training.warm_up", "schedule=warm_up", "warm_up=10", "warm_up=20"),
    ("training.rise", "schedule=one_cycle", "rise=0.1", "rise=0.2"),
    ("training.target", "", "target=0", "target=0.9"),
]
# Can change during training, with another program.
GOES_ON = [
    ("network.l1", "", "l1=0", "l1=0.1"),
    ("network.l1_on", "l1=0.1", "l1_on=kernel", "l1_on=bias"),
    ("network.l2", "", "l2=0", "l2=0.1"),
    ("network.l2_on", "l2=0.1", "l2_on=kernel", "l2_on=kernel,activity"),
    ("training.batch_size", "", "batch=16", "batch=32"),
]
# Can change during training, with the same program.
LIVE = [
    ("layer.noise", "", "layers=relu-4-noise0.1", "layers=relu-4-noise0.2"),
    ("layer.dropout", "", "layers=relu-4-drop0.1", "layers=relu-4-drop0.2"),
    ("layer.dropout", "dropout=0.1", "layers=relu-4", "layers=relu-4-drop0.2"),
    ("layer.dropout", "", "layers=relu-4", "layers=relu-4-drop0"),
    ("network.dropout", "", "dropout=0.1", "dropout=0.2"),
    ("network.dropout", "layers=none", "dropout=0", "dropout=0.2"),
    ("network.l1", "", "l1=0.1", "l1=0.2"),
    ("network.l2", "", "l2=0.1", "l2=0.2"),
    ("training.learning_rate", "", "lr=0.1", "lr=0.2"),
    ("training.epochs", "", "epochs=10", "epochs=20"),
    ("training.patience", "", "patience=0", "patience=5"),
    ("training.restore_best", "patience=5", "restore_best=no", "restore_best=yes"),
    ("training.momentum", "optimizer=sgd", "momentum=0.1", "momentum=0.2"),
    ("training.momentum", "optimizer=muon", "momentum=0.95", "momentum=0.2"),
]
CHANGES = [
    *((change, False, False) for change in ANEW),
    *((change, False, True) for change in RERUN),
    *((change, True, False) for change in GOES_ON),
    *((change, True, True) for change in LIVE),
]


def _differing(before: Experiment, after: Experiment) -> set[str]:
    """Return the fields that differ."""
    pairs: list[tuple[str, Any, Any]] = [
        ("data", before.data, after.data),
        ("network", before.network, after.network),
        ("training", before.training, after.training),
    ]
    if len(before.network.layers) == len(after.network.layers):
        pairs += [("layer", *pair) for pair in zip(before.network.layers, after.network.layers, strict=True)]
    found = {
        f"{part}.{field.name}"
        for part, first, second in pairs
        for field in fields(first)
        if getattr(first, field.name) != getattr(second, field.name)
    }
    return found - {"network.layers"} if len(found) > 1 else found


def test_change_is_live_and_keeps_its_program() -> None:
    for change, live, same_shape in CHANGES:
        field, beside, *texts = change
        before, after = (read_query("&".join(filter(None, (beside, text)))) for text in texts)
        assert _differing(before, after) == {field}
        assert can_become(before, after) == can_become(after, before) == live
        assert (shape_of(before) == shape_of(after)) == same_shape


def test_every_field_is_tested() -> None:
    specs = {"data": DataSpec, "network": NetworkSpec, "layer": LayerSpec, "training": TrainingSpec}
    every = {f"{part}.{field.name}" for part, spec in specs.items() for field in fields(spec)}
    assert {change[0] for change, _, _ in CHANGES} == every


above_zero = st.floats(0.001, 0.9)


@given(experiments, st.data())
def test_live_numbers_above_zero_share_a_program(experiment: Experiment, data: st.DataObject) -> None:
    def other(value: float | None) -> float | None:
        return data.draw(above_zero) if value else value

    shape = shape_of(experiment)
    assert shape_of(shape) == shape
    assert len(shape.network.layers) == len(experiment.network.layers)
    assert shape.data.name == experiment.data.name
    assert can_become(experiment, experiment)
    network, training = experiment.network, experiment.training
    layers = tuple(replace(layer, noise=other(layer.noise), dropout=other(layer.dropout)) for layer in network.layers)
    changed = Experiment(
        experiment.data,
        replace(network, layers=layers, l1=other(network.l1), l2=other(network.l2), dropout=other(network.dropout)),
        replace(
            training,
            learning_rate=data.draw(above_zero),
            epochs=data.draw(st.integers(1, 2000)),
            momentum=other(training.momentum),
        ),
    )
    assert shape_of(changed) == shape_of(experiment)
    assert can_become(experiment, changed)
    batch = replace(changed, training=replace(changed.training, batch_size=data.draw(st.integers(1, 4096))))
    assert can_become(experiment, batch)
