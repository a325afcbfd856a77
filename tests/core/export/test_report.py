"""The report of a run: all it shows is in it, and names stay text."""

from html.parser import HTMLParser

import pandas as pd
import pytest

from core.datasets import prepare
from core.datasets.upload_store import keep_upload
from core.experiment import DataSpec, Experiment, TableSpec, menus, read_query
from core.export.report import report_page
from core.trained import TrainedNetwork
from tests.core.trained.networks import some_weights

EVIL = "</script><img src=x onerror=alert(1)>"


class Page(HTMLParser):
    """What a browser makes of a page: its elements, and what stands in those that are text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.headings: list[str] = []
        self.cells: list[str] = []
        self.links: list[str] = []
        self._inside = ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append(tag)
        self._inside = tag
        self.links += [value for name, value in attrs if name in ("src", "href") and value]
        if tag in ("td", "h2"):
            (self.cells if tag == "td" else self.headings).append("")

    def handle_data(self, data):
        if self._inside == "td":
            self.cells[-1] += data
        elif self._inside == "h2":
            self.headings[-1] += data

    def handle_endtag(self, tag):
        self._inside = ""


def some_history(experiment: Experiment, epochs: int = 3) -> dict[str, list[float]]:
    return {name: [0.5 / epoch for epoch in range(1, epochs + 1)] for name in menus.HISTORY[experiment.data.task]}


def report_of(experiment: Experiment, **changes) -> str:
    split = prepare(experiment.data)
    network = TrainedNetwork(experiment, some_weights(experiment.network, split.inputs, split.classes))
    return report_page(network, some_history(experiment), "Model: <network>", **changes)


@pytest.mark.parametrize(
    ("query", "headings"),
    [
        ("data=moons&points=60", ["Training curves", "Decision boundary", "Confusion matrix", "Scores by class"]),
        ("data=penguins", ["Training curves", "Decision boundary", "Confusion matrix", "Scores by class"]),
        ("data=digits&layers=relu-4", ["Training curves", "Confusion matrix", "Scores by class"]),
        ("data=plane&points=60", ["Training curves", "Prediction surface", "Predicted against true"]),
        ("data=curve", ["Training curves", "Prediction curve", "Predicted against true"]),
    ],
)
def test_a_report_shows_what_there_is(query, headings):
    text = report_of(read_query(query))
    page = Page(text)
    assert page.headings[2 : 2 + len(headings)] == headings
    assert page.headings[-1] == "Reproduce"
    assert text.count("plotly.js v") == 1
    assert page.links == []  # nothing is fetched
    assert "Model: &lt;network&gt;" in text
    assert "keras.Sequential(" in text


def test_figures_of_three_parts_and_of_every_class():
    experiment = read_query("data=blobs&points=200&classes=3&validation=0.2")
    page = Page(report_of(experiment, test=(0.25, 0.75)))
    assert page.cells[:9] == [
        "training",
        "0.1667",
        "0.1667",
        "validation",
        "0.1667",
        "0.1667",
        "test",
        "0.2500",
        "0.7500",
    ]
    assert page.cells[9::5] == ["class 0", "class 1", "class 2"]
    assert sum(map(int, page.cells[13::5])) == 40


def test_names_stay_text():
    frame = pd.DataFrame({EVIL: range(40), "b": [1.5, 2.5] * 20, f"target{EVIL}": [EVIL, "*bold* 🌳"] * 20})
    table = TableSpec(keep_upload(frame.to_csv(index=False).encode()), target_column=f"target{EVIL}")
    experiment = Experiment(DataSpec("file", table=table))
    page = Page(report_of(experiment, file_name=f"{EVIL}.csv"))
    assert "img" not in page.elements
    assert EVIL in page.cells
    plain = Page(report_of(read_query("data=moons&points=40")))
    assert page.elements.count("script") == plain.elements.count("script")
