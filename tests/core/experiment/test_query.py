"""Experiments as query strings."""

import re
from urllib.parse import parse_qsl

from hypothesis import given

from core.experiment import (
    DataSpec,
    Experiment,
    LayerSpec,
    NetworkSpec,
    TableSpec,
    TrainingSpec,
    from_json,
    read_query,
    to_json,
    to_params,
    to_query,
)
from tests.core.experiment.strategies import experiments, table_specs

MOONS = "data=moons&points=1000&noise=0.05&data_seed=0&split=stratified&test=0.2&scaling=none"
DEFAULT = f"{MOONS}&layers=tanh-4,tanh-2&l2=0&dropout=0&optimizer=adam&lr=0.01&batch=32&epochs=100&seed=0"


@given(experiments)
def test_query_and_json_read_back(experiment: Experiment) -> None:
    query, text = to_query(experiment), to_json(experiment)
    assert read_query(query) == from_json(text) == experiment
    # Equal experiments are written equally.
    assert to_query(read_query(query)) == query
    assert to_json(from_json(text)) == text
    assert list(to_params(experiment).items()) == parse_qsl(query)
    if experiment.data.table is None:  # names of columns may have any characters
        assert re.fullmatch(r"[a-z0-9_=&,.-]+", query)


@given(table_specs)
def test_names_of_columns_read_back(table: TableSpec) -> None:
    experiment = Experiment(DataSpec("file", table=table))
    assert to_query(experiment).isascii()
    assert read_query(to_query(experiment)) == from_json(to_json(experiment)) == experiment


def test_default_experiment_is_written_out() -> None:
    assert to_query(Experiment()) == DEFAULT


def test_what_is_left_out_takes_its_default() -> None:
    for query in (
        "",
        "?",
        DEFAULT,
        f"?{DEFAULT}",
        "data=moons",
        "layers=tanh-4,tanh-2",
    ):
        assert read_query(query) == Experiment()


def test_every_value_is_read() -> None:
    query = (
        "data=spiral&points=400&noise=0.3&arms=4&data_seed=5&split=ordered&train_rows=250&validation=0.1&scaling=minmax"
        "&layers=relu-8-batch,leaky_relu-3-noise0.5-drop0.1&init=he_normal&l1=0.01&l1_on=bias"
        "&l2=0.001&l2_on=activity,kernel&max_norm=3&dropout=0.25"
        "&optimizer=sgd&lr=1e-3&batch=16&epochs=7&seed=42&schedule=step&clip=norm&loss=focal&class_weight=balanced"
        "&patience=5&restore_best=no&target=0.99"
        "&momentum=0.9&nesterov=yes&weight_decay=0.01&every=3&factor=0.25&clip_at=2&gamma=3&label_smoothing=0.1"
    )
    layers = (LayerSpec(8, "relu", "batch"), LayerSpec(3, "leaky_relu", noise=0.5, dropout=0.1))
    assert read_query(query) == Experiment(
        DataSpec("spiral", 400, 0.3, 4, seed=5, split="ordered", train_rows=250, validation=0.1, scaling="minmax"),
        NetworkSpec(
            layers,
            initializer="he_normal",
            l1=0.01,
            l1_on=("bias",),
            l2=0.001,
            l2_on=("kernel", "activity"),
            max_norm=3,
            dropout=0.25,
        ),
        TrainingSpec(
            "sgd",
            0.001,
            16,
            7,
            42,
            momentum=0.9,
            nesterov=True,
            weight_decay=0.01,
            schedule="step",
            every=3,
            factor=0.25,
            clip="norm",
            clip_at=2,
            loss="focal",
            gamma=3,
            label_smoothing=0.1,
            class_weight="balanced",
            patience=5,
            restore_best=False,
            target=0.99,
        ),
    )


