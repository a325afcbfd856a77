"""The script of an experiment, run and compared with the engine."""

import json
import subprocess
import sys
from dataclasses import replace

import keras
import nbformat
import numpy as np
import pytest
import sklearn.datasets
from hypothesis import given, settings
from sklearn.utils import Bunch

from core.datasets import prepare
from core.datasets.downloads import HOME_VARIABLE, NotDownloadedError, read_pictures
from core.engine import epoch_inputs
from core.engine.keras_network import build_network, compile_network, encode_targets, make_optimizer
from core.engine.many import train_many
from core.engine.programs import Programs
from core.errors import DataError
from core.experiment import RECIPES, Experiment, count_parameters, menus, read_query
from core.export.data_code import parts_of
from core.export.script import notebook, script
from tests.core.experiment.strategies import any_experiment
from tests.core.export.scripts import evaluate, figures, run, run_untrained
from tests.core.training.runs import on_the_plain_graph

NO_NETWORK = [name for name in RECIPES if name not in ("mnist", "faces")]
# Every choice of the menus in a few experiments: (query, what of it is to be seen in the script).
CHOICES = [
    ("data=moons&points=200&layers=relu-8&init=he_normal&l1=0.01&l1_on=bias&max_norm=2", "MaxNorm(2.0)"),
    ("data=moons&points=200&layers=sine-8&l1=0.01&l2=0.02&l2_on=kernel,activity", "L1L2(0.01, 0.02)"),
    ("data=moons&points=200&layers=relu-8-batch,tanh-4-layer&l2=0.02&l2_on=activity", "BatchNormalization()"),
    ("data=moons&points=200&loss=hinge&class_weight=balanced&imbalance=0.3", "threshold=0.0"),
    ("data=moons&points=200&loss=focal&gamma=3&label_smoothing=0.1", "BinaryFocalCrossentropy"),
    ("data=moons&points=200&loss=squared_error&inputs=x1,x1x2,sinx2&scaling=minmax", "mean_squared_error"),
    ("data=linear&points=200&noise=0.2&random_labels=0.3&validation=0.25", "random.integers"),
    ("data=circles&points=200&split=ordered&train_rows=100&validation=0.2&scaling=standard", "x[:100]"),
    ("data=xor&points=200&init=too_large&split=all&balance=cut", "stddev=10.0"),
    ("data=gaussians&points=200&init=zeros", "Zeros()"),
    ("data=sine&points=250&init=uniform", "RandomUniform"),
    ("data=spiral&points=200&arms=4&loss=hinge&imbalance=0.4&class_weight=balanced", "categorical_hinge"),
    ("data=spiral&points=200&arms=3&loss=focal", "CategoricalFocalCrossentropy()"),
    ("data=blobs&points=200&classes=5&label_smoothing=0.2", "CategoricalCrossentropy(label_smoothing=0.2)"),
    ("data=blobs&points=203&classes=3&balance=cut&imbalance=0.5&random_labels=0.2&split=all", "smallest"),
    ("data=iris&scaling=minmax&validation=0.2", "load_iris"),
    ("data=wine&train_share=0.3&validation=0.2&scaling=standard&balance=cut&random_labels=0.1", "0.3 * len(rows)"),
    ("data=plane&points=200&train_share=0.25&scaling=minmax", "0.25 * len(y_train)"),
    ("data=wine", "load_wine"),
    ("data=cancer&split=ordered", "load_breast_cancer"),
    ("data=penguins&scaling=standard&loss=squared_error", "to_categorical"),
    ("data=plane&points=200&inputs=x1,x1x1", "np.column_stack"),
    ("data=hills&points=200&scaling=minmax&loss=huber&delta=0.5", "Huber(0.5)"),
    ("data=curve&loss=absolute_error", "mean_absolute_error"),
    ("data=diabetes&validation=0.2", "y_scaler"),
]


def engine_figures(experiment: Experiment) -> tuple[keras.Model, dict[str, list[float]]]:
    """Return the untrained network of the engine, and what it says of every part of the rows."""
    split, training = prepare(experiment.data), experiment.training
    model = build_network(experiment.network, split.inputs, split.classes, training.seed, str(training.loss))
    compile_network(model, training, split.classes, training.learning_rate)
    rows = {
        "": (split.x_train, split.y_train),
        "_train": (split.x_train, split.y_train),
        "_val": (split.x_val, split.y_val),
        "_test": (split.x_test, split.y_test),
    }
    return model, {part: evaluate(model, x, encode_targets(y, split)) for part, (x, y) in rows.items()}


