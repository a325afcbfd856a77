"""The script of an experiment on a file: the same rows as the app reads."""

import io
import json

import nbformat
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.datasets import prepare
from core.datasets.drawn_points import DrawnPoints, ring, to_csv
from core.datasets.upload_store import NotUploadedError, keep_upload
from core.errors import DataError
from core.experiment import DataSpec, Experiment, NetworkSpec, TableSpec
from core.export.data_code import parts_of
from core.export.script import notebook, reads_file, script
from tests.core.export.scripts import run
from tests.core.tables.workbooks import workbook

_COUNT = 60


def table(random: np.random.Generator) -> pd.DataFrame:
    days = pd.Timestamp("2024-01-30") + pd.to_timedelta(random.integers(0, 300, _COUNT), unit="D")
    return pd.DataFrame(
        {
            "height": random.normal(1700, 400, _COUNT).round(2),
            "so,il": random.choice(["dry", "wet", "moist"], _COUNT),
            "planted": days,
            "leaves": random.integers(0, 9, _COUNT),
            "kind": random.choice(["oak", "ash", "elm 🌳"], _COUNT),
        }
    )


@pytest.fixture
def trees() -> pd.DataFrame:
    return table(np.random.default_rng(0))


def rows_of(spec: DataSpec, content: bytes, name: str, folder) -> dict:
    """Run the part of the script that makes the rows, beside a file of this name."""
    (folder / name).write_bytes(content)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        return run(script(Experiment(spec), name).partition("# Network")[0])


def check_rows(content: bytes, name: str, folder, data: str = "file", split: dict | None = None, **changes) -> str:
    """Hold the script's rows to the app's; returns the script."""
    spec = DataSpec(data, table=TableSpec(keep_upload(content), **changes), **(split or {}))
    variables = rows_of(spec, content, name, folder)
    expected = prepare(spec)
    rows = {
        "": (expected.x_train, expected.y_train),
        "_train": (expected.x_train, expected.y_train),
        "_val": (expected.x_val, expected.y_val),
        "_test": (expected.x_test, expected.y_test),
    }
    for part in parts_of(spec).all:
        x, y = rows[part]
        np.testing.assert_allclose(np.asarray(variables[f"x{part}"], np.float32), x, rtol=1e-4, atol=1e-5)
        if data == "file":
            np.testing.assert_array_equal(variables[f"y{part}"], y)
        else:
            ours = np.asarray(variables[f"y{part}"], np.float32)[:, 0]
            np.testing.assert_allclose(ours, expected.scale_target(y), rtol=1e-4, atol=1e-5)
    return script(Experiment(spec), name)


def test_a_plain_table(trees, tmp_path):
    text = check_rows(trees.to_csv(index=False).encode(), "trees.csv", tmp_path)
    assert 'FILE = "trees.csv"' in text
    assert 'CATEGORIES = ["so,il"]' in text
    assert "SimpleImputer" not in text


@pytest.mark.parametrize("split", [{"split": "all"}, {"validation": 0.2, "balance": "cut", "random_labels": 0.2}])
def test_a_table_that_is_changed(trees, tmp_path, split):
    content = trees.to_csv(index=False).encode()
    check_rows(content, "trees.csv", tmp_path, split={"imbalance": 0.6, "scaling": "minmax", **split})


@pytest.mark.parametrize("missing", ["median", "most_frequent", "constant", "drop"])
def test_missing_values_are_treated_as_in_the_app(trees, tmp_path, missing):
    trees["height"] = trees["height"].astype("str")
    trees.loc[::7, "height"] = " NA "
    trees.loc[3, "height"] = "?"
    trees.loc[::5, "so,il"] = "-"
    trees.loc[5, "kind"] = None
    text = check_rows(trees.to_csv(index=False).encode(), "trees.csv", tmp_path, missing=missing, rare=3)
    assert ("SimpleImputer" in text) == (missing != "drop")


def test_a_semicolon_a_comma_and_groups(trees, tmp_path):
    trees["height"] = [f"{value:,.2f}".translate(str.maketrans(",.", ".,")) for value in trees["height"]]
    trees["planted"] = trees["planted"].dt.strftime("%d.%m.%Y")
    content = trees.to_csv(index=False, sep=";").encode("latin-1", "replace")
    text = check_rows(content, "trees.csv", tmp_path)
    assert 'format="%d.%m.%Y"' in text
    assert 'sep=";"' in text


@pytest.mark.parametrize(("encoding", "words"), [("cp1251", "дуб ясень вяз"), ("shift_jis", "樫の木 松 杉の木")])
def test_a_file_in_an_old_code_page_is_read_in_the_one_that_was_found(trees, tmp_path, encoding, words):
    trees["kind"] = [words.split()[row % 3] for row in range(_COUNT)]
    content = trees.to_csv(index=False).encode(encoding)
    text = check_rows(content, "trees.csv", tmp_path)
    assert f'encoding="{encoding}"' in text
    assert prepare(DataSpec("file", table=TableSpec(keep_upload(content)))).class_names == tuple(sorted(words.split()))


