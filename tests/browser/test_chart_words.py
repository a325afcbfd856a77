"""Charts for people who cannot see them: a sentence as their label, and their data as a table."""

from __future__ import annotations

import math
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Page, expect

from tests.browser.lab import SLOW, Lab

_DESCRIBE = """
async ([traces, layout]) => {
  const [reading, words, tables] = await Promise.all(["chart_reading", "chart_words", "chart_tables"].map(
    (name) => import(`/live/assets/now/${name}.js`)));
  const chart = reading.readChart(traces, layout);
  return [words.chartSentence(chart), tables.chartTables(chart)];
}
"""
_REGIONS = """
async ([cells, shape, colours, traces, image]) => {
  const {classRegions} = await import("/live/assets/now/region_words.js");
  return classRegions({data: Uint8Array.from(cells), shape}, colours, traces, image);
}
"""
_CURVES = {
    "xaxis": {"anchor": "y2"},
    "yaxis": {"title": {"text": "loss"}},
    "yaxis2": {"title": {"text": "accuracy"}},
    "meta": {"x": "epoch"},
    "annotations": [{"text": "epoch"}],
}


@pytest.fixture
def page(lab: Lab) -> Page:
    """A page of the app's own address, from which its modules can be loaded."""
    lab.page.goto(f"{lab.base}/live/assets/now/chart_words.js")
    return lab.page


def _described(page: Page, traces: list[dict[str, Any]], layout: dict[str, Any]) -> tuple[str, list[dict[str, Any]]]:
    sentence, tables = page.evaluate(_DESCRIBE, [traces, layout])
    return sentence, tables


def _line(name: str, values: list[float | None], **more: Any) -> dict[str, Any]:
    return {"type": "scatter", "mode": "lines", "name": name, "x": list(range(1, len(values) + 1)), "y": values, **more}


def test_curves_are_described_by_their_ends_and_their_extremes(page: Page) -> None:
    traces = [
        _line("training", [0.6931, 0.4, 0.1234]),
        _line("held-out", [0.7, 0.14, 0.15]),
        _line("training", [0.5, 0.5, 0.5], yaxis="y2"),
        _line("hidden", [1, 2, 3], visible=False),
    ]
    sentence, (table,) = _described(page, traces, _CURVES)
    assert sentence == (
        "From epoch 1 to 3, loss (training) fell from 0.6931 to 0.1234; "
        "loss (held-out) fell from 0.7 to 0.15, lowest 0.14 at epoch 2; accuracy (training) stayed at 0.5."
    )
    assert table["columns"] == ["epoch", "loss (training)", "loss (held-out)", "accuracy (training)"]
    assert table["rows"] == [["1", "0.6931", "0.7", "0.5"], ["2", "0.4", "0.14", "0.5"], ["3", "0.1234", "0.15", "0.5"]]


def test_a_curve_that_diverged_says_where_its_numbers_end(page: Page) -> None:
    sentence, (table,) = _described(page, [_line("training", [1.0, 2500000.0, None, None])], _CURVES)
    assert sentence == "From epoch 1 to 4, training rose from 1 to 2,500,000, and no number after epoch 2."
    assert [row[1] for row in table["rows"]] == ["1", "2,500,000", "–", "–"]


def test_many_lines_are_told_by_the_highest_and_the_lowest(page: Page) -> None:
    traces = [_line(f"run {run}", [0.0, run / 10]) for run in range(8)]
    sentence, _ = _described(page, traces, _CURVES)
    assert "8 lines of loss: run 7 ends highest at 0.7, run 0 lowest at 0" in sentence


def test_before_anything_is_drawn_the_label_says_so(page: Page) -> None:
    assert _described(page, [_line("training", [None])], _CURVES) == ("Nothing is drawn yet.", [])


