"""What the lab says in words: of the rows, of the network, and how to share the experiment."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.pages.lab_page import LabPage

OpenLab = Callable[..., LabPage]
_TANH_4_2 = "2 × 4 + 4 + 4 × 2 + 2 + 2 × 1 + 1 = 25 weights and biases"


@pytest.mark.parametrize(
    ("query", "count", "sum_"),
    [
        ("layers=tanh-4,tanh-2", "25 parameters", _TANH_4_2),
        ("recipe=digits", "1,135 parameters", "64 × 15 + 15 + 15 × 10 + 10 = 1,135 weights and biases"),
        ("recipe=penguins", "83 parameters", "4 × 10 + 10 + 10 × 3 + 3 = 83 weights and biases"),
        (
            "layers=tanh-4-batch,tanh-2-layer",
            "45 parameters",
            f"{_TANH_4_2}; plus 20 in normalization layers: 45 parameters",
        ),
        ("data=diabetes&layers=none", "11 parameters", "10 × 1 + 1 = 11 weights and biases"),
    ],
)
def test_the_parameters_are_counted(open_lab: OpenLab, query: str, count: str, sum_: str) -> None:
    lab = open_lab(query)
    assert lab.popover("parameters").proto.popover.label == count
    assert lab.popover("parameters").caption[0].value == sum_


def test_what_a_person_should_know_of_the_rows_is_said(open_lab: OpenLab) -> None:
    said = " ".join(open_lab("data=penguins&split=all").texts)
    assert "2 rows with a missing value were dropped." in said
    assert "No held-out rows; these are training figures." in said
    assert "with all other features held at their training medians" in said
    assert not any("held-out" in text or "median" in text for text in open_lab().texts)
    assert "The surface is drawn with all other features held at their training medians" in " ".join(
        open_lab("data=diabetes").texts
    )
    assert not any("median" in text for name in ("plane", "curve") for text in open_lab(f"data={name}").texts)
    said = " ".join(open_lab("validation=0.25").texts)
    assert "600 rows for training, 200 for validation after every epoch, 200 for one test at the end." in said


def test_the_link_and_the_command_line_say_the_experiment(open_lab: OpenLab) -> None:
    lab = open_lab("recipe=spiral&seed=3")
    lab.at.context = {"url": "https://lab.example/class/lab?old=1"}
    lab.run()
    link = lab.popover("Link").code[0].value
    assert link.startswith("https://lab.example/class/lab?")
    assert open_lab(link.partition("?")[2]).address == lab.address
    command = lab.popover("Command line").code[0].value
    assert command == f'python -m core run "{link.partition("?")[2]}"'
