"""Every control says what the experiment is, changes it, and puts the change into the address."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl, urlencode

import numpy as np
import pytest

from core.experiment import RECIPES, DataSpec, Experiment, menus, read_query
from core.experiment.address import KEYS, to_params
from core.experiment.menus import Method
from core.experiment.table_spec import TABLE_KEYS
from tests.core.experiment.strategies import BUILT_IN
from tests.pages.lab_page import LabPage

OpenLab = Callable[..., LabPage]

# Start, control, what is chosen there, and what of the address changes; None is a key that goes.
CHANGES: list[tuple[str, str, object, dict[str, str | None]]] = [
    ("", "Data set", "xor", {"data": "xor"}),
    ("", "Points", 500, {"points": "500"}),
    ("", "Noise", 0.2, {"noise": "0.2"}),
    ("data=linear", "Share of random labels", 0.1, {"noise": "0.1"}),
    ("data=gaussians", "Spread", 1.5, {"noise": "1.5"}),
    ("data=spiral", "Arms", 5, {"arms": "5"}),
    ("data=blobs", "Classes", 8, {"classes": "8"}),
    ("data=lfw", "Minimum pictures per person", 50, {"min_pictures": "50"}),
    ("data=lfw", "Maximum pictures per person", 20, {"max_pictures": "20"}),
    ("", "Inputs", ["x1x2", "x1"], {"inputs": "x1,x1x2"}),
    ("data=plane&inputs=x1x1,x2x2", "Inputs", ["x1", "x2"], {"inputs": None}),
    ("", "Size of the smallest class", 0.1, {"imbalance": "0.1"}),
    ("", "Random training labels", 0.5, {"random_labels": "0.5"}),
    ("", "Class balance in training", "cut", {"balance": "cut"}),
    ("", "Held-out rows", "all", {"split": "all", "test": None}),
    ("", "Held-out rows", "ordered", {"split": "ordered", "test": None, "train_rows": "800"}),
    ("", "Held-out share", 0.3, {"test": "0.3"}),
    ("split=ordered", "Training rows", 500, {"train_rows": "500"}),
    ("", "Validation share of training rows", 0.25, {"validation": "0.25"}),
    ("split=ordered", "Validation share of training rows", 0.1, {"validation": "0.1"}),
    ("", "Training rows used", 0.1, {"train_share": "0.1"}),
    ("", "Scaling (fitted on training rows)", "standard", {"scaling": "standard"}),
    ("", "Data seed", 42, {"data_seed": "42"}),
    ("", "Hidden layers", 1, {"layers": "tanh-4"}),
    ("", "Hidden layers", 3, {"layers": "tanh-4,tanh-2,tanh-2"}),
    ("", "Hidden layers", 0, {"layers": "none"}),
    ("", "Layer 1: units", 16, {"layers": "tanh-16,tanh-2"}),
    ("", "Layer 2: units", 512, {"layers": "tanh-4,tanh-512"}),
    ("", "Layer 2: activation", "leaky_relu", {"layers": "tanh-4,leaky_relu-2"}),
    ("", "Layer 1: normalization", "batch", {"layers": "tanh-4-batch,tanh-2"}),
    ("", "Layer 2: normalization", "layer", {"layers": "tanh-4,tanh-2-layer"}),
    ("", "Layer 1: Gaussian noise", 0.3, {"layers": "tanh-4-noise0.3,tanh-2"}),
    ("", "Layer 2: dropout", 0.0, {"layers": "tanh-4,tanh-2-drop0"}),
    ("dropout=0.5&layers=tanh-4-drop0.2", "Layer 1: dropout", "same as all layers", {"layers": "tanh-4"}),
    ("", "Weight initializer", "he_normal", {"init": "he_normal"}),
    ("", "L1 penalty", 0.01, {"l1": "0.01", "l1_on": "kernel"}),
    ("l1=0.01", "L1 applies to", ["bias"], {"l1_on": "bias"}),
    ("", "Max-norm", 3.0, {"max_norm": "3"}),
    ("", "Optimizer", "muon", {"optimizer": "muon"}),
    ("optimizer=sgd", "Momentum", 0.9, {"momentum": "0.9"}),
    ("optimizer=sgd&momentum=0.9", "Nesterov momentum", True, {"nesterov": "yes"}),
    ("", "Beta 1", 0.5, {"beta_1": "0.5"}),
    ("", "Beta 2", 0.9, {"beta_2": "0.9"}),
    ("optimizer=adadelta", "Rho", 0.9, {"rho": "0.9"}),
    ("", "Epsilon", 1e-4, {"epsilon": "0.0001"}),
    ("", "AMSGrad", True, {"amsgrad": "yes"}),
    ("optimizer=rmsprop", "Centered", True, {"centered": "yes"}),
    ("optimizer=adagrad", "Initial accumulator", 1.0, {"accumulator": "1"}),
    ("optimizer=adamw", "Weight decay", 0.01, {"weight_decay": "0.01"}),
    ("", "Learning-rate schedule", "cosine", {"schedule": "cosine"}),
    ("schedule=step", "Step length (epochs)", 10, {"every": "10"}),
    ("schedule=exponential", "Decay factor", 0.1, {"factor": "0.1"}),
    ("schedule=cosine", "Final share of the learning rate", 0.1, {"final": "0.1"}),
    ("schedule=warm_up", "Warm-up (epochs)", 30, {"warm_up": "30"}),
    ("schedule=one_cycle", "Share of the epochs spent rising", 0.5, {"rise": "0.5"}),
    ("", "Gradient clipping", "norm", {"clip": "norm"}),
    ("clip=value", "Clip at", 0.1, {"clip_at": "0.1"}),
    ("", "Loss", "hinge", {"loss": "hinge"}),
    ("data=hills", "Loss", "huber", {"loss": "huber"}),
    ("", "Label smoothing", 0.1, {"label_smoothing": "0.1"}),
    ("loss=focal", "Focusing (gamma)", 5.0, {"gamma": "5"}),
    ("data=hills&loss=huber", "Linear beyond this error (delta)", 0.5, {"delta": "0.5"}),
    ("", "Class balance in training", "weights", {"class_weight": "balanced"}),
    ("", "Early-stopping patience (epochs)", 10, {"patience": "10"}),
    ("patience=10", "Restore the best weights", False, {"restore_best": "no"}),
    ("", "Stop at accuracy", 0.95, {"target": "0.95"}),
    ("data=hills", "Stop at R²", 0.9, {"target": "0.9"}),
    ("", "Learning rate", 0.3, {"lr": "0.3"}),
    ("", "Batch size", 10, {"batch": "10"}),
    ("", "Epochs", 2000, {"epochs": "2000"}),
    ("", "Dropout after every hidden layer", 0.25, {"dropout": "0.25"}),
    ("", "L2 penalty", 0.001, {"l2": "0.001", "l2_on": "kernel"}),
    ("l2=0.001", "L2 applies to", ["bias", "activity"], {"l2_on": "bias,activity"}),
    ("", "Weight seed", 7, {"seed": "7"}),
]


def test_the_first_run_shows_the_default_experiment(lab: LabPage) -> None:
    assert lab.address == to_params(Experiment())
    assert lab.job is None
    assert {
        label: lab.control(label).value
        for label in ("Data set", "Points", "Noise", "Hidden layers", "Layer 1: units", "Layer 2: activation")
    } == {
        "Data set": "moons",
        "Points": 1000,
        "Noise": 0.05,
        "Hidden layers": 2,
        "Layer 1: units": 4,
        "Layer 2: activation": "tanh",
    }
    assert {
        label: lab.control(label).value for label in ("Optimizer", "Learning rate", "Batch size", "Epochs", "Recipe")
    } == {"Optimizer": "adam", "Learning rate": 0.01, "Batch size": 32, "Epochs": 100, "Recipe": None}
    assert lab.panel("strip")["epochs"] == 100
    assert list(lab.cards) == ["boundary", "curves", "confusion"]


@pytest.mark.parametrize(("start", "label", "chosen", "change"), CHANGES)
def test_a_control_changes_the_experiment_and_the_address(
    open_lab: OpenLab, start: str, label: str, chosen: object, change: dict[str, str | None]
) -> None:
    lab = open_lab(start)
    before = lab.address
    lab.choose(label, chosen)
    expected = {key: text for key, text in (before | change).items() if text is not None}
    assert lab.address == expected
    # It is no passing state: the next run, whatever asks for it, finds it so.
    assert lab.run().address == expected
    # The address is the experiment: it says the same in a browser that knows nothing of this one.
    assert open_lab(urlencode(expected)).experiment == lab.experiment


def test_no_key_of_the_address_is_without_a_control() -> None:
    of_files = set(TABLE_KEYS)  # see test_files.py
    assert {key for *_, change in CHANGES for key in change} == set(KEYS) - {"recipe"} - of_files


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_data_set_from_the_menu_is_drawn(lab: LabPage, name: str) -> None:
    lab.choose("Data set", name)
    assert lab.address["data"] == name
    assert lab.at.error == lab.at.warning == lab.at.info == []
    large, last = _cards(name)
    assert list(lab.cards) == [large, "curves", last]
    drawn = lab.cards[large]
    if large == "strip":
        assert len([image for image in drawn["layout"]["images"] if image["visible"]]) == 20
    else:
        # One trace more names the held-out marker in the legend, without points.
        points = [trace for trace in drawn["data"] if trace.get("mode") == "markers" and trace["x"] != [None]]
        assert {len(trace["x"]["bdata"]) > 0 for trace in points} == {True}


@pytest.mark.parametrize("name", BUILT_IN)
def test_another_data_set_brings_its_own_settings_and_scaling(lab: LabPage, name: str) -> None:
    lab.choose("Noise", 0.4).choose("Data seed", 5).choose("Held-out share", 0.4)
    lab.choose("Validation share of training rows", 0.2)
    lab.choose("Data set", "xor" if name == "moons" else name)
    if name == "moons":
        lab.choose("Data set", "moons")
    assert lab.experiment.data == DataSpec(name)


def test_the_menu_says_where_the_target_is_a_number(lab: LabPage) -> None:
    titles = lab.control("Data set").options
    marked = {title for title in titles if title.endswith(" · regression")}
    numbers = [menus.DATA[name] for name in BUILT_IN if menus.DATA[name].task == menus.NUMBERS]
    assert marked == {f"{data.title} · regression" for data in numbers}
    assert titles.count("Your own file") == 1
    assert len(titles) == len(BUILT_IN) + 1


def test_data_of_another_target_drop_the_loss_and_nothing_else_of_training(open_lab: OpenLab) -> None:
    lab = open_lab("loss=focal&gamma=5&label_smoothing=0.1&class_weight=balanced&optimizer=sgd&momentum=0.9&patience=7")
    lab.choose("Data set", "diabetes")
    assert lab.experiment == read_query("data=diabetes&optimizer=sgd&momentum=0.9&patience=7")
    assert lab.control("Loss").value == "squared_error"
    assert not lab.has_control("Class balance in training")
    lab.choose("Loss", "huber").choose("Data set", "iris")
    assert lab.experiment == read_query("data=iris&optimizer=sgd&momentum=0.9&patience=7")
    assert lab.control("Class balance in training").value == "none"


def test_data_of_the_same_target_keep_the_loss(open_lab: OpenLab) -> None:
    lab = open_lab("loss=focal&gamma=5&class_weight=balanced").choose("Data set", "iris")
    assert lab.experiment == read_query("data=iris&loss=focal&gamma=5&class_weight=balanced")


def test_every_optimizer_has_its_own_settings_which_start_at_their_defaults(lab: LabPage) -> None:
    for name, method in menus.OPTIMIZERS.items():
        lab.choose("Optimizer", name)
        assert lab.experiment == read_query(f"optimizer={name}")
        shown = {setting.label for optimizer in menus.OPTIMIZERS.values() for setting in optimizer.settings.values()}
        assert {label for label in shown if lab.has_control(label)} == {
            setting.label for setting in method.settings.values()
        }


def test_settings_do_not_leak_from_one_optimizer_to_another_or_back(lab: LabPage) -> None:
    lab.choose("Beta 1", 0.5).choose("Epsilon", 1e-3).choose("Optimizer", "adamw")
    assert lab.experiment == read_query("optimizer=adamw")
    lab.choose("Weight decay", 0.1).choose("Optimizer", "sgd")
    assert lab.experiment == read_query("optimizer=sgd")
    lab.choose("Momentum", 0.9).choose("Optimizer", "adam")
    assert lab.experiment == Experiment()
    assert lab.choose("Optimizer", "sgd").experiment == read_query("optimizer=sgd")


@pytest.mark.parametrize(
    ("start", "label", "methods"),
    [
        ("schedule=step&every=5&factor=0.1", "Learning-rate schedule", menus.SCHEDULES),
        ("clip=norm&clip_at=0.1", "Gradient clipping", menus.CLIPS),
        ("loss=focal&gamma=5&label_smoothing=0.1", "Loss", menus.LOSSES[menus.CLASSES]),
        ("data=hills&loss=huber&delta=0.1", "Loss", menus.LOSSES[menus.NUMBERS]),
    ],
)
def test_another_method_starts_with_its_own_defaults(
    open_lab: OpenLab, start: str, label: str, methods: Mapping[str, Method]
) -> None:
    lab = open_lab(start)
    first = lab.control(label).value
    for name in (*(name for name in methods if name != first), first):
        training = lab.choose(label, name).experiment.training
        settings = methods[name].settings
        assert {key: getattr(training, key) for key in settings} == {
            key: setting.default for key, setting in settings.items()
        }


def test_a_schedule_is_shown_as_a_curve_before_training(lab: LabPage) -> None:
    assert _curves(lab) == []
    lab.choose("Learning-rate schedule", "warm_up").choose("Warm-up (epochs)", 50)
    lab.choose("Learning rate", 0.1)
    ((epochs, rates),) = _curves(lab)
    assert (epochs[0], epochs[-1]) == (0, 100)
    assert rates[0] == 0
    assert np.interp([25, 50, 100], epochs, rates) == pytest.approx([0.05, 0.1, 0.1])
    lab.choose("Epochs", 200)
    assert _curves(lab)[0][0][-1] == 200
    assert _curves(lab.choose("Learning-rate schedule", "constant")) == []


@pytest.mark.parametrize(("query", "rows"), [("", "held-out"), ("validation=0.2", "validation")])
def test_what_stops_training_is_measured_on_the_rows_that_are_named(open_lab: OpenLab, query: str, rows: str) -> None:
    lab = open_lab(query).choose("Early-stopping patience (epochs)", 5)
    for label in ("Early-stopping patience (epochs)", "Restore the best weights", "Stop at accuracy"):
        assert f"the {rows} " in lab.control(label).help or f"lowest {rows} " in lab.control(label).help


def test_patience_taken_back_brings_the_best_weights_back_too(open_lab: OpenLab) -> None:
    lab = open_lab("patience=10&restore_best=no").choose("Early-stopping patience (epochs)", 0)
    assert not lab.has_control("Restore the best weights")
    assert lab.experiment == Experiment()
    assert lab.choose("Early-stopping patience (epochs)", 10).control("Restore the best weights").value is True


def test_where_every_row_trains_none_is_set_apart_to_validate(open_lab: OpenLab) -> None:
    lab = open_lab("validation=0.2").choose("Held-out rows", "all")
    assert not lab.has_control("Validation share of training rows")
    assert "validation" not in lab.address


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_sets_exactly_its_experiment(open_lab: OpenLab, name: str) -> None:
    lab = open_lab("data=iris&layers=elu-7&l2=0.1&dropout=0.5&optimizer=adagrad&batch=1&epochs=7&seed=9&data_seed=3")
    lab.choose("Recipe", name)
    # What the recipe's row says stands in the address; everything that it leaves open is at its default.
    defaults = to_params(Experiment())
    row = dict(parse_qsl(RECIPES[name].query))
    assert {key: lab.address.get(key) for key in row} == row
    rest = {key: text for key, text in lab.address.items() if key not in row}
    assert rest == {key: defaults[key] for key in ("l2", "dropout", "seed") if key not in row}
    # The controls show it, and the menu is ready for another recipe.
    assert lab.control("Data set").value == row["data"]
    assert lab.control("Hidden layers").value == (0 if row["layers"] == "none" else row["layers"].count(",") + 1)
    assert lab.control("Epochs").value == int(row["epochs"])
    assert lab.control("Recipe").value is None
    assert lab.run().address == row | rest


def test_a_network_keeps_an_input(open_lab: OpenLab) -> None:
    lab = open_lab("data=circles&inputs=x1x1,x2x2").choose("Inputs", [])
    assert [warning.value for warning in lab.at.warning] == [
        "Choose at least one input. The network keeps its previous inputs."
    ]
    assert lab.experiment.data.inputs == ("x1x1", "x2x2")


@pytest.mark.parametrize("name", ["iris", "digits", "curve"])
def test_only_points_have_inputs_to_choose(open_lab: OpenLab, name: str) -> None:
    assert not open_lab(f"data={name}").has_control("Inputs")


def test_a_layer_that_was_taken_away_comes_back_as_it_was(open_lab: OpenLab) -> None:
    lab = open_lab("layers=tanh-4,relu-16,sigmoid-8-batch-noise0.1-drop0.2")
    assert lab.choose("Hidden layers", 1).address["layers"] == "tanh-4"
    assert lab.choose("Layer 1: units", 6).address["layers"] == "tanh-6"
    assert lab.choose("Hidden layers", 3).address["layers"] == "tanh-6,relu-16,sigmoid-8-batch-noise0.1-drop0.2"
    assert lab.choose("Hidden layers", 0).address["layers"] == "none"
    assert lab.choose("Hidden layers", 2).address["layers"] == "tanh-6,relu-16"


def test_layers_of_another_experiment_do_not_come_back(open_lab: OpenLab) -> None:
    lab = open_lab("layers=tanh-4,relu-16").choose("Hidden layers", 1)
    lab.choose("Recipe", "digits")
    assert lab.choose("Hidden layers", 2).address["layers"] == "sigmoid-15,sigmoid-15"


@pytest.mark.parametrize("name", ["L1", "L2"])
def test_a_penalty_falls_on_something(open_lab: OpenLab, name: str) -> None:
    key = name.lower()
    lab = open_lab(f"{key}=0.001&{key}_on=bias").choose(f"{name} applies to", [])
    assert "choose kernel, bias or activity" in lab.at.sidebar.warning[0].value
    assert lab.address[f"{key}_on"] == "bias"


def test_a_value_between_the_stops_of_a_slider_stays_as_it_is(open_lab: OpenLab) -> None:
    query = (
        "points=1234&lr=0.0123&batch=33&epochs=77&layers=tanh-23-noise0.123-drop0.123&test=0.33&validation=0.123&l1=0.0042"
        "&l2=0.0042&dropout=0.123&max_norm=2.34&patience=77&target=0.777&optimizer=sgd&momentum=0.876&schedule=step"
        "&every=77&factor=0.123&clip=norm&clip_at=0.77&label_smoothing=0.123"
    )
    lab = open_lab(query)
    assert {key: lab.address[key] for key, _ in parse_qsl(query)} == dict(parse_qsl(query))
    assert lab.at.main.warning == []
    assert lab.choose("Points", 500).address | {"points": "1234"} == open_lab(query).address


def test_what_is_set_behind_an_icon_is_said_beside_it(open_lab: OpenLab) -> None:
    lab = open_lab("layers=tanh-4-batch-noise0.1-drop0,tanh-2-layer,relu-3&optimizer=muon&nesterov=no&momentum=0.9")
    assert [caption.value for caption in lab.at.sidebar.caption] == [
        "batch normalization · noise 0.1 · dropout 0",
        "layer normalization",
        "Momentum: 0.9 · Nesterov momentum: no",
    ]
    assert not open_lab("dropout=0.1").at.sidebar.caption
    # It follows at once.
    assert lab.choose("Layer 3: dropout", 0.5).at.sidebar.caption[2].value == "dropout 0.5"


@pytest.mark.parametrize(("name", "title"), [("moons", "Random, stratified"), ("plane", "Random")])
def test_only_classes_have_shares(open_lab: OpenLab, name: str, title: str) -> None:
    assert open_lab(f"data={name}").control("Held-out rows").options[0] == title


def _cards(name: str) -> tuple[str, str]:
    """Return the large figure of a data set, and the one that shows how right the answers are."""
    data = menus.DATA[name]
    if data.task == menus.NUMBERS:
        return ("line" if name == "curve" else "surface"), "fit"
    return ("strip" if data.group == "images" else "boundary"), "confusion"


def _curves(lab: LabPage) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return epochs and rates of the learning rate's curve, where it is drawn."""
    parts = [json.loads(part.proto.json) for part in lab.at.get("bidi_component")]
    traces = [trace for part in parts if part.get("name") == "Learning rate" for trace in part["figure"]["data"]]
    return [(_numbers(trace["x"]), _numbers(trace["y"])) for trace in traces]


def _numbers(packed: dict[str, str]) -> np.ndarray:
    """Return an array that Plotly has packed for the browser."""
    return np.frombuffer(base64.b64decode(packed["bdata"]), packed["dtype"])