# Other keys that a key needs, the key, its default and another value.
def test_only_what_differs_is_printed() -> None:
    for beside, key, default, other in (
        ("data=moons", "validation", "0", "0.1"),
        ("data=moons", "init", "glorot_uniform", "zeros"),
        ("data=moons", "l1", "0", "0.1"),
        ("data=moons", "max_norm", "0", "2"),
        ("data=moons", "schedule", "constant", "cosine"),
        ("data=moons", "clip", "none", "value"),
        ("data=moons", "loss", "crossentropy", "squared_error"),
        ("data=plane", "loss", "squared_error", "huber"),
        ("data=moons", "class_weight", "none", "balanced"),
        ("data=moons", "patience", "0", "5"),
        ("patience=5", "restore_best", "yes", "no"),
        ("data=moons", "target", "0", "0.9"),
        ("optimizer=sgd", "momentum", "0", "0.9"),
        ("optimizer=muon", "momentum", "0.95", "0"),
        ("optimizer=sgd", "nesterov", "no", "yes"),
        ("optimizer=muon", "nesterov", "yes", "no"),
        ("optimizer=adam", "beta_1", "0.9", "0.8"),
        ("optimizer=adam", "beta_2", "0.999", "0.99"),
        ("optimizer=lion", "beta_2", "0.99", "0.999"),
        ("optimizer=rmsprop", "rho", "0.9", "0.95"),
        ("optimizer=adadelta", "rho", "0.95", "0.9"),
        ("optimizer=adam", "epsilon", "1e-07", "0.001"),
        ("optimizer=adam", "amsgrad", "no", "yes"),
        ("optimizer=rmsprop", "centered", "no", "yes"),
        ("optimizer=adagrad", "accumulator", "0.1", "0"),
        ("optimizer=adam", "weight_decay", "0", "0.004"),
        ("optimizer=adamw", "weight_decay", "0.004", "0"),
        ("schedule=step", "every", "20", "3"),
        ("schedule=exponential", "factor", "0.5", "0.1"),
        ("schedule=cosine", "final", "0", "0.1"),
        ("schedule=warm_up", "warm_up", "10", "20"),
        ("schedule=one_cycle", "rise", "0.3", "0.5"),
        ("clip=norm", "clip_at", "1", "0.5"),
        ("loss=crossentropy", "label_smoothing", "0", "0.1"),
        ("loss=focal", "gamma", "2", "1"),
        ("data=curve&loss=huber", "delta", "1", "2"),
    ):
        plain = to_query(read_query(beside))
        assert key not in dict(parse_qsl(plain))
        assert to_query(read_query(f"{beside}&{key}={default}")) == plain
        printed = dict(parse_qsl(to_query(read_query(f"{beside}&{key}={other}"))))
        assert printed.pop(key) == other
        assert dict(parse_qsl(plain)).items() <= printed.items()


def test_where_a_penalty_falls_is_printed_with_its_strength() -> None:
    for penalty in (
        "l1",
        "l2",
    ):
        assert to_params(read_query(f"{penalty}=0.1"))[f"{penalty}_on"] == "kernel"
        assert f"{penalty}_on" not in to_params(Experiment())


def test_number_takes_a_loss_of_its_own() -> None:
    assert read_query("data=curve").training.loss == "squared_error"
    assert read_query("data=moons").training.loss == "crossentropy"
    assert read_query("data=moons&loss=squared_error").training.loss == "squared_error"


def test_no_layers() -> None:
    for text in (
        "none",
        "",
    ):
        assert read_query(f"layers={text}").network.layers == ()


def test_a_data_set_brings_its_own_defaults() -> None:
    data = read_query("data=digits&split=ordered").data
    assert (data.seed, data.scaling, data.train_rows, data.points) == (0, "minmax", 1000, None)


def test_values_that_do_not_apply_make_no_difference() -> None:
    assert read_query("split=all&test=0.4&train_rows=50") == read_query("split=all")
    assert read_query("split=ordered&test=0.4") == read_query("split=ordered")
    assert read_query("split=stratified&train_rows=50") == read_query("split=stratified")
    assert read_query("split=all&validation=0.4") == read_query("split=all")
    assert read_query("l2=0&l2_on=bias") == read_query("l2=0")
    assert read_query("l1=0&l1_on=bias") == read_query("l1=0")
    assert read_query("patience=0&restore_best=no") == read_query("patience=0")


def test_zero_has_one_sign() -> None:
    assert to_query(read_query("noise=-0&l2=-0.0")) == to_query(read_query("noise=0&l2=0"))
    assert repr(read_query("noise=-0").data.noise) == "0.0"
