"""Parquet, arrays, and which kind of file it is."""

import io
import zipfile

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmarks.fuzz import sheet
from core.errors import DataError
from core.tables import Table, binary_files, read_table
from tests.core.tables.workbooks import FRAME

PICTURES = np.arange(5 * 2 * 3, dtype=np.uint8).reshape(5, 2, 3)


def types(table: Table) -> list[str]:
    return [column.type for column in table.columns]


def test_the_name_of_a_file_is_only_a_hint():
    assert read_table(sheet(FRAME), "book.csv").sheets == ("Sheet1",)


@pytest.mark.parametrize("name", ["xl/worksheets/sheet2.xml", "x.npy"])
def test_a_zip_that_unpacks_to_too_much_is_not_unpacked(name, monkeypatch):
    monkeypatch.setattr(binary_files, "MAX_UNPACKED_BYTES", 1_000_000)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, bytes(2_000_000))
    with pytest.raises(DataError, match=r"at most 1 MB in 10,000 parts\. This one unpacks to 2 MB"):
        read_table(out.getvalue(), "file")


def test_other_archives():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("slides.key", "a,b\n1,2\n")
        archive.writestr("song.mp3", "a,b\n1,2\n")
    with pytest.raises(DataError, match="unpack it first"):
        read_table(out.getvalue(), "file.zip")
    with pytest.raises(DataError, match="damaged"):
        read_table(out.getvalue()[:40], "file.zip")


def parquet(table: pa.Table, **more: object) -> bytes:
    out = io.BytesIO()
    pq.write_table(table, out, **more)
    return out.getvalue()


def test_parquet():
    table = read_table(
        parquet(
            pa.table(
                {
                    "id": [1, 2, 3, 4],
                    "n": pa.array([1, None, 3, 4], pa.int32()),
                    "x": pa.array([1.5, float("nan"), 2.5, float("inf")], pa.float32()),
                    "d": pa.array([1, 2, 3, None], pa.decimal128(5, 2)),
                    "yes": [True, False, None, True],
                    "word": pa.array(["a", "b", "a", None]).dictionary_encode(),
                    "when": pa.array([0, 86_400_000, None, 1], pa.timestamp("ms", "UTC")),
                    "day": pa.array([0, 1, 2, None], pa.date32()),
                    "nested": [[1], [2], [3], []],
                    "coded": ["01", "02", "01", "01"],
                }
            )
        ),
        "file.parquet",
    )
    assert dict(zip(table.frame, types(table), strict=True)) == {
        "id": "identifier",
        "n": "number",
        "x": "number",
        "d": "number",
        "yes": "category",
        "word": "category",
        "when": "date",
        "day": "date",
        "coded": "category",
    }
    assert [column.missing for column in table.columns] == [0, 1, 2, 1, 1, 1, 1, 1, 0]
    assert table.frame["yes"].tolist()[:2] == ["True", "False"]
    assert table.frame["when"].tolist()[1] == pd.Timestamp("1970-01-02")
    assert any("'nested'" in warning for warning in table.warnings)


def test_parquet_that_cannot_be_used(monkeypatch):
    good = parquet(pa.table({"a": list(range(9)), "b": list("abcabcabc")}))
    with pytest.raises(DataError, match="The Parquet file is damaged"):
        read_table(good[:-20], "file.parquet")
    with pytest.raises(DataError, match="no column of numbers, dates or text"):
        read_table(parquet(pa.table({"a": [[1]]})), "file.parquet")
    with pytest.raises(DataError, match="no rows"):
        read_table(parquet(pa.table({"a": pa.array([], pa.int64())})), "file.parquet")
    monkeypatch.setattr(binary_files, "MAX_CELLS", 8)
    cut = read_table(good, "file.parquet")
    assert (len(cut.frame), cut.warnings[0][:31]) == (4, "Only the first 4 of 9 rows were")
    monkeypatch.setattr(binary_files, "MAX_TEXTS", 3)
    assert len(read_table(good, "file.parquet").frame) == 3
    monkeypatch.setattr(binary_files, "MAX_UNPACKED_BYTES", 10)
    with pytest.raises(DataError, match="this one unpacks to more"):
        read_table(good, "file.parquet")
    monkeypatch.setattr("core.tables.table.MAX_WORD_COLUMNS", 0)
    with pytest.raises(DataError, match=r"at most 0 columns of words. This one has 1\."):
        read_table(good, "file.parquet")
    monkeypatch.setattr("core.tables.table.MAX_COLUMNS", 1)
    with pytest.raises(DataError, match="at most 1 columns"):
        read_table(good, "file.parquet")