@pytest.mark.parametrize("form", ["%m/%d/%Y", "%Y/%m/%d", "%d %b %Y", "%Y-%m-%d %H:%M"])
def test_dates_in_other_forms(trees, tmp_path, form):
    trees["planted"] = trees["planted"].dt.strftime(form)
    check_rows(trees.to_csv(index=False).encode(), "trees.csv", tmp_path)


AMOUNTS = (
    ("${:,.2f}", "."), ("{:,.2f} €", ","), ("{:.1f}%", "."), ("({:,.2f})", "."), ("\u2212{:.2f} kg", "."),
    ("€{:.1f}K", "."),
)  # fmt: skip


@pytest.mark.parametrize(("form", "decimal"), AMOUNTS)
def test_numbers_as_people_write_them(trees, tmp_path, form, decimal):
    written = [form.format(value) for value in trees["height"]]
    if decimal == ",":
        written = [word.translate(str.maketrans(",.", ".,")) for word in written]
    trees["height"] = [*written[:-4], "..", " NA", "-", written[0].replace("K", "M")]
    text = check_rows(trees.to_csv(index=False, sep=";").encode(), "trees.csv", tmp_path)
    assert "read_numbers(" in text


@pytest.mark.parametrize(
    "form", ["%d-%b-%y", "%m/%d/%Y %I:%M:%S %p", "%Y-%m-%d %I:%M %p", "%b-%y", "%Y%m%d", "%A, %d %B %Y"]
)
def test_dates_as_people_write_them(trees, tmp_path, form):
    trees["planted"] = trees["planted"].dt.strftime(form)
    trees.loc[4, "planted"] = "unknown"
    check_rows(trees.to_csv(index=False).encode(), "trees.csv", tmp_path)


def test_dates_in_another_language(trees, tmp_path):
    """Some months have short names, some have long ones."""
    months = ("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc.")
    dates = pd.date_range("2018-01-07", periods=len(trees), freq="41D")
    trees["planted"] = [f"{date.day} {months[date.month - 1]} {date.year}" for date in dates]
    check_rows(trees.to_csv(index=False).encode(), "trees.csv", tmp_path)


def test_words_that_are_values_here_and_missing_there(trees, tmp_path):
    trees["so,il"] = ["EU", "AS", "NA", "SA"] * 15
    trees["kind"] = ["dry", "wet", "moist", "NA", "-"] * 12
    text = check_rows(trees.to_csv(index=False).encode(), "trees.csv", tmp_path)
    assert 'table["kind"].isin(["NA", "-"])' in text
    assert 'table["so,il"].isin' not in text


def test_lines_above_no_header_and_names_that_come_twice(trees, tmp_path):
    content = trees.to_csv(index=False).encode()
    check_rows(b"Trees of the park\n" + content, "above.csv", tmp_path)
    check_rows(trees.to_csv(index=False, header=False).encode(), "headless.csv", tmp_path)
    trees.columns = ["a", "a", " b  c ", "", "kind"]
    check_rows(trees.to_csv(index=False).encode(), "twice.csv", tmp_path)
    check_rows(content + b"1,2,3,4,5,6,7\n", "uneven.csv", tmp_path)


LINES = [f"{row * 0.5},{row % 7},{'xy'[row % 2]}" for row in range(_COUNT)]


@pytest.mark.parametrize(
    "text",
    [
        "a,b,kind\n" + "".join(f"{line},\n" for line in LINES),
        "Trees\n\n\nof the park\na,b,kind\n" + "\n".join(LINES),
        "\n".join(["a,b,kind", *LINES[:30], '2,"3,x', *LINES[30:]]),
        "\n".join(["a,b,kind", "inf,2,x", *LINES, "1,1e999,y"]),
    ],
    ids=[
        "a delimiter at the end of every line but the first",
        "empty lines above",
        "an open quotation mark",
        "infinity",
    ],
)
def test_text_that_pandas_reads_otherwise_by_itself(tmp_path, text):
    check_rows(text.encode(), "trees.csv", tmp_path)


@pytest.mark.parametrize("zone", ["Z", "+02:00", " UTC"])
def test_dates_with_a_zone(tmp_path, zone):
    hours = [f"2024-0{1 + row % 9}-0{1 + row % 8} {row % 4 * 6:02}:00:00{zone}" for row in range(_COUNT)]
    text = "when,b,kind\n" + "\n".join(
        f"{hour},{line.partition(',')[2]}" for hour, line in zip(hours, LINES, strict=True)
    )
    assert ".dt.tz_localize(None)" in check_rows(text.encode(), "trees.csv", tmp_path, split={"scaling": "none"})


