"""The rows as a table, the size of every class, and the range of each feature."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.analysis import histograms
from core.datasets import Split
from core.experiment import DataSpec, Experiment
from core.figures import FIT_COLOUR, balance_figure, histogram_figure
from ui.components.chart import draw
from ui.components.frame import show_frame
from ui.data.kept import TABLE_FEATURES, TABLE_ROWS, rows_of, statistics_of, table_of


def show_table(experiment: Experiment, split: Split) -> None:
    """Draw the table, the distribution of the target, and the statistics of every feature."""
    data = experiment.data
    table, balance = st.columns([3, 2], gap="medium")
    with table:
        _show_rows(data)
    with balance:
        _show_target(data)
    show_frame(statistics_of(data))


def _show_rows(data: DataSpec) -> None:
    show_frame(table_of(data), height="stretch", key="data-table")
    rows = rows_of(data)
    notes = []
    if len(rows) > TABLE_ROWS:
        notes.append(f"{TABLE_ROWS:,} of {rows.total:,} rows, chosen at random.")
    if len(rows.feature_names) > TABLE_FEATURES:
        notes.append(f"The first {TABLE_FEATURES} of {len(rows.feature_names):,} features.")
    if notes:
        st.caption(" ".join(notes))


def _show_target(data: DataSpec) -> None:
    rows = rows_of(data)
    if rows.class_names:
        figure = balance_figure(rows.class_names, np.bincount(rows.target, minlength=len(rows.class_names)))
    else:
        counted = histograms.histogram(rows.target, np.zeros(len(rows), np.int64), 1)
        figure = histogram_figure(
            counted.edges, counted.counts, names=["rows"], colours=[FIT_COLOUR], value_name=rows.target_name
        )
    draw(figure, "balance", "Balance of the target", fills=True)
