"""Several runs beside each other: their figures, curves, settings, boundaries and confusion matrices."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from core.analysis.smoothing import smoothed
from core.figures.compared_curves import ComparedCurve, compared_curves_figure, line_of
from core.figures.painting import png_source
from core.figures.palette import rgb
from core.runs.comparison import BY, difference, figures_of, has_diverged, progress, setting_rows
from core.runs.store import RunStore
from ui.components.chart import draw
from ui.components.choose_view import choose_view
from ui.components.frame import show_frame
from ui.components.markdown import literal
from ui.runs.compared import ComparedRun
from ui.runs.compared_pictures import show_boundaries, show_matrices

_METRICS = {"loss": "loss", "accuracy": "accuracy", "mae": "MAE", "r2": "R²"}
_HEIGHT = 360
_NO_BASELINE = ""
_BASELINE_WIDTH = 480
_SETTING_WIDTH = 190  # of a run's column, so that five stand beside each other
_SMOOTHING = (0.0, 0.5, 0.8, 0.9, 0.95, 0.98)


def show_comparison(store: RunStore, runs: Sequence[ComparedRun], first_baseline: int = 0) -> ComparedRun | None:
    """Draw at least two runs beside each other, and return the baseline, if one is chosen.

    Args:
        first_baseline: the number of the run that is the baseline at first; 0 for none.
    """
    by_key = {run.key: run for run in runs}
    options = [_NO_BASELINE, *by_key]
    chosen = st.selectbox(
        "Baseline", options, first_baseline if first_baseline < len(options) else 0,
        format_func=lambda key: by_key[key].title if key else "None", key="compare-baseline", width=_BASELINE_WIDTH,
        help="The other runs show their difference to it.",
    )  # fmt: skip
    baseline = by_key.get(chosen)
    _show_figures(runs, baseline)
    _show_curves(runs)
    views: dict[str, Callable[[], None]] = {
        "Settings": lambda: _show_settings(runs),
        "Decision boundaries": lambda: show_boundaries(store, runs),
        "Confusion matrices": lambda: show_matrices(store, runs, baseline),
    }
    views[choose_view(list(views), "compare-view")]()
    return baseline


def figures_table(runs: Sequence[ComparedRun], baseline: ComparedRun | None) -> pd.DataFrame:
    """Return a line for every run: what it reached, and beside that its difference to the baseline."""
    lines = []
    for run in runs:
        summary = run.kept.summary
        figures = figures_of(summary)
        line: dict[str, Any] = {"Line": line_picture(run.look), "Run": run.title}
        values: Mapping[str, Any] = dict(zip(_FIGURES, vars(figures).values(), strict=True))
        against = None if baseline is None else difference(figures, figures_of(baseline.kept.summary))
        changes = {} if against is None else dict(zip(_FIGURES, vars(against).values(), strict=True))
        for name, value in values.items():
            line[name] = value
            if changes:
                line[f"Δ {name}"] = None if run is baseline else changes[name]
            if name == "Best":
                line["at epoch"] = summary.best_epoch or None
        lines.append(line | {"Status": summary.status})
    table = pd.DataFrame(lines)
    numbers = table.columns.difference(["Line", "Run", "Status"])
    table[numbers] = table[numbers].astype("Float64")
    return table


_FIGURES = ("Best", "Last", "Best loss", "Last loss", "Epochs", "Parameters", "Seconds")
_FORMATS = ("%.3f", "%.3f", "%.4f", "%.4f", "%d", "%d", "%.2f")


def _show_figures(runs: Sequence[ComparedRun], baseline: ComparedRun | None) -> None:
    table = figures_table(runs, baseline)
    columns: dict[str, Any] = {"Line": st.column_config.ImageColumn(width=45), "at epoch": _number("%d")}
    for name, form in zip(_FIGURES, _FORMATS, strict=True):
        columns[name] = _number(form)
        columns[f"Δ {name}"] = _number(form.replace("%", "%+"))
    with st.container(key="compare-figures"):
        show_frame(table, placeholder="–", column_config=columns, height="content", key="compare-table")
    st.caption("Best and Last are the held-out accuracy, or R²; best is the epoch with the lowest held-out loss.")


def line_picture(look: int) -> str:
    """Return a piece of a run's line as a PNG data URI."""
    colour, dash = line_of(look)
    pixels = np.zeros((12, 24, 4), np.uint8)
    pixels[4:8] = [*rgb(colour), 255]
    if dash != "solid":
        pixels[:, 10:14] = 0
    return png_source(pixels)


