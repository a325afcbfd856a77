"""The data page: every set from every side, and the same experiment as in the lab."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from sklearn.utils import compute_class_weight

from core.analysis.projection import Projection
from core.datasets import make_dataset, prepare
from core.experiment import DataSpec, Experiment, menus, read_query
from tests.core.experiment.strategies import BUILT_IN
from tests.pages.lab_page import LabPage
from ui.data import planes

OpenLab = Callable[..., LabPage]
_VIEWS = ["Table", "Histograms", "Correlation", "Pairs", "PCA", "t-SNE", "Preparation"]


@pytest.fixture(autouse=True)
def _quick_tsne() -> Iterator[None]:
    """Lay rows out in no time; what t-SNE does is tested elsewhere."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(planes, "tsne_of", lambda _: Projection(np.zeros((20, 2)), np.arange(20), np.empty(0)))
        yield


@pytest.fixture
def open_data(open_lab: OpenLab) -> Callable[[str], LabPage]:
    """Open the data page at an address."""

    def open_page(query: str = "") -> LabPage:
        lab = open_lab()
        lab.at.switch_page("../pages/data.py")
        return lab.open(query)

    return open_page


OpenData = Callable[[str], LabPage]


def _views(lab: LabPage) -> Any:
    return next(group for group in lab.at.get("button_group") if group.key == "data-view")


def _look(lab: LabPage, view: str) -> LabPage:
    _views(lab).set_value(view)
    return lab.run()


def _charts(lab: LabPage) -> int:
    return len(lab.at.main.get("plotly_chart"))


@pytest.mark.parametrize("name", BUILT_IN)
def test_every_data_set_is_drawn_from_every_side(open_data: OpenData, name: str) -> None:
    lab = open_data(f"data={name}&points=60" if "points" in menus.DATA[name].settings else f"data={name}")
    assert lab.at.title[0].value == menus.DATA[name].title
    titles = list(_views(lab).options)
    left_out = set() if menus.DATA[name].group == "images" else {"Pictures"}
    left_out |= {"Correlation", "PCA", "t-SNE"} if name == "curve" else set()
    assert titles == [view for view in ["Table", "Pictures", *_VIEWS[1:]] if view not in left_out]
    for view in titles:
        _look(lab, view)
        assert _charts(lab) >= 1
        assert _views(lab).value == view


def test_the_table_holds_the_rows_with_their_class_and_part(open_data: OpenData) -> None:
    table, numbers = (frame.value for frame in open_data("data=iris").at.dataframe)
    whole = make_dataset(DataSpec("iris"))
    assert list(table.columns) == [*whole.feature_names, "class", "part"]
    assert table["class"].value_counts().to_dict() == dict.fromkeys(whole.class_names, 50)
    assert table["part"].value_counts().to_dict() == {"training": 120, "held-out": 30}
    np.testing.assert_allclose(numbers["mean"], whole.features.astype(np.float64).mean(axis=0))
    assert list(numbers["feature"]) == list(whole.feature_names)


def test_three_parts_are_named(open_data: OpenData) -> None:
    table = open_data("data=diabetes&validation=0.2").at.dataframe[0].value
    assert set(table["part"]) == {"training", "validation", "test"}
    assert "disease progression" in table


def test_dropped_rows_and_sizes_are_said(open_data: OpenData) -> None:
    assert "342 rows · 4 features · 3 classes · 2 rows with a missing value dropped" in open_data("data=penguins").texts
    assert "300 rows · 1 feature · numeric target" in open_data("data=curve").texts


def test_what_is_thinned_is_said(open_data: OpenData) -> None:
    lab = open_data("data=moons&points=5000")
    assert "1,000 of 5,000 rows, chosen at random." in lab.texts
    assert "Points: 1,000 of 5,000 rows, chosen at random." in _look(lab, "Pairs").texts
    lab = open_data("data=digits")
    assert "Shown: the 30 of 64 features most informative on their own." in _look(lab, "Correlation").texts


def test_only_the_open_view_is_computed(open_data: OpenData, monkeypatch: pytest.MonkeyPatch) -> None:
    computed = []
    monkeypatch.setattr(planes, "pca_of", lambda data: computed.append(data) or 1 / 0)
    lab = open_data("data=iris")
    for view in ("Pairs", "t-SNE", "Preparation"):
        _look(lab, view)
    assert computed == []


