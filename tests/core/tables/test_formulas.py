"""Cells that spreadsheet programs would run."""

import io

import numpy as np
import pandas as pd
import pytest

from core.tables.formulas import is_formula, neutralized, without_formulas


@pytest.mark.parametrize(
    "text",
    [
        '=HYPERLINK("https://evil.example","x")',
        "=cmd|' /C calc'!A0",
        "+cmd|' /C calc'!A0",
        "-2+3+cmd|' /C calc'!A0",
        "@SUM(1+1)*cmd|' /C calc'!A0",
        "-1+1",
        "+1=1",
        "-a1",
        "--1",
        "\t=1+1",
        "\r=1+1",
        "\n=1+1",
        "  =1+1",
        "= 1",
        "＝1+1",
        "－1+a",
        "-1.5; =1+1",
        "+49 170 abc",
    ],
)
def test_formulas_are_found_and_made_text(text):
    assert is_formula(text)
    assert neutralized(text) == "'" + text


@pytest.mark.parametrize(
    "text",
    [
        "-1.5", "+1.5", "-1", "-.5", "+1e-5", "-1,234.56", "-1.234,56", "- 1.5", "-1 234", "-1'234", "-5%", "-$5.00",
        "-5 €", "-inf", "+", "-", "=", "@", "", "a=b", "2024-01-01", "a@b.example", "1-2", "'=1+1", "yes", "−1.5",
    ],
)  # fmt: skip
def test_numbers_and_other_texts_stay(text):
    assert neutralized(text) == text


def test_a_frame_is_written_without_formulas_and_with_its_numbers():
    frame = pd.DataFrame(
        {
            "=1+1": [-1.5, 2.0, np.nan],
            "word": pd.Series(["=1+1", "-1.5", None], dtype="str"),
            "kind": np.array(["@x", None, "+"], object),
            "when": pd.to_datetime(["2024-01-01"] * 3),
            "count": [-1, 0, 1],
        }
    )
    before = frame.copy()
    safe, count = without_formulas(frame)
    assert count == 3
    written = safe.to_csv(index=False)
    assert written.splitlines() == [
        "'=1+1,word,kind,when,count",
        "-1.5,'=1+1,'@x,2024-01-01,-1",
        "2.0,-1.5,,2024-01-01,0",
        ",,+,2024-01-01,1",
    ]
    pd.testing.assert_frame_equal(frame, before)
    harmless = frame.iloc[:, [3, 4]]
    assert without_formulas(harmless)[0].to_csv() == harmless.to_csv()


def test_columns_of_one_name_are_each_made_safe():
    frame = pd.DataFrame([["=1", "b"], ["a", "=2"]], columns=["x", "x"])
    safe, count = without_formulas(frame)
    assert count == 2
    read = pd.read_csv(io.StringIO(safe.to_csv(index=False)), header=0, names=["x", "y"])
    assert read.to_numpy().tolist() == [["'=1", "b"], ["a", "'=2"]]


def test_cells_that_are_lists_of_numbers_stay_as_they_are():
    safe, count = without_formulas(pd.DataFrame({"curve": [[1.0, 0.5], None], "run": ["=1+1", "b"]}))
    assert (safe["curve"].tolist(), safe["run"].tolist(), count) == ([[1.0, 0.5], None], ["'=1+1", "b"], 1)