def test_a_table_that_is_cut_is_cut_in_the_script(tmp_path, monkeypatch):
    monkeypatch.setattr("core.tables.text_files.MAX_ROWS", 50)
    text = check_rows("\n".join(["a,b,kind", *LINES, "1,2,cut"]).encode(), "trees.csv", tmp_path)
    assert "table.head(50)" in text


def test_numbers_as_classes_rare_classes_and_columns_by_choice(trees, tmp_path):
    content = trees.to_csv(index=False).encode()
    changes = {"target_column": "leaves", "columns": ("kind", "height"), "rare_classes": 7}
    check_rows(content, "trees.csv", tmp_path, **changes)
    check_rows(content, "trees.csv", tmp_path, category_columns=("leaves",), rare=1)


def test_a_number_is_predicted(trees, tmp_path):
    content = trees.to_csv(index=False).encode()
    check_rows(content, "trees.csv", tmp_path, "file_numbers", target_column="height")
    check_rows(content, "t.csv", tmp_path, "file_numbers", {"scaling": "none"}, target_column="height")


def test_a_sheet_of_excel(tmp_path):
    rows = "".join(
        f"<row><c t='inlineStr'><is><t>{kind}</t></is></c><c><v>{row + 0.5}</v></c><c><v>{row % 3}</v></c></row>"
        for row, kind in enumerate(["oak", "ash"] * 10)
    )
    head = "".join(f"<c t='inlineStr'><is><t>{name}</t></is></c>" for name in ("kind", "height", "leaves"))
    content = workbook(("empty", ""), ("trees", f"<row>{head}</row>{rows}"))
    text = check_rows(content, "trees.xlsx", tmp_path, target_column="kind")
    assert 'sheet_name="trees"' in text
    assert "# pip install keras tensorflow pandas scikit-learn python-calamine\n" in text


@pytest.mark.parametrize(
    ("above", "left"),
    [(["Trees of the park"], 0), (["Trees", "", "of the park", ""], 0), (["", ""], 0), ([], 1), (["", "Trees", ""], 2)],
)
def test_a_table_that_begins_within_its_sheet(tmp_path, above, left):
    empty = "<c/>" * left

    def cells(*values: object) -> str:
        words = (f"<c t='inlineStr'><is><t>{value}</t></is></c>" for value in values)
        return f"<row>{empty}{''.join(words)}</row>"

    def row(number: int) -> str:
        return f"{cells('xy'[number % 2])[:-6]}<c><v>{number + 0.5}</v></c><c><v>{number % 3}</v></c></row>"

    head = "".join(cells(line) if line else "<row><c/></row>" for line in above)
    content = workbook(("trees", head + cells("kind", "height", "leaves") + "".join(map(row, range(30)))))
    check_rows(content, "trees.xlsx", tmp_path, target_column="kind")


def as_parquet(frame: pd.DataFrame) -> bytes:
    out = io.BytesIO()
    frame.to_parquet(out)
    return out.getvalue()


def test_parquet_with_an_index_categories_infinity_and_words_to_clean(trees, tmp_path):
    trees.index = pd.Index([f"r{row % 9}" for row in range(_COUNT)], name="plot")
    check_rows(as_parquet(trees), "index.parquet", tmp_path, target_column="kind")
    trees.loc[trees["height"] < 1500, "so,il"] = " wet "
    trees.loc["r3", "so,il"] = "?"
    trees["kind"] = pd.Categorical(trees["kind"], ["oak", "elm 🌳", "ash"])
    trees.iloc[3, 0] = np.inf
    check_rows(as_parquet(trees), "clean.parquet", tmp_path, target_column="kind")
    check_rows(
        as_parquet(trees.rename(columns={"kind": " the  kind "})), "n.parquet", tmp_path, target_column="the kind"
    )
    trees["planted"] = trees["planted"].dt.tz_localize("Asia/Tokyo")
    check_rows(as_parquet(trees), "zone.parquet", tmp_path, split={"scaling": "none"}, target_column="kind")


def test_parquet_with_a_note_of_pandas_that_is_damaged(trees):
    arrow = pa.Table.from_pandas(trees).replace_schema_metadata({"pandas": '{"index_columns": ['})
    out = io.BytesIO()
    pq.write_table(arrow, out)
    spec = DataSpec("file", table=TableSpec(keep_upload(out.getvalue())))
    assert "pd.read_parquet" in script(Experiment(spec))


