"""A file of one's own in the lab: brought, looked at, learned from, and what is said where that cannot be."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from urllib.parse import urlencode

import numpy as np
import pandas as pd
import pytest

from benchmarks.fuzz import damage, valid_files
from core.datasets.upload_store import NotUploadedError, fingerprint, keep_upload, read_upload
from core.experiment import DataSpec, TableSpec, menus
from core.experiment.table_spec import TABLE_KEYS
from core.tables.formulas import is_formula
from tests.core.datasets.picture_zips import folders, zipped
from tests.core.tables.workbooks import text_cells, workbook
from tests.pages.lab_page import LabPage

OpenLab = Callable[..., LabPage]

_random = np.random.default_rng(0)
_ROWS = 80
FRAME = pd.DataFrame(
    {
        "age": _random.integers(18, 90, _ROWS),
        "colour": _random.choice(["red", "green", "blue"], _ROWS),
        "plot": _random.choice(["1", "2", "3"], _ROWS),
        "height": _random.normal(170, 10, _ROWS).round(1),
        "kind": _random.choice(["oak", "ash"], _ROWS),
    }
)
FRAME.loc[3, "height"] = np.nan
CONTENT = FRAME.to_csv(index=False).encode()
FILE = fingerprint(CONTENT)
PICTURES = folders(cats=[*range(10, 40)], dogs=[*range(200, 230)])
_CELLS = "".join(text_cells(str(number), kind) for number in range(8) for kind in "xy")
TWO_SHEETS = workbook(("first", text_cells("a", "kind") + _CELLS), ("second", text_cells("b", "kind") + _CELLS))


@pytest.fixture(autouse=True)
def _files() -> None:
    keep_upload(CONTENT)
    keep_upload(TWO_SHEETS)
    keep_upload(PICTURES)


def brought(lab: LabPage, name: str, content: bytes) -> LabPage:
    lab.at.file_uploader[0].upload(name, content)
    return lab.run()


def said(lab: LabPage) -> str:
    parts = (lab.at.error, lab.at.info, lab.at.warning, lab.at.caption)
    return " ".join(element.value for elements in parts for element in elements)


def test_a_file_is_brought_and_trains(open_lab: OpenLab) -> None:
    lab = open_lab().choose("Data set", "file")
    assert "Upload a file" in said(lab)
    assert "Train" not in lab.buttons
    brought(lab, "trees.csv", CONTENT)
    assert "trees.csv" in said(lab)
    assert "80 rows, 5 columns" in said(lab)
    assert lab.address["file"] == FILE
    assert lab.experiment.data == DataSpec("file", table=TableSpec(FILE))
    assert lab.control("Predict").value == "kind"
    # Three numbers, and a category of three colours.
    assert "6 × 4 + 4" in " ".join(lab.unfold().texts)
    lab.choose("Epochs", 5).press("train").wait_for_status("finished")


def test_a_doubt_about_the_encoding_shows_the_first_words_in_both_readings(open_lab: OpenLab) -> None:
    content = "姓名,年龄,等级\n张三,20,高\n李四,21,低\n张三,22,高\n李四,23,低\n".encode("gb18030")
    text = said(brought(open_lab("data=file"), "people.csv", content))
    assert "read as gb18030 (姓名, 年龄, 等级), but it may be euc-kr (檎츰, 쾨쥑, 된섬)" in text


def test_a_stored_file_is_deleted_by_the_browser_that_stored_it(open_lab: OpenLab) -> None:
    content = CONTENT + b"21,red,1,170.0,oak\n"
    file = fingerprint(content)
    lab = brought(open_lab().choose("Data set", "file"), "mine.csv", content)
    assert "Anyone with the link, a report or a bundle" in said(lab)
    other = open_lab(f"data=file&file={file}&columns=age")  # by the link
    assert "Train" in other.buttons
    assert "Delete" not in other.buttons
    lab.press(f"delete-{file}")
    assert "mine.csv is deleted. Links to it no longer work." in [toast.value for toast in lab.at.toast]
    assert f"The file {file} is not on this server: upload it" in said(lab)
    assert "Delete" not in lab.buttons
    assert "upload it" in said(other.run())
    with pytest.raises(NotUploadedError):
        read_upload(file)


def test_a_link_to_a_file_asks_for_it_where_it_is_not(open_lab: OpenLab) -> None:
    other = CONTENT + b"20,red,1,170.0,oak\n"
    lab = open_lab(f"data=file&file={fingerprint(other)}&columns=age")
    assert "upload it" in said(lab)
    assert lab.experiment.data.table == TableSpec(fingerprint(other), columns=("age",))
    brought(lab, "other.csv", other)
    assert lab.buttons["Train"]


def test_a_file_that_is_no_table_changes_nothing(open_lab: OpenLab) -> None:
    lab = open_lab(f"data=file&file={FILE}")
    before = lab.experiment
    brought(lab, "photo.csv", b"\x89PNG\r\n\x1a\n" + bytes(100))
    assert "photo.csv" in said(lab)
    assert "PNG picture" in said(lab)
    assert lab.experiment == before
    brought(lab, "trees.csv", CONTENT)
    assert "photo.csv" not in said(lab)


def test_a_zip_of_pictures_is_brought_and_trains(open_lab: OpenLab) -> None:
    lab = brought(open_lab().choose("Data set", "file"), "pets.zip", PICTURES)
    assert "pets.zip" in said(lab)
    assert "60 pictures, 2 classes" in said(lab)
    assert lab.experiment.data == DataSpec("file", table=TableSpec(fingerprint(PICTURES)), scaling="none")
    assert not lab.has_control("Predict")
    assert not lab.has_control("Encoding")
    lab.choose("Picture size (pixels)", 16).choose("Use colour", True)
    assert "768 × 4 + 4" in " ".join(lab.unfold().texts)
    lab.choose("Use colour", False)
    assert "256 × 4 + 4" in " ".join(lab.unfold().texts)
    lab.choose("Epochs", 1).press("train").wait_for_status("finished")


def test_a_zip_of_pictures_that_cannot_be_read_changes_nothing(open_lab: OpenLab) -> None:
    lab = open_lab(f"data=file&file={FILE}")
    before = lab.experiment
    brought(lab, "pets.zip", zipped({"cats/1.png": b"x"}))
    assert "None of the 1 pictures can be read" in said(lab)
    assert lab.experiment == before


def test_what_keeps_pictures_from_training_is_said(open_lab: OpenLab) -> None:
    lab = open_lab(f"data=file&file={keep_upload(folders(cats=[1, 2]))}")
    assert any("at least two folders" in error.value for error in lab.at.main.error)
    lab.open(f"data=file&file={keep_upload(zipped({'cats/1.png': b'x'}))}")
    assert any("None of the 1 pictures" in error.value for error in lab.at.main.error)


def test_pictures_have_no_number_to_predict(open_lab: OpenLab) -> None:
    lab = open_lab(f"data=file_numbers&file={fingerprint(PICTURES)}&scaling=none")
    assert lab.address["data"] == "file"
    assert "Train" in lab.buttons


def test_pictures_in_arrays_may_have_a_number_to_predict(open_lab: OpenLab) -> None:
    arrays = io.BytesIO()
    np.savez(arrays, x=_random.integers(0, 255, (60, 4, 4), dtype=np.uint8), y=np.arange(60) / 7)
    lab = brought(open_lab().choose("Data set", "file"), "angles.npz", arrays.getvalue())
    assert lab.experiment.data.task == menus.NUMBERS
    assert "fit" in lab.cards
    assert lab.buttons["Train"]
    lab.turn_to("data")
    assert "16 features · numeric target" in said(lab)


CHANGES: list[tuple[str, str, object, dict[str, str | None]]] = [
    ("", "Predict", "colour", {"target_column": "colour"}),
    ("", "Predict", "height", {"data": "file_numbers", "target_column": "height"}),
    ("&target_column=age", "Predict as", menus.NUMBERS, {"data": "file_numbers"}),
    ("", "Input columns", ["age", "colour"], {"columns": "age,colour"}),
    ("&columns=age", "Input columns", [], {"columns": None}),
    ("", "Read as categories", ["plot"], {"category_columns": "plot"}),
    ("&category_columns=plot", "Read as categories", [], {"category_columns": None}),
    ("&rare=5", "Read as numbers", ["plot"], {"number_columns": "plot"}),
    ("", "Missing values (1)", "drop", {"missing": "drop"}),
    ("", "Merge categories with fewer training rows than", 50, {"rare": "50"}),
    ("", "Merge classes with fewer rows than", 2, {"rare_classes": "2"}),
    ("", "Encoding", "latin-1", {"encoding": "latin-1"}),
    ("&delimiter=;", "Delimiter", ",", {"delimiter": ","}),
    ("", "Decimal separator", ".", {"decimal": "."}),
    ("", "First row", "no", {"header": "no"}),
    ("", "Dates of numbers", "day", {"dates": "day"}),
    (f"&file={fingerprint(TWO_SHEETS)}", "Sheet", "second", {"sheet": "second"}),
    (f"&file={fingerprint(PICTURES)}", "Picture size (pixels)", 12, {"side": "12"}),
    (f"&file={fingerprint(PICTURES)}&side=8", "Use colour", True, {"colour": "yes"}),
    (f"&file={fingerprint(PICTURES)}&side=9", "Merge classes with fewer pictures than", 2, {"rare_classes": "2"}),
]


# What Excel and zip files are made of carries the time, and with it their fingerprints: names without these.
@pytest.mark.parametrize(
    ("start", "label", "chosen", "change"), CHANGES, ids=[f"{row[1]}: {row[2]}" for row in CHANGES]
)
def test_a_control_changes_the_experiment_and_the_address(
    open_lab: OpenLab, start: str, label: str, chosen: object, change: dict[str, str | None]
) -> None:
    lab = open_lab(f"data=file{start}" if "file=" in start else f"data=file&file={FILE}{start}")
    before = lab.address
    lab.choose(label, chosen)
    changed = {key: text for key, text in (before | change).items() if text is not None}
    assert {key: lab.address.get(key) for key in ("data", *TABLE_KEYS)} == {
        key: changed.get(key) for key in ("data", *TABLE_KEYS)
    }
    assert lab.run().address == lab.address
    assert open_lab(urlencode(lab.address)).experiment == lab.experiment


def test_no_key_of_a_file_is_without_a_control() -> None:
    assert {key for *_, change in CHANGES for key in change} == {*TABLE_KEYS, "data"} - {"file"}


def test_what_was_done_with_a_file_is_kept(open_lab: OpenLab) -> None:
    lab = open_lab(f"data=file&file={FILE}&columns=age")
    before = lab.experiment.data
    lab.choose("Data set", "iris").choose("Data set", "file")
    assert lab.experiment.data == before


def test_columns_that_a_file_does_not_have_are_left_out_and_said(open_lab: OpenLab) -> None:
    lab = open_lab(f"data=file&file={FILE}&target_column=**species**&columns=age,wings")
    assert "\\*\\*species\\*\\*, wings" in said(lab)
    assert lab.experiment.data.table == TableSpec(FILE, columns=("age",))


def test_two_columns_of_numbers_have_inputs_to_choose_and_other_columns_none(open_lab: OpenLab) -> None:
    lab = open_lab(f"data=file&file={FILE}&columns=age,height")
    assert "x₁ is age, x₂ is height" in lab.control("Inputs").help
    assert lab.choose("Inputs", ["x1", "x2", "x1x2"]).address["inputs"] == "x1,x2,x1x2"
    lab.choose("Predict", "plot").choose("Predict as", "number")
    assert (lab.address["data"], lab.address["inputs"]) == ("file_numbers", "x1,x2,x1x2")
    lab.choose("Input columns", ["age", "height", "colour"])
    assert "Left out: the inputs x₁, x₂, x₁x₂. They need exactly two input columns, both numbers." in said(lab)
    assert "inputs" not in lab.address
    assert not lab.has_control("Inputs")
    assert not lab.at.main.error
    assert open_lab(f"data=file&file={fingerprint(PICTURES)}&inputs=x1x1").experiment.data.inputs == ("x1", "x2")


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("target_column=colour&columns=plot&category_columns=plot&rare_classes=1000", "at least two classes"),
        ("delimiter=%23", "column"),
        ("number_columns=kind", "kind"),
    ],
)
def test_what_keeps_a_file_from_training_is_said(open_lab: OpenLab, query: str, words: str) -> None:
    lab = open_lab(f"data=file&file={FILE}&{query}")
    (error,) = lab.at.main.error
    assert words in error.value
    assert "Train" not in lab.buttons


def test_the_data_page_shows_pictures(open_lab: OpenLab) -> None:
    lab = open_lab()
    lab.at.switch_page("../pages/data.py")
    lab.open(f"data=file&file={fingerprint(PICTURES)}&side=8")
    next(group for group in lab.at.get("button_group") if group.key == "data-view").set_value("Pictures")
    lab.run()
    assert "60 pictures, 2 classes" in said(lab)
    assert lab.control("Class").options == ["all", "cats", "dogs"]


def test_the_data_page_shows_a_file(open_lab: OpenLab) -> None:
    lab = open_lab()
    lab.at.switch_page("../pages/data.py")
    lab.open(f"data=file&file={FILE}")
    (table, *_) = (frame.value for frame in lab.at.main.dataframe)
    assert list(table.columns) == [
        "age",
        "plot",
        "height",
        "colour = blue",
        "colour = green",
        "colour = red",
        "kind",
        "part",
    ]
    assert len(table) == _ROWS


def test_a_file_that_the_server_refuses_reaches_no_worker(open_lab: OpenLab) -> None:
    """Workers read without the bounds of the web process, so they read only what it has read within them."""
    content = ("," * 10_000 + "\n" + "1," * 10_000 + "1\n").encode()
    keep_upload(content)
    lab = open_lab(f"data=file&file={fingerprint(content)}")
    assert "at most 10,000 columns. This one has 10,001. Keep those you need" in said(lab)
    assert "Train" not in lab.buttons
    assert lab.job is None


def test_no_table_of_a_file_hands_a_formula_to_a_spreadsheet_program(open_lab: OpenLab) -> None:
    """Every table on a page can be saved as CSV from its own menu."""
    evil = '=HYPERLINK("https://evil.example")'
    frame = pd.DataFrame(
        {"=1+1": range(40), "'=1+1": range(40, 80), "kind": [evil, "@sum(a1)"] * 20, "change": [-1.5, 2.5] * 20}
    )
    content = frame.to_csv(index=False).encode()
    keep_upload(content)
    lab = open_lab()
    lab.at.switch_page("../pages/data.py")
    lab.open(f"data=file&file={fingerprint(content)}&target_column=kind")
    tables = [frame.value for frame in lab.at.dataframe]
    assert len(tables) == 3  # the preview beside the controls, the rows, their statistics
    for table in tables:
        texts = [*table.columns, *table.select_dtypes(exclude="number").to_numpy().ravel()]
        assert not [text for text in map(str, texts) if text[0] in "=+@" or is_formula(text)]
    (preview,) = [table for table in tables if list(table.columns) == ["'=1+1", "'=1+1 (2)", "kind", "change"]]
    (rows,) = [table for table in tables if "part" in table]
    assert set(preview["kind"]) == set(rows["kind"]) == {f"'{evil}", "'@sum(a1)"}
    assert set(map(float, preview["change"])) == {-1.5, 2.5}  # a number below zero is no formula
    assert "texts that a spreadsheet program would run as a formula." in said(lab)


@pytest.mark.parametrize("seed", range(3))
def test_damaged_files_are_loaded_or_refused(open_lab: OpenLab, seed: int) -> None:
    draw = random.Random(seed)
    files = valid_files()
    lab = open_lab(f"data=file&file={FILE}")
    for name in files:
        content = damage(files, name, draw)
        before = lab.address["file"]
        brought(lab, name, content)
        refused = any(error.value.startswith(name) for error in lab.at.sidebar.error)
        assert lab.address["file"] == (before if refused else fingerprint(content))
