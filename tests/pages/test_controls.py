"""Every control says what the experiment is, changes it, and puts the change into the address."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qsl, urlencode

import pytest

from core.experiment import RECIPES, DataSpec, Experiment, menus
from core.experiment.address import KEYS, to_params
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
    ("", "Held-out rows", "all", {"split": "all", "test": None}),
    ("", "Held-out rows", "ordered", {"split": "ordered", "test": None, "train_rows": "800"}),
    ("", "Share held out", 0.3, {"test": "0.3"}),
    ("split=ordered", "Rows that train", 500, {"train_rows": "500"}),
    ("", "Scaling, learned from the training rows", "standard", {"scaling": "standard"}),
    ("", "Seed of the data", 42, {"data_seed": "42"}),
    ("", "Hidden layers", 1, {"layers": "tanh-4"}),
    ("", "Hidden layers", 3, {"layers": "tanh-4,tanh-2,tanh-2"}),
    ("", "Hidden layers", 0, {"layers": "none"}),
    ("", "Layer 1: units", 16, {"layers": "tanh-16,tanh-2"}),
    ("", "Layer 2: units", 512, {"layers": "tanh-4,tanh-512"}),
    ("", "Layer 2: activation", "leaky_relu", {"layers": "tanh-4,leaky_relu-2"}),
    ("", "Optimizer", "momentum", {"optimizer": "momentum"}),
    ("", "Learning rate", 0.3, {"lr": "0.3"}),
    ("", "Batch size", 10, {"batch": "10"}),
    ("", "Epochs", 2000, {"epochs": "2000"}),
    ("", "Dropout after every hidden layer", 0.25, {"dropout": "0.25"}),
    ("", "L2 penalty", 0.001, {"l2": "0.001", "l2_on": "kernel"}),
    ("l2=0.001", "L2 on", ["bias", "activity"], {"l2_on": "bias,activity"}),
    ("", "Seed of the weights", 7, {"seed": "7"}),
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
        label: lab.control(label).value
        for label in ("Optimizer", "Learning rate", "Batch size", "Epochs", "Speed", "Recipe")
    } == {"Optimizer": "adam", "Learning rate": 0.01, "Batch size": 32, "Epochs": 100, "Speed": 0.0, "Recipe": None}
    assert lab.panel("strip")["epochs"] == 100
    assert list(lab.panel("figures")["panel"]["figures"]) == ["boundary", "curves", "confusion"]


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
    assert {key for *_, change in CHANGES for key in change} == set(KEYS) - {"recipe"}


@pytest.mark.parametrize("name", menus.DATA)
def test_a_data_set_from_the_menu_is_drawn(lab: LabPage, name: str) -> None:
    lab.choose("Data set", name)
    assert lab.address["data"] == name
    assert lab.at.error == lab.at.warning == lab.at.info == []
    panel = lab.panel("figures")["panel"]
    large = "strip" if menus.DATA[name].group == "images" else "boundary"
    assert list(panel["figures"]) == [large, "curves", "confusion"]
    drawn = panel["figures"][large]
    if large == "strip":
        assert len(drawn["layout"]["images"]) == 20
    else:
        assert {len(trace["x"]["bdata"]) > 0 for trace in drawn["data"]} == {True}


@pytest.mark.parametrize("name", menus.DATA)
def test_another_data_set_brings_its_own_settings_and_scaling(lab: LabPage, name: str) -> None:
    lab.choose("Noise", 0.4).choose("Seed of the data", 5)
    lab.choose("Data set", "xor" if name == "moons" else name)
    if name == "moons":
        lab.choose("Data set", "moons")
    assert lab.experiment.data == DataSpec(name)


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


def test_a_layer_that_was_taken_away_comes_back_as_it_was(open_lab: OpenLab) -> None:
    lab = open_lab("layers=tanh-4,relu-16,sigmoid-8")
    assert lab.choose("Hidden layers", 1).address["layers"] == "tanh-4"
    assert lab.choose("Layer 1: units", 6).address["layers"] == "tanh-6"
    assert lab.choose("Hidden layers", 3).address["layers"] == "tanh-6,relu-16,sigmoid-8"
    assert lab.choose("Hidden layers", 0).address["layers"] == "none"
    assert lab.choose("Hidden layers", 2).address["layers"] == "tanh-6,relu-16"


def test_layers_of_another_experiment_do_not_come_back(open_lab: OpenLab) -> None:
    lab = open_lab("layers=tanh-4,relu-16").choose("Hidden layers", 1)
    lab.choose("Recipe", "digits")
    assert lab.choose("Hidden layers", 2).address["layers"] == "sigmoid-15,sigmoid-15"


def test_l2_falls_on_something(open_lab: OpenLab) -> None:
    lab = open_lab("l2=0.001&l2_on=bias").choose("L2 on", [])
    assert "choose kernel, bias or activity" in lab.at.sidebar.warning[0].value
    assert lab.address["l2_on"] == "bias"


def test_a_value_between_the_stops_of_a_slider_stays_as_it_is(open_lab: OpenLab) -> None:
    query = "points=1234&lr=0.0123&batch=33&epochs=77&layers=tanh-23&test=0.33&l2=0.0042"
    lab = open_lab(query)
    assert {key: lab.address[key] for key, _ in parse_qsl(query)} == dict(parse_qsl(query))
    assert lab.at.main.warning == []
    assert lab.choose("Points", 500).address | {"points": "1234"} == open_lab(query).address


def test_the_axes_of_a_table_can_be_chosen(open_lab: OpenLab) -> None:
    lab = open_lab("data=iris")
    titles = _axis_titles(lab)
    assert titles == ("sepal length (cm)", "sepal width (cm)")
    lab.choose("Boundary across", 2).choose("and up", 3)
    assert _axis_titles(lab) == ("petal length (cm)", "petal width (cm)")
    # The same feature twice is no plane.
    lab.choose("and up", 2)
    assert "two different features" in lab.at.sidebar.warning[0].value
    assert _axis_titles(lab) == ("petal length (cm)", "petal width (cm)")


def test_axes_that_other_data_do_not_have_are_given_up(open_lab: OpenLab) -> None:
    lab = open_lab("data=wine").choose("Boundary across", 10).choose("and up", 12)
    assert _axis_titles(lab) == ("hue", "proline")
    lab.choose("Data set", "penguins")
    assert _axis_titles(lab) == ("bill length (mm)", "bill depth (mm)")


@pytest.mark.parametrize("name", ["moons", "digits"])
def test_there_are_no_axes_to_choose_for_planes_and_pictures(open_lab: OpenLab, name: str) -> None:
    assert not open_lab(f"data={name}").has_control("Boundary across")


@pytest.mark.parametrize(
    ("query", "count", "sum_"),
    [
        ("layers=tanh-4,tanh-2", "25 parameters", "2 × 4 + 4 + 4 × 2 + 2 + 2 × 1 + 1 = 25 weights and biases"),
        ("recipe=digits", "1,135 parameters", "64 × 15 + 15 + 15 × 10 + 10 = 1,135 weights and biases"),
        ("recipe=penguins", "83 parameters", "4 × 10 + 10 + 10 × 3 + 3 = 83 weights and biases"),
    ],
)
def test_the_parameters_are_counted(open_lab: OpenLab, query: str, count: str, sum_: str) -> None:
    lab = open_lab(query)
    assert lab.popover("parameters").proto.popover.label == count
    assert lab.popover("parameters").caption[0].value == sum_


def test_what_a_person_should_know_of_the_rows_is_said(open_lab: OpenLab) -> None:
    said = " ".join(open_lab("data=penguins&split=all").texts)
    assert "2 rows with a missing value were dropped." in said
    assert "Every row trains, so the held-out figures are the training rows'." in said
    assert "every other feature at its median" in said
    assert not any("held-out" in text or "median" in text for text in open_lab().texts)


def test_the_link_and_the_command_line_say_the_experiment(open_lab: OpenLab) -> None:
    lab = open_lab("recipe=spiral&seed=3")
    lab.at.context = {"url": "https://lab.example/class/lab?old=1"}
    lab.run()
    link = lab.popover("Link").code[0].value
    assert link.startswith("https://lab.example/class/lab?")
    assert open_lab(link.partition("?")[2]).address == lab.address
    command = lab.popover("Command line").code[0].value
    assert command == f'python -m core run "{link.partition("?")[2]}"'


def _axis_titles(lab: LabPage) -> tuple[str, str]:
    layout = lab.panel("figures")["panel"]["figures"]["boundary"]["layout"]
    return layout["xaxis"]["title"]["text"], layout["yaxis"]["title"]["text"]