def test_data_chosen_here_are_those_of_the_lab(open_lab: OpenLab) -> None:
    lab = open_lab("data=iris&epochs=7&layers=relu-8").turn_to("data")
    assert lab.experiment == read_query("data=iris&epochs=7&layers=relu-8")
    lab.choose("Data set", "moons").choose("Noise", 0.2).choose("Held-out rows", "all")
    lab.choose("Scaling (fitted on training rows)", "standard")
    chosen = read_query("data=moons&noise=0.2&split=all&scaling=standard&epochs=7&layers=relu-8")
    assert lab.experiment == chosen
    lab.turn_to("lab")
    assert lab.experiment == chosen
    assert [lab.control(label).value for label in ("Data set", "Noise", "Held-out rows")] == ["moons", 0.2, "all"]
    lab.choose("Noise", 0.3).turn_to("data")
    assert lab.control("Noise").value == 0.3


def test_another_target_takes_its_own_loss(open_data: OpenData) -> None:
    lab = open_data("data=moons&loss=hinge").choose("Data set", "hills")
    assert lab.experiment == Experiment(DataSpec("hills"))


def test_an_address_is_followed_and_its_mistakes_are_said(open_data: OpenData) -> None:
    lab = open_data("data=wine&epochs=0")
    assert lab.at.title[0].value == "Wine"
    (warning,) = lab.at.main.warning
    assert "epochs" in warning.value


def test_rows_that_cannot_be_parted_are_a_message(open_data: OpenData) -> None:
    lab = open_data("data=iris&split=ordered&train_rows=150")
    (error,) = lab.at.main.error
    assert "150" in error.value
    assert _charts(lab.choose("Held-out rows", "all")) == 1
    assert lab.at.main.error == []


def test_a_view_and_a_feature_are_still_chosen_after_a_visit_to_the_lab(open_data: OpenData) -> None:
    lab = _look(open_data("data=iris"), "Histograms").choose("Feature", 1)
    lab.turn_to("lab").turn_to("data")
    assert _views(lab).value == "Histograms"
    assert lab.control("Feature").value == 1


def test_pictures_of_one_class_are_shown(open_data: OpenData) -> None:
    lab = _look(open_data("data=digits"), "Pictures")
    assert len(set(_captions(lab))) > 1
    assert set(_captions(lab.choose("Class", 7))) == {"7"}


def _captions(lab: LabPage) -> list[str]:
    """Return what stands below the pictures."""
    figure = json.loads(lab.at.main.get("plotly_chart")[-1].proto.spec)
    captions: list[str] = figure["data"][0]["text"]
    return captions


def test_a_view_that_other_data_do_not_have_gives_way_to_the_table(open_data: OpenData) -> None:
    lab = _look(open_data("data=digits"), "Pictures").choose("Data set", "moons")
    assert _views(lab).value == "Table"
    assert len(lab.at.dataframe) == 2


def test_class_weights_are_those_that_training_uses(open_data: OpenData) -> None:
    lab = _look(open_data("data=moons&points=200&imbalance=0.2&class_weight=balanced"), "Preparation")
    (weights,) = (frame.value for frame in lab.at.dataframe)
    labels = prepare(lab.experiment.data).y_train
    assert list(weights["training rows"]) == [np.sum(labels == 0), np.sum(labels == 1)]
    expected = compute_class_weight("balanced", classes=np.arange(2), y=labels)
    np.testing.assert_allclose(weights["weight per row"], expected)
    assert weights["weight per row"][0] < 1 < weights["weight per row"][1]
    lab.choose("Class balance in training", "cut")
    assert len(lab.at.dataframe) == 0


@pytest.mark.parametrize("view", ["Pairs", "Preparation"])
@pytest.mark.parametrize("name", ["iris", "plane"])
def test_no_feature_chosen_is_drawn_too(open_data: OpenData, view: str, name: str) -> None:
    lab = _look(open_data(f"data={name}"), view)
    (features,) = lab.at.main.multiselect
    features.set_value([])
    assert _charts(lab.run()) >= 1


def test_a_run_goes_on_and_is_shown(lab: LabPage) -> None:
    job = lab.train_slowly()
    lab.turn_to("data")
    assert lab.running is job
    assert lab.turn_to("lab").running is job
    assert lab.notes == []
