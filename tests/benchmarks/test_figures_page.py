"""The page of figures is what the benchmarks measured last, and nothing else."""

import json

from benchmarks.figures_page import Measurement, write_page


def _measured(figures, date="2026-01-02"):
    return Measurement(date, "make bench ARGS=x", "Python 3.11, 2 cores", 12.4, figures)


def test_rows_become_a_table_and_what_is_nested_stays_in_the_json(tmp_path):
    page = tmp_path / "figures.md"
    write_page(page, {"engine": _measured([{"name": "moons", "engine_ms": 0.2349, "turns": [1, 2]}])})
    assert "| name | engine_ms |\n| --- | ---: |\n| moons | 0.235 |\n" in page.read_text("utf-8")
    assert "2026-01-02, `make bench ARGS=x`, Python 3.11, 2 cores, took 12 s." in page.read_text("utf-8")
    assert json.loads((tmp_path / "figures.json").read_text("utf-8"))["engine"]["figures"][0]["turns"] == [1, 2]


def test_an_object_becomes_a_table_of_its_values_and_one_for_each_list_of_rows(tmp_path):
    page = tmp_path / "figures.md"
    write_page(page, {"memory": _measured({"peak_mb": 1676.0, "ok": True, "curve": [{"run": 1, "total_mb": 5.0}]})})
    text = page.read_text("utf-8")
    assert "| peak_mb | 1,676 |\n| ok | yes |\n" in text
    assert "curve:\n\n| run | total_mb |\n| --- | ---: |\n| 1 | 5.00 |\n" in text


def test_a_benchmark_that_is_not_run_again_keeps_its_figures(tmp_path):
    page = tmp_path / "figures.md"
    write_page(page, {"many": _measured([{"name": "a", "ratio": 2}]), "live": _measured({"fps": 10})})
    write_page(page, {"live": _measured({"fps": 24}, date="2026-03-04")})
    text = page.read_text("utf-8")
    assert "| a | 2 |" in text
    assert "| fps | 24 |" in text
    assert "| fps | 10 |" not in text
    assert text.index("## live") < text.index("## many")