def test_numbers_of_a_binary_file_as_categories(tmp_path):
    frame = pd.DataFrame({"a": np.arange(_COUNT) * 0.5, "b": np.arange(_COUNT) % 11, "kind": [10, 9, 2] * 20})
    check_rows(as_parquet(frame), "t.parquet", tmp_path, category_columns=("b", "kind"))
    out = io.BytesIO()
    np.savez(out, x=frame[["a", "b"]].to_numpy(), y=np.array(["", "oak", "ash "] * 20))
    check_rows(out.getvalue(), "t.npz", tmp_path, category_columns=("x 2",))


def test_parquet(trees, tmp_path):
    out = io.BytesIO()
    trees.to_parquet(out)
    check_rows(out.getvalue(), "trees.parquet", tmp_path)
    trees.loc[3, "height"] = np.nan
    trees["grown"] = trees["leaves"] > 4
    out = io.BytesIO()
    trees.to_parquet(out)
    check_rows(out.getvalue(), "trees.parquet", tmp_path, target_column="grown")


@pytest.mark.parametrize("names", [("x", "y"), ("x_train", "y_train", "x_test", "y_test"), ("images", "labels")])
def test_arrays(tmp_path, names):
    random = np.random.default_rng(0)
    shape = (_COUNT, 4, 4) if names[0] == "images" else (_COUNT, 3)
    arrays = {name: random.integers(0, 3, _COUNT) if name[0] in "yl" else random.normal(size=shape) for name in names}
    out = io.BytesIO()
    np.savez(out, **arrays)
    check_rows(out.getvalue(), "arrays.npz", tmp_path)


def test_drawn_points_are_in_the_script(tmp_path):
    drawn = DrawnPoints(tuple((x1, x2, 5 * label) for x1, x2, label in ring().points))
    content = to_csv(drawn).encode()
    text = check_rows(content, "unused.csv", tmp_path, split={"scaling": "none"}, target_column="class")
    assert "unused.csv" not in text
    spec = DataSpec("file", table=TableSpec(keep_upload(content), target_column="class"))
    assert not reads_file(Experiment(spec))


@pytest.mark.parametrize("changes", [{}, {"balance": "cut", "imbalance": 0.5}])
def test_drawn_points_with_squares(tmp_path, changes):
    split = {"scaling": "minmax", "inputs": ("x1", "x1x1", "x1x2"), **changes}
    text = check_rows(to_csv(ring()).encode(), "unused.csv", tmp_path, split=split, target_column="class")
    assert "x = np.column_stack([x1, x1 * x1, x1 * x2])" in text


@pytest.mark.parametrize("data", ["file", "file_numbers"])
def test_squares_of_two_columns_are_made_after_missing_values_are_filled_in(trees, tmp_path, data):
    trees.loc[[3, 5], "leaves"] = None
    columns = {"columns": ("leaves", "height"), "target_column": "kind" if data == "file" else "planted"}
    trees["planted"] = trees["height"] / 10 + 3
    split = {"inputs": ("x1x1", "x2", "sinx1"), "validation": 0.2, "balance": "cut" if data == "file" else None}
    text = check_rows(trees.to_csv(index=False).encode(), "trees.csv", tmp_path, data, split, **columns)
    assert text.index("SimpleImputer(") < text.index("x1 * x1") < text.index("StandardScaler()")


def test_a_file_that_is_not_here_is_said():
    with pytest.raises(NotUploadedError):
        script(Experiment(DataSpec("file", table=TableSpec("0" * 32))))


WORDS = st.text(min_size=1, max_size=12)


@settings(max_examples=20)
@given(WORDS, WORDS, st.lists(WORDS, min_size=2, max_size=2, unique=True), WORDS)
def test_names_stay_text_whatever_they_are(column, other, kinds, file_name):
    frame = pd.DataFrame({column: range(20), f"{other} ": [0.5, 1.5] * 10, "target": kinds * 10})
    spec = DataSpec("file", table=TableSpec(keep_upload(frame.to_csv(index=False).encode("utf-8", "replace"))))
    try:
        prepare(spec)
    except DataError:
        return  # no table, or no classes: words that stand for nothing
    experiment = Experiment(spec, NetworkSpec(()))
    constants = run(script(experiment, file_name).partition("table = ")[0].partition("# Data")[2])
    assert constants["FILE"] == file_name
    assert constants["TARGET"] == prepare(spec).target_name
    nbformat.validate(json.loads(notebook(experiment, file_name)))


def test_a_name_cannot_become_code(tmp_path):
    evil = '"]); raise SystemExit("taken"); (["'
    frame = pd.DataFrame({evil: range(20), "'''\\": [0.5, 1.5] * 10, "kind": ["{evil}", "%s\\"] * 10})
    check_rows(frame.to_csv(index=False).encode(), "a'b\"c\\.csv".replace("/", ""), tmp_path)
