"""Every control of the lab explains itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest

from core.glossary import GROUPS, TERMS
from tests.pages.lab_page import LabPage

OpenLab = Callable[..., LabPage]

KINDS = ("selectbox", "select_slider", "slider", "number_input", "multiselect", "toggle", "pills", "button")
WORDS = 60
LABS = {
    "points": "data=spiral&l1=0.01&l2=0.01&patience=5&clip=norm&schedule=one_cycle",
    "blobs": "data=blobs&optimizer=sgd&momentum=0.9&schedule=step&loss=focal",
    "table": "data=wine&split=ordered&optimizer=rmsprop&schedule=cosine",
    "numbers": "data=diabetes&loss=huber&optimizer=adagrad&schedule=warm_up",
    "file": "data=file",
}


def helps(lab: LabPage) -> Iterator[tuple[str, str]]:
    """Yield the label and the help of every control on the page, in whatever opens too."""
    lab.unfold()
    for kind in KINDS:
        for widget in lab.at.get(kind) if kind != "button" else lab.at.button:
            yield widget.label, widget.proto.help
    for block in lab.at.get("popover"):
        yield block.proto.popover.label, block.proto.popover.help
    for widget in lab.at.get("file_uploader"):
        yield widget.proto.label, widget.proto.help


def words(help: str) -> int:
    """Return the number of words, without formulas and the way to the glossary."""
    plain = re.sub(r"\$\$.*?\$\$", "", help, flags=re.DOTALL)
    return len(re.sub(r"\[Glossary\]\(.*?\)", "", plain).split())


@pytest.mark.parametrize("name", LABS)
def test_every_control_has_a_help_of_at_most_sixty_words(open_lab: OpenLab, name: str) -> None:
    found = list(helps(open_lab(LABS[name])))
    assert len(found) > 15
    assert [label for label, help in found if not help] == []
    assert [(label, words(help)) for label, help in found if words(help) > WORDS] == []


def test_every_way_to_the_glossary_leads_to_a_term(open_lab: OpenLab) -> None:
    for query in LABS.values():
        for _, help in helps(open_lab(query)):
            assert set(re.findall(r"glossary\?term=(\w+)", help)) <= set(TERMS)


def test_the_help_says_what_the_present_value_does(open_lab: OpenLab) -> None:
    lab = open_lab("data=moons&lr=0.01")
    assert "Adam moves each weight by at most about 0.01 a step." in lab.control("Learning rate").proto.help
    lab.choose("Learning rate", 0.1)
    assert "Adam moves each weight by at most about 0.1 a step." in lab.control("Learning rate").proto.help
    lab.choose("Optimizer", "sgd")
    assert "SGD moves each weight by 0.1 times its gradient." in lab.control("Learning rate").proto.help
    assert "At 32, an epoch of 800 rows has 25 steps." in lab.control("Batch size").proto.help


def test_every_figure_has_a_help(open_lab: OpenLab) -> None:
    for query in ("data=moons", "data=digits", "data=plane", "data=curve"):
        cards = open_lab(query).panel("figures")["panel"]["cards"]
        assert all(card["help"] == TERMS[card["name"]].text for card in cards)


def test_the_glossary_shows_every_term(open_lab: OpenLab) -> None:
    page = open_lab().turn_to("glossary")
    assert {heading.value for heading in page.at.header} == set(GROUPS)
    assert [heading.proto.anchor for heading in page.at.subheader] == list(TERMS)
    page.at.query_params = {"term": "epochs"}
    assert page.run().at.subheader[0].value == "Epochs"