def check_first_figures(experiment: Experiment, file_name: str = "data.csv") -> dict:
    variables = run_untrained(experiment, file_name)
    model, expected = engine_figures(experiment)
    assert variables["model"].count_params() == model.count_params()
    for ours, theirs in zip(variables["model"].get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    for part in parts_of(experiment.data).all:
        assert figures(variables, part) == pytest.approx(expected[part], rel=1e-5, abs=1e-5), part
    return variables


@pytest.mark.parametrize("name", NO_NETWORK)
def test_the_script_of_a_recipe_begins_where_the_engine_does(name):
    check_first_figures(read_query(f"recipe={name}"))


@pytest.mark.parametrize(("query", "seen"), CHOICES)
def test_every_choice_is_in_the_script_and_gives_the_same_first_figures(query, seen):
    experiment = read_query(query)
    assert seen in script(experiment)
    check_first_figures(experiment)


@pytest.mark.parametrize("optimizer", menus.OPTIMIZERS)
def test_an_optimizer_is_made_with_the_persons_settings(optimizer):
    changed = "".join(
        f"&{name}={'yes' if setting.default is False else 'no' if setting.default is True else 0.3}"
        for name, setting in menus.OPTIMIZERS[optimizer].settings.items()
        if not (name == "nesterov" and optimizer == "sgd")
    )
    for settings_ in ("", changed, "&clip=global_norm&clip_at=0.5"):
        experiment = read_query(f"data=moons&points=50&optimizer={optimizer}&lr=0.02{settings_}")
        made = run_untrained(experiment)["model"].optimizer
        expected = make_optimizer(experiment.training, 0.02).get_config()
        assert made.get_config() | {"name": ""} == expected | {"name": ""}


@pytest.mark.parametrize(
    "schedule",
    [
        "step&every=3&factor=0.5",
        "exponential&every=4&factor=0.3",
        "cosine&final=0.1",
        "cosine",
        "warm_up&warm_up=5",
        "one_cycle&rise=0.25",
    ],
)
def test_a_schedule_gives_every_step_its_rate(schedule):
    from core.experiment.schedule import step_rates

    experiment = read_query(f"data=moons&points=100&split=all&batch=32&epochs=9&lr=0.05&schedule={schedule}")
    rate = run_untrained(experiment)["model"].optimizer._learning_rate
    expected = np.concatenate([step_rates(experiment.training, epoch, 4) for epoch in range(9)])
    assert [float(rate(step)) for step in range(36)] == pytest.approx(expected.tolist(), rel=1e-4, abs=1e-8)


@pytest.mark.parametrize("name", NO_NETWORK)
def test_the_script_of_a_recipe_trains_as_the_engine_where_both_take_the_rows_in_order(name, monkeypatch):
    """On the engine's plain graph, which other tests hold to the compiled one: compiling takes twice as long."""
    experiment = read_query(f"recipe={name}&epochs=3")
    monkeypatch.setattr(
        epoch_inputs,
        "row_orders",
        lambda _, epochs, rows: np.tile(np.arange(rows, dtype=np.int32), (len(epochs), 1)),
    )
    of_engine, _ = on_the_plain_graph(experiment, Programs())
    shuffled = script(experiment)
    in_order = shuffled.replace("    epochs=3,\n", "    epochs=3,\n    shuffle=False,\n")
    assert in_order != shuffled
    history = run(in_order)["history"].history
    for figure, expected in zip(menus.HISTORY[experiment.data.task], of_engine.T, strict=True):
        np.testing.assert_allclose(history[figure], expected, rtol=1e-4, err_msg=figure)


# One recipe of each kind: two classes, more classes without a hidden layer, batches of 10, and pictures with L2 and
# momentum. Every recipe's script is held to the engine's history above.
# In fewer epochs than the recipes have, after which the seeds are no further apart than after all of them.
@pytest.mark.parametrize("query", ["moons&epochs=30&lr=0.05", "digits&epochs=20"])
def test_the_script_of_a_recipe_ends_within_the_engines_spread_over_seeds(query, capsys):
    experiment = read_query(f"recipe={query}")
    seeds = (experiment.training.seed, *range(100, 107))
    members = train_many(
        [replace(experiment, training=replace(experiment.training, seed=seed)) for seed in seeds],
    )
    accuracies = [member.history["val_accuracy"][-1] for member in members]
    history = run(script(experiment))["history"].history
    assert len(history["val_accuracy"]) == experiment.training.epochs
    assert min(accuracies) - 0.02 <= history["val_accuracy"][-1] <= max(accuracies) + 0.02
    assert "accuracy': " in capsys.readouterr().out


def test_a_script_stops_early_and_at_a_target():
    query = "data=moons&points=100&noise=0&layers=relu-32&epochs=40&validation=0.2"
    stopped = run(script(read_query(f"{query}&lr=0.05&target=0.7")))["history"].history
    assert 1 <= len(stopped["loss"]) < 40
    assert stopped["val_accuracy"][-1] >= 0.7 > max(stopped["val_accuracy"][:-1], default=0)
    variables = run(script(read_query(f"{query}&lr=9&patience=2&loss=hinge")))
    losses = variables["history"].history["val_loss"]
    assert len(losses) == np.argmin(losses) + 3
    assert figures(variables, "_val")[0] == pytest.approx(min(losses), rel=1e-4)


def test_class_weights_noise_dropout_and_regression_train():
    for query in (
        "data=blobs&points=200&classes=3&class_weight=balanced&layers=relu-8&dropout=0.2&epochs=2",
        "data=diabetes&layers=relu-8&epochs=2&schedule=one_cycle&patience=5",
    ):
        history = run(script(read_query(query)))["history"].history
        assert len(history["loss"]) == 2
        assert np.isfinite(list(history.values())).all()


def test_noise_and_dropout_begin_from_the_engines_seeds():
    experiment = read_query("data=moons&points=50&layers=relu-8-noise0.2-drop0.3,tanh-4&dropout=0.1&seed=3")
    split = prepare(experiment.data)
    ours = run_untrained(experiment)["model"]
    theirs = build_network(experiment.network, split.inputs, split.classes, 3)
    assert [type(layer).__name__ for layer in ours.layers] == [type(layer).__name__ for layer in theirs.layers]
    for mine, layer in zip(ours.layers, theirs.layers, strict=True):
        for name in ("rate", "stddev", "seed"):
            assert getattr(mine, name, None) == getattr(layer, name, None)


@settings(max_examples=25)
@given(any_experiment())
def test_any_script_compiles_and_builds_the_same_number_of_parameters(experiment):
    if menus.DATA[experiment.data.name].uploaded or menus.DATA[experiment.data.name].downloaded:
        return
    try:
        split = prepare(experiment.data)
    except DataError:
        with pytest.raises(DataError):
            script(experiment)
        return
    expected = count_parameters(experiment.network, split.inputs, split.classes)
    assert run_untrained(experiment)["model"].count_params() == expected


@pytest.mark.parametrize(
    "query",
    [
        "data=mnist&validation=0.2",
        "data=fashion&split=ordered&train_rows=300",
        "data=lfw&min_pictures=90&max_pictures=50&split=all",
        "data=olivetti&scaling=minmax",
    ],
)
def test_pictures_come_from_the_library_that_has_them_as_the_same_rows(query, monkeypatch):
    data = read_query(query).data
    kept = read_pictures(data.name)
    names = [str(name) for name in kept.class_names]
    bunch = Bunch(images=kept.images, target=kept.labels, target_names=names)
    halves = ((kept.images[:200], kept.labels[:200]), (kept.images[200:], kept.labels[200:]))
    monkeypatch.setattr(keras.datasets.mnist, "load_data", lambda: halves)
    monkeypatch.setattr(keras.datasets.fashion_mnist, "load_data", lambda: halves)
    monkeypatch.setattr(sklearn.datasets, "fetch_lfw_people", lambda min_faces_per_person: bunch)
    flat = kept.images.reshape(len(kept.images), -1)
    monkeypatch.setattr(sklearn.datasets, "fetch_olivetti_faces", lambda return_X_y: (flat, kept.labels))
    variables = run(script(read_query(query)).partition("# Network")[0])
    split, part = prepare(data), parts_of(data).train
    np.testing.assert_allclose(variables[f"x{part}"], split.x_train, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(variables[f"y{part}"], split.y_train)


def test_pictures_need_not_be_here_to_write_their_script(tmp_path, monkeypatch):
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    assert 'layers.Dense(40, "softmax"' in script(read_query("data=olivetti"))
    with pytest.raises(NotDownloadedError):  # nobody knows how many people have so many pictures
        script(read_query("data=lfw&data_seed=99"))


def test_scripts_are_as_ruff_would_write_them(tmp_path):
    queries = [f"recipe={name}" for name in RECIPES] + [query for query, _ in CHOICES]
    queries += [f"data=moons&schedule={name}&target=0.9&patience=3" for name in menus.SCHEDULES]
    queries += ["data=fashion", "data=olivetti", "data=iris&imbalance=0.2&validation=0.1"]
    for number, query in enumerate(queries):
        (tmp_path / f"script_{number}.py").write_text(script(read_query(query)), "utf-8")
    ruff = [sys.executable, "-m", "ruff"]
    for command in (["format", "--diff", "--isolated"], ["check", "--isolated", "--select", "E4,E7,E9,F,I,W"]):
        done = subprocess.run([*ruff, *command, tmp_path], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_a_notebook_holds_the_script_in_cells_and_draws_the_curves(monkeypatch):
    import plotly.graph_objects as go

    experiment = read_query("data=moons&points=100&epochs=2")
    content = json.loads(notebook(experiment))
    nbformat.validate(content)  # Jupyter's own schema
    assert (content["nbformat"], content["nbformat_minor"]) == (4, 5)
    assert len({cell["id"] for cell in content["cells"]}) == len(content["cells"])
    code = ["".join(cell["source"]) for cell in content["cells"] if cell["cell_type"] == "code"]
    assert code[0] == "%pip install -q keras tensorflow plotly scikit-learn"
    shown: list[go.Figure] = []
    monkeypatch.setattr(go.Figure, "show", lambda figure: shown.append(figure))
    variables = run("\n".join(code[1:]))
    assert [trace.name for figure in shown for trace in figure.data] == [
        "loss", "val_loss", "accuracy", "val_accuracy",
    ]  # fmt: skip
    assert list(shown[0].data[0].y) == pytest.approx(variables["history"].history["loss"])