def test_a_confusion_matrix_says_what_is_right_and_the_worst_mistake(page: Page) -> None:
    ticks = {"tickvals": [0, 1], "ticktext": ["Ada &amp; Bo", "<b>Cy</b>"]}
    layout = {
        "xaxis": {"title": {"text": "predicted"}, **ticks},
        "yaxis": {"title": {"text": "true"}, **ticks},
    }
    counts = {"type": "heatmap", "z": [[8, 2], [0, 10]]}
    sentence, (table,) = _described(page, [counts], layout)
    assert sentence == (
        "18 of 20 rows are predicted right, the most frequent mistake is Ada & Bo predicted as Cy, 2 times."
    )
    assert table == {
        "columns": ["true \\ predicted", "Ada & Bo", "Cy"],
        "rows": [["Ada & Bo", "8", "2"], ["Cy", "0", "10"]],
    }
    shares = {"type": "heatmap", "z": [[0.8, 0.2], [0, 1]], "texttemplate": "%{z:.0%}"}
    sentence, (table,) = _described(page, [shares], layout)
    assert "100 % of Cy, the smallest 80 % of Ada & Bo" in sentence
    assert table["rows"][0] == ["Ada & Bo", "80 %", "20 %"]


def test_bars_have_the_names_and_texts_that_are_drawn(page: Page) -> None:
    bars = {
        "type": "bar",
        "orientation": "h",
        "x": [0.25, 0.75],
        "y": [0, 1],
        "text": ["25.0%", "75.0%"],
        "customdata": ["cats", "dogs"],
    }
    sentence, (table,) = _described(page, [bars], {"xaxis": {"title": {"text": "probability"}}, "yaxis": {}})
    assert sentence == "Probability: cats 25.0%, dogs 75.0%."
    assert table["rows"] == [["cats", "25.0%"], ["dogs", "75.0%"]]


def test_a_band_is_told_by_its_edges_and_guides_for_the_eye_are_left_out(page: Page) -> None:
    band = {"mode": "lines", "name": "all runs", "fill": "toself", "x": [1, 2, 2, 1], "y": [3, 4, 2, 1]}
    guide = {"mode": "lines", "name": "trace 3", "hoverinfo": "skip", "x": [1, 2], "y": [9, 9]}
    _, (table,) = _described(page, [{"hoverinfo": "skip", **band}, guide], _CURVES)
    assert table == {
        "columns": ["epoch", "all runs, highest", "all runs, lowest"],
        "rows": [["1", "3", "1"], ["2", "4", "2"]],
    }


def test_pictures_say_how_many_are_predicted_right(page: Page) -> None:
    texts = {"mode": "text", "x": [0, 1, 2], "y": [0, 0, 0], "hoverinfo": "skip"}
    true, predicted = ["true 3", "true 4", "true 5"], ["✓ 3", '<b style="color:red">✗ 9</b>', "✓ 5"]
    layout = {"images": [{"source": "data:,"}] * 3, "xaxis": {"visible": False}, "yaxis": {"visible": False}}
    sentence, (table,) = _described(page, [{**texts, "text": true}, {**texts, "text": predicted}], layout)
    assert sentence == "3 pictures, 2 predicted right and 1 wrong."
    assert table["rows"][1] == ["2", "true 4", "✗ 9"]


def test_a_boundary_says_how_much_of_the_plane_each_class_has(page: Page) -> None:
    left_and_right = [0, 1, 0, 1] + [255] * 4  # classes of 2 rows of 2 cells, and confidences
    points = [
        {"x": [0.5, 1.5], "y": [0.5, 0.5], "name": "north", "marker": {"color": "#a"}},
        {"x": [1.5], "y": [1.5], "name": "south", "marker": {"color": "#b"}},
    ]
    image = {"x": 0, "y": 2, "sizex": 2, "sizey": 2}
    words = page.evaluate(_REGIONS, [left_and_right, [2, 2, 2], ["#a", "#b"], points, image])
    assert words == [
        "the network gives each class a share of the plane: north 50 %, south 50 %",
        "2 of 3 points are in a region of their own class",
    ]