def _number(form: str) -> Any:
    return st.column_config.NumberColumn(format=form)


def metrics_of(runs: Sequence[ComparedRun]) -> dict[str, str]:
    """Return the metrics that any of the runs has, by their columns, held-out ones first, and what they are called."""
    columns = dict.fromkeys(name for run in runs for name in run.kept.history)
    held_out = [name for name in columns if name.startswith("val_")]
    ordered = [*held_out, *(name for name in columns if name not in held_out)]
    roles = {name: "held-out" if name in held_out else "training" for name in ordered}
    return {name: f"{roles[name]} {_METRICS[name.removeprefix('val_')]}" for name in ordered}


def _show_curves(runs: Sequence[ComparedRun]) -> None:
    metrics = metrics_of(runs)
    with st.container(horizontal=True, vertical_alignment="bottom", key="compare-options"):
        column = st.selectbox("Metric", list(metrics), format_func=metrics.__getitem__, key="compare-metric", width=180)
        by = st.selectbox("By", BY, key="compare-by", width=110)
        weight = st.select_slider("Smoothing", _SMOOTHING, key="compare-smoothing", width=220)
        log_y = st.toggle("Log values", key="compare-log-y")
        log_x = st.toggle(f"Log {by}", key="compare-log-x")
    curves = curves_of(runs, column, by, weight)
    unit = "seconds" if by == "time" else by
    figure = compared_curves_figure(curves, unit, metrics[column], log_x=log_x, log_y=log_y)
    draw(figure.update_layout(height=_HEIGHT), "compare-curves", "Compared curves")
    drawn = {curve.name for curve in curves}
    left_out = [run.title for run in runs if run.title not in drawn]
    if left_out:
        names = literal("; ".join(left_out))
        st.caption(f"Not drawn, because {metrics[column]} by {by} is not known of them: {names}.")
    if by == "time":
        st.caption("As if all epochs of a run had taken the same time.")


def curves_of(runs: Sequence[ComparedRun], column: str, by: str, weight: float) -> list[ComparedCurve]:
    """Return the curves of the runs that have this column, smoothed.

    Steps are known only of runs whose rows are here.
    """
    curves = []
    for run in runs:
        values = run.kept.history.get(column)
        split = run.split if by == "step" else None
        if not values or (by == "step" and split is None):
            continue
        raw = np.array(values, np.float64)
        x = progress(run.kept, by, None if split is None else len(split.x_train))
        curves.append(ComparedCurve(run.title, run.look, x, smoothed(raw, weight), raw, has_diverged(run.kept)))
    return curves


def _show_settings(runs: Sequence[ComparedRun]) -> None:
    everything = st.toggle("Also settings that all have in common", key="compare-all-settings")
    rows = [row for row in setting_rows([run.experiment for run in runs]) if everything or row.differs]
    if not rows:
        st.info("These runs have the same settings.", icon=":material/equal:")
        return
    lines = [{"Setting": row.label} | dict(zip((run.title for run in runs), row.values, strict=True)) for row in rows]
    columns = {run.title: st.column_config.TextColumn(width=_SETTING_WIDTH) for run in runs}
    show_frame(pd.DataFrame(lines), column_config=columns, height="content", key="compare-settings")
