"""The figures of the live panel for a data set."""

from __future__ import annotations

import base64
import io
import json

import numpy as np
import pytest
from PIL import Image

from core.analysis.axes import Axes
from core.datasets import prepare
from core.datasets.upload_store import keep_upload
from core.experiment import DataSpec, TableSpec, menus
from tests.core.datasets.picture_zips import folders
from tests.core.experiment.strategies import BUILT_IN
from ui.lab.panel_figures import panel_json


@pytest.mark.parametrize("split", ["stratified", "all"])
@pytest.mark.parametrize("name", BUILT_IN)
def test_every_data_set_has_a_panel_whose_figures_are_all_fed(name: str, split: str) -> None:
    panel = panel_json(DataSpec(name, split=split), Axes(0, 1), 100)
    json.dumps(panel, allow_nan=False)
    if menus.DATA[name].task == menus.NUMBERS:
        large, drawn = "line" if name == "curve" else "surface", {"loss", "mae", "val_loss", "val_mae", "val_r2"}
        others = {"predicted"}
    else:
        large, drawn = "strip" if menus.DATA[name].group == "images" else "boundary", {*menus.HISTORY[menus.CLASSES]}
        others = {"confusion", "worst", "worst_pictures"} if large == "strip" else {"confusion"}
    if split == "all":  # no row is held out: the training curves alone, said once
        drawn -= {"val_loss", "val_mae", "val_accuracy"}
    cards = panel["cards"]
    assert cards[0]["name"] == large
    assert all(card["feeds"] for card in cards)
    assert {array for card in cards for array in card["feeds"]} == {*drawn, *others, large, "replayed"}


def test_the_points_are_drawn_in_the_datas_own_units_over_the_chosen_features() -> None:
    spec = DataSpec("penguins")  # standardized for training
    split = prepare(spec)
    boundary, *_ = panel_json(spec, Axes(3, 2), 100)["cards"]
    figure = boundary["figure"]
    titles = [figure["layout"][axis]["title"]["text"] for axis in ("xaxis", "yaxis")]
    assert titles == ["body mass (g)", "flipper length (mm)"]
    low, high = figure["layout"]["xaxis"]["range"]
    assert low < split.raw_train[:, 3].min()
    assert high > split.raw_train[:, 3].max()
    assert low > 1000  # grams, not standard deviations


def test_high_is_light_in_uploaded_pictures() -> None:
    file = keep_upload(folders(dark=[0, 0], light=[255, 255]))
    panel = panel_json(DataSpec("file", table=TableSpec(file), scaling="none", split="all"), Axes(0, 1), 10)
    images = panel["cards"][0]["figure"]["layout"]["images"]
    sources = [image["source"] for image in images if image["visible"]]
    shown = [Image.open(io.BytesIO(base64.b64decode(source.partition(",")[2]))) for source in sources]
    assert [np.asarray(picture.convert("L")).mean() > 128 for picture in shown] == [False, True, False, True]


def test_the_panel_is_made_once_for_everybody() -> None:
    assert panel_json(DataSpec("xor"), Axes(0, 1), 100) is panel_json(DataSpec("xor"), Axes(0, 1), 100)
    assert panel_json(DataSpec("xor"), Axes(0, 1), 200) != panel_json(DataSpec("xor"), Axes(0, 1), 100)


def test_where_every_row_trains_no_point_is_drawn_twice() -> None:
    held_out, all_ = (panel_json(DataSpec("moons", split=split), Axes(0, 1), 100) for split in ("stratified", "all"))
    assert held_out["cards"][0]["switches"]
    assert not all_["cards"][0]["switches"]


@pytest.mark.parametrize(("scaling", "title"), [("standard", "MAE (scaled)"), ("none", "MAE")])
def test_errors_of_a_scaled_target_are_called_so(scaling: str, title: str) -> None:
    cards = panel_json(DataSpec("diabetes", scaling=scaling), Axes(2, 8), 10)["cards"]
    (curves,) = [card for card in cards if card["name"] == "curves"]
    assert curves["figure"]["layout"]["yaxis2"]["title"]["text"] == title