_VALUES = st.floats(-1e8, 1e8).map(lambda value: 0.0 if abs(value) < 1e-30 else value) | st.none()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(_VALUES, min_size=1, max_size=12), min_size=1, max_size=3))
def test_every_number_of_any_curves_is_in_a_table(page: Page, curves: list[list[float | None]]) -> None:
    sentence, tables = _described(page, [_line(f"curve {at}", curve) for at, curve in enumerate(curves)], _CURVES)
    drawn = [curve for curve in curves if any(value is not None for value in curve)]
    cells = [cell for table in tables for row in table["rows"] for cell in row[1:]]
    assert sum(cell != "–" for cell in cells) == sum(value is not None for curve in drawn for value in curve)
    for curve in drawn:
        read = [_number(cell) for cell in cells if cell != "–"]
        for value in (value for value in curve if value is not None):
            assert any(math.isclose(value, one, rel_tol=6e-3, abs_tol=1e-12) for one in read)
    assert (sentence == "Nothing is drawn yet.") == (not drawn)


def _number(text: str) -> float:
    return float(text.replace("−", "-").replace(",", ""))


def test_the_figures_of_a_run_are_told_when_it_rests_and_their_data_opens_by_keyboard(lab: Lab) -> None:
    page = lab.open("noise=0.3&epochs=8").page
    curves = lab.chart("Training curves")
    expect(curves).to_have_role("img")
    expect(curves).to_have_accessible_name("Training curves. Nothing is drawn yet.")
    lab.press("train").wait_for_status("finished").wait_for_line(8)

    loss = lab.curves[0]["y"]
    ends = [re.escape(page.evaluate("value => value.toPrecision(4).replace(/0+$/, '')", loss[at])) for at in (0, -1)]
    expect(curves).to_have_accessible_name(
        re.compile(rf"^Training curves\. From epoch 1 to 8, loss \(training\) fell from {ends[0]} to {ends[1]}")
    )
    expect(lab.chart("Decision boundary")).to_have_accessible_name(
        re.compile(r"share of the plane: .*\d+ of 1,000 points are in a region of their own class")
    )
    expect(lab.chart("Confusion matrix")).to_have_accessible_name(re.compile(r"\d+ of \d+ rows are predicted right"))

    button = page.locator(".hl-card").filter(has_text="Training curves").locator(".hl-as-table")
    button.press("Enter")
    dialog = page.get_by_role("dialog", name="Training curves as a table")
    expect(dialog).to_contain_text("loss (training) fell from")
    rows = dialog.get_by_role("row")
    expect(rows).to_have_count(1 + 8)
    expect(rows.last.get_by_role("rowheader")).to_have_text("8")
    expect(dialog.get_by_role("columnheader")).to_have_text(
        ["epoch", "loss (training)", "loss (held-out)", "accuracy (training)", "accuracy (held-out)"]
    )
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(button).to_be_focused()


def test_while_a_network_trains_nothing_of_it_is_told(slow_lab: Lab) -> None:
    curves = slow_lab.open(SLOW).chart("Training curves")
    slow_lab.press("train").wait_for_epoch(1)
    expect(curves).to_have_accessible_name(re.compile("The network is training"))
    slow_lab.press("pause").wait_for_status("paused")
    expect(curves).to_have_accessible_name(re.compile(r"From epoch 1 to \d+|At epoch 1"))


def test_charts_that_streamlit_draws_are_told_too(lab: Lab) -> None:
    page = lab.open("epochs=2").press("train").wait_for_status("finished").page
    lab.turn_to("Results")
    curves = page.locator(".st-key-curves .js-plotly-plot")
    expect(curves).to_have_role("img")
    expect(curves).to_have_accessible_name(re.compile("From epoch 1 to 2, loss"))
    page.locator(".st-key-curves .hl-as-table").press("Enter")
    expect(page.get_by_role("dialog").get_by_role("row")).to_have_count(1 + 2)