def test_text_that_comes_often_is_no_bomb():
    words = pa.array(["x" * 100_000]).dictionary_encode().take(pa.array([0] * 100_000))
    with pytest.raises(DataError, match="this one unpacks to more"):
        read_table(parquet(pa.table({"word": words})), "file.parquet")
    few = read_table(parquet(pa.table({"a.word": words[:20], "n": list(range(20))})), "file.parquet")
    assert few.frame["a.word"].str.len().tolist() == [100_000] * 20


def npz(**arrays: object) -> bytes:
    out = io.BytesIO()
    np.savez_compressed(out, **arrays)
    return out.getvalue()


def test_arrays_of_pictures_are_joined():
    table = read_table(npz(x_train=PICTURES[:3], y_train=[0, 1, 2], x_test=PICTURES[3:], y_test=[1, 0]), "mnist.npz")
    assert table.image_shape == (2, 3)
    assert table.frame.shape == (5, 7)
    assert list(table.frame)[::6] == ["pixel 1", "y"]
    np.testing.assert_array_equal(table.frame.to_numpy()[:, :6], PICTURES.reshape(5, 6))
    assert table.frame["y"].tolist() == [0, 1, 2, 1, 0]
    assert {column.type for column in table.columns} == {"number"}


def test_names_of_arrays():
    for features, target in (("x", "y"), ("X", "target"), ("data", "labels"), ("features", "y")):
        table = read_table(npz(**{features: [[1.5, 2], [3, 4], [5, 6]], target: ["a", "b", "a"]}), "file.npz")
        assert list(table.frame) == [f"{features} 1", f"{features} 2", target]
        assert table.frame[target].tolist() == ["a", "b", "a"]
        assert types(table) == ["number", "number", "category"]
        assert table.image_shape is None


def test_arrays_with_other_names_are_columns():
    table = read_table(npz(age=[1, 5, 3], size=[0.5, 1, 2], when=np.array(["2024-01-01"] * 3, "M8[D]")), "file.npz")
    assert list(table.frame) == ["age", "size", "when"]
    assert types(table) == ["number", "number", "date"]


def test_arrays_that_make_no_table():
    for content, what in (
        (npz(x=np.zeros((3, 2)), y=np.zeros(4)), "same number of rows. Received: 3 and 4"),
        (npz(x_train=np.zeros((3, 2)), x_test=np.zeros((3, 5))), "same columns"),
        (npz(x=np.zeros((0, 2))), "no array with rows"),
        (npz(x=np.zeros((4, 0))), "no array with rows and columns"),
        (npz(a=np.float64(5)), "no array with rows"),
        (npz(x=np.zeros((2, 20_000), np.uint8)), "at most 10,000 columns"),
        (npz(x=np.array([{}], object)), "must have numbers or text"),
        (npz(x=np.zeros(3, np.complex128)), "must have numbers or text"),
    ):
        with pytest.raises(DataError, match=what):
            read_table(content, "file.npz")


def test_an_array_that_declares_more_than_it_holds_is_not_unpacked():
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f8", "fortran_order": False, "shape": (10**12, 3)})
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("x.npy", header.getvalue() + bytes(240))
    with pytest.raises(DataError, match="damaged"):
        read_table(out.getvalue(), "file.npz")


def test_rows_of_arrays_beyond_the_bound_are_cut(monkeypatch):
    monkeypatch.setattr(binary_files, "MAX_CELLS", 9)
    table = read_table(npz(x=np.ones((7, 2)), y=np.arange(7)), "file.npz")
    assert table.frame.shape == (3, 3)
    assert "Only the first 3 of 7 rows" in table.warnings[0]
