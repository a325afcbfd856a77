"""An address is an experiment; what is wrong in one is said, as text, and the default stands in its place."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import quote, urlencode

import pytest

from core.experiment import RECIPES, Experiment, menus, read_query, to_params, to_query
from tests.pages.lab_page import LabPage

OpenLab = Callable[..., LabPage]

_DEFAULT = to_params(Experiment())
# Only in code does Streamlit draw no icons, emoji, colours or links; what stands outside is ours.
_LINE = re.compile(
    r"- (?P<fence1>`+) (?P<key>.*) (?P=fence1) must be (?P<expected>.*?)\. "
    r"Received: (?P<fence2>`+) (?P<received>.*) (?P=fence2)\."
)

BAD_VALUES = [
    ("data=imagenet", "data", f"one of {', '.join(menus.DATA)}"),
    ("recipe=nothing", "recipe", f"one of {', '.join(RECIPES)}"),
    ("points=19", "points", "a whole number from 20 to 10000"),
    ("points=1e3", "points", "a whole number from 20 to 10000"),
    ("noise=0.51", "noise", "a number from 0 to 0.5"),
    ("noise=nan", "noise", "a number from 0 to 0.5"),
    ("arms=3", "arms", "left out: Moons has no such setting"),
    ("data_seed=-1", "data_seed", "a whole number from 0 to 2147483647"),
    ("split=half", "split", "one of stratified, ordered, all"),
    ("test=0.95", "test", "a number from 0.05 to 0.9"),
    ("train_rows=9", "train_rows", "a whole number from 10 to 100000"),
    ("scaling=log", "scaling", "one of none, standard, minmax"),
    ("layers=tanh-0", "layers", "units from 1 to 512"),
    ("layers=softmax-4", "layers", f"activation one of {', '.join(menus.ACTIVATIONS)}"),
    ("layers=" + ",".join(["tanh-4"] * 7), "layers", "at most 6 layers"),
    ("l2=2", "l2", "a number from 0 to 1"),
    ("l2=0.1&l2_on=output", "l2_on", "one or more of kernel, bias, activity"),
    ("dropout=1", "dropout", "a number from 0 to 0.9"),
    ("optimizer=lbfgs", "optimizer", f"one of {', '.join(menus.OPTIMIZERS)}"),
    ("lr=0", "lr", "a number from 1e-05 to 10"),
    ("lr=inf", "lr", "a number from 1e-05 to 10"),
    ("batch=5000", "batch", "a whole number from 1 to 4096"),
    ("epochs=2001", "epochs", "a whole number from 1 to 2000"),
    ("seed=2147483648", "seed", "a whole number from 0 to 2147483647"),
    ("epochs=", "epochs", "a whole number from 1 to 2000"),
    ("epochs=٥", "epochs", "a whole number from 1 to 2000"),
    ("who=me", "who", "a known key"),
    ("momentum=0.9", "momentum", "left out"),
    ("optimizer=sgd&momentum=1", "momentum", "a number from 0 to 0.9999"),
    ("optimizer=momentum", "optimizer", f"one of {', '.join(menus.OPTIMIZERS)}"),
    ("validation=0.6", "validation", "a number from 0 to 0.5"),
    ("layers=tanh-4-drop2", "layers", "options follow"),
    ("schedule=linear", "schedule", f"one of {', '.join(menus.SCHEDULES)}"),
    ("every=3", "every", "left out"),
    ("clip_at=1", "clip_at", "left out"),
    ("loss=huber", "loss", "one of crossentropy"),
    ("patience=501", "patience", "a whole number from 0 to 500"),
    ("patience=5&restore_best=maybe", "restore_best", "yes or no"),
    ("lr=0.1&lr=0.2", "lr", "given once"),
]
# What of those addresses is no mistake.
KEPT = {
    "lr=0.1&lr=0.2": {"lr": "0.1"},
    "l2=0.1&l2_on=output": {"l2": "0.1", "l2_on": "kernel"},
    "optimizer=sgd&momentum=1": {"optimizer": "sgd"},
    "patience=5&restore_best=maybe": {"patience": "5"},
}
HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "**bold** _it_ ~~no~~ `code`",
    "[a](javascript:alert(1))",
    "![](https://example.com/x.png)",
    "https://example.com",
    "$x^2$ $$y$$",
    ":material/home: :red[red] :smile:",
    "# heading",
    "1\n\n- item\n\n    code",
    "| a | b |\n|---|---|",
    "&lt;b&gt; &amp; &#60;",
    "\\*\\<",
    "\x00\x1b[31m\u202e\u2028",
    "x" * 5000,
    "`` ` ``` `",
    "` must be",
    "١٢٣ 🙂",
]


@pytest.mark.parametrize(("query", "key", "allowed"), BAD_VALUES)
def test_a_mistake_is_named_and_the_default_stands_in_its_place(
    open_lab: OpenLab, query: str, key: str, allowed: str
) -> None:
    lab = open_lab(query)
    (message,) = _messages(lab)
    assert message.startswith(f"{key} must be ")
    assert allowed in message
    assert lab.address == _DEFAULT | KEPT.get(query, {})


def test_every_mistake_is_named_and_the_rest_of_the_address_counts(open_lab: OpenLab) -> None:
    lab = open_lab("recipe=spiral&arms=9&lr=fast&epochs=7&who=me")
    messages = _messages(lab)
    assert [message.split()[0] for message in messages] == ["who", "arms", "lr"]
    # In a recipe's address, the recipe's value is the default.
    assert lab.experiment == read_query("recipe=spiral&epochs=7")


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("place", ["value", "key"])
def test_what_came_is_shown_letter_for_letter(open_lab: OpenLab, text: str, place: str) -> None:
    lab = open_lab(f"epochs={quote(text)}" if place == "value" else f"{quote(text)}=1")
    (warning,) = lab.at.main.warning
    intro, *lines = warning.value.split("\n")
    assert "could not be used" in intro
    (found,) = [_LINE.fullmatch(line) for line in lines]
    assert found is not None, lines
    assert found["expected"] in (
        "a whole number from 1 to 2000",
        "a known key, such as data, layers, optimizer, lr, epochs",
    )
    # Code in Markdown goes on to the next row of as many backticks: none is in the text.
    for fence, shown in ((found["fence1"], found["key"]), (found["fence2"], found["received"])):
        assert len(fence) not in {len(row) for row in re.findall("`+", shown)}
        assert shown.isprintable()
    shown = found["received"] if place == "value" else found["key"]
    if text.isprintable() and "\\" not in text:
        assert text[:40] in shown
    assert len(warning.value) < 600
    assert lab.address == _DEFAULT


def test_the_message_goes_with_the_address_that_caused_it(open_lab: OpenLab) -> None:
    lab = open_lab("epochs=0")
    assert len(_messages(lab)) == 1
    assert len(_messages(lab.run())) == 1
    assert _messages(lab.choose("Recipe", "circles")) == []


def test_the_message_can_be_dismissed(open_lab: OpenLab) -> None:
    lab = open_lab("epochs=0&seed=4")
    lab.press("dismiss-address-problems")
    assert _messages(lab) == []
    assert lab.experiment == read_query("seed=4")


def test_an_address_changed_by_hand_is_followed(open_lab: OpenLab) -> None:
    lab = open_lab("recipe=moons")
    lab.open("recipe=digits&seed=4")
    assert lab.experiment == read_query("recipe=digits&seed=4")
    assert lab.control("Data set").value == "digits"


@pytest.mark.parametrize("query", [to_query(Experiment()), "recipe=circles", to_query(read_query("recipe=sine"))])
def test_controls_work_after_a_link(open_lab: OpenLab, query: str) -> None:
    lab = open_lab(query)
    changed = lab.address | {"epochs": "7", "optimizer": "rmsprop"}
    assert lab.choose("Epochs", 7).choose("Optimizer", "rmsprop").address == changed
    assert (lab.control("Epochs").value, lab.control("Optimizer").value) == (7, "rmsprop")
    assert lab.press("train").running.experiment == read_query(urlencode(changed))
    assert lab.choose("Recipe", "spiral").experiment == read_query("recipe=spiral")
    lab.turn_to("learn").press("open-linear")
    assert lab.experiment == read_query("recipe=linear")
    lab.turn_to("lab")  # AppTest itself stays on the page where it was pressed
    assert lab.choose("Epochs", 3).experiment == read_query("recipe=linear&epochs=3")


def test_controls_work_after_a_link_to_another_page(open_lab: OpenLab) -> None:
    query = to_query(read_query("data=iris&seed=3"))
    lab = open_lab()
    lab.at.switch_page("../pages/data.py")
    assert lab.open(query).choose("Data set", "wine").experiment.data.name == "wine"
    assert lab.run().turn_to("lab").experiment.data.name == "wine"


def test_an_address_that_comes_late_changes_nothing(open_lab: OpenLab) -> None:
    lab = open_lab(to_query(Experiment()))
    first = lab.address
    second = lab.choose("Epochs", 50).address
    third = lab.choose("Batch size", 8).address
    assert (third["epochs"], third["batch"]) == ("50", "8")
    # Both were sent before the browser had the newest one.
    assert lab.run_late(second).address == third
    # The browser had the second, so the first cannot be late any more.
    assert lab.run().address == third
    assert lab.control("Batch size").value == 8
    assert lab.open(urlencode(first)).address == first


def test_a_control_turned_while_an_address_is_late_counts(open_lab: OpenLab) -> None:
    lab = open_lab(to_query(Experiment()))
    first = lab.address
    lab.choose("Epochs", 50)
    lab.control("Batch size").set_value(8)
    lab.run_late(first)
    assert (lab.address["epochs"], lab.address["batch"]) == ("50", "8")
    # Back to where it was, while the first address is all that the browser has: it gets this one as well.
    lab.control("Batch size").set_value(int(first["batch"]))
    lab.control("Epochs").set_value(int(first["epochs"]))
    lab.at.query_params = dict(first)
    assert lab.run().address == first
    assert lab.run().choose("Epochs", 3).address == first | {"epochs": "3"}


def test_back_and_forward_are_followed_at_once(open_lab: OpenLab) -> None:
    lab = open_lab(to_query(Experiment()))
    first = lab.address
    second = lab.choose("Epochs", 50).address
    assert lab.go_back(first).address == first
    assert lab.control("Epochs").value == int(first["epochs"])
    # What was on its way to the browser may come from there once more.
    assert lab.run_late(second).address == first
    assert lab.go_back(second).address == second
    assert lab.control("Epochs").value == 50
    assert lab.choose("Epochs", 60).address == second | {"epochs": "60"}


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("data=iris&split=ordered&train_rows=150", "150"),
        ("data=moons&points=20&split=ordered&train_rows=20", "20"),
        ("data=iris&split=ordered&train_rows=10", "class"),
        ("data=blobs&points=20&classes=8&test=0.05", "class"),
    ],
)
def test_rows_that_cannot_be_parted_are_a_message(open_lab: OpenLab, query: str, words: str) -> None:
    lab = open_lab(query)
    (error,) = lab.at.main.error
    assert words in error.value
    assert not {"Train", "Step", "Reset"} & set(lab.buttons)
    lab.choose("Held-out rows", "all")
    assert lab.at.main.error == []
    assert lab.buttons["Train"]


def _messages(lab: LabPage) -> list[str]:
    """Return the lines under the warning, as a person reads them."""
    lines = [line for warning in lab.at.main.warning for line in warning.value.split("\n")[1:]]
    found = [_LINE.fullmatch(line) for line in lines]
    assert all(found), lines
    return [f"{line['key']} must be {line['expected']}. Received: {line['received']}." for line in found if line]
