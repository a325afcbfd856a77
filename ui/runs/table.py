"""The table of runs, which a person ticks."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from core.experiment import menus
from core.runs.values import RunSummary
from ui.components.frame import show_frame
from ui.session import kept_runs, widgets

_HEIGHT = 420


def show_table(runs: Sequence[RunSummary]) -> None:
    """Draw a line for every run; ticks stay with their runs when the lines change."""
    keys = tuple(summary.key for summary in runs)
    kept_runs.show(keys)
    places = {key: place for place, key in enumerate(keys)}
    # Ticks belong to places, so other lines are another table.
    name = f"runs-table-{hashlib.sha256(''.join(keys).encode()).hexdigest()[:12]}"
    show_frame(
        lines_of(runs),
        height=min(_HEIGHT, 38 + 35 * max(1, len(runs))),
        placeholder="–",
        key=name,
        on_select=lambda: _choose(name),
        selection_mode="multi-row",
        selection_default={"selection": {"rows": [places[key] for key in kept_runs.chosen() if key in places]}},
        column_config={
            "★": st.column_config.TextColumn(width=30),
            "Run": st.column_config.TextColumn(width="large"),
            "Best": st.column_config.NumberColumn(format="%.3f", help="Accuracy on the held-out rows, or R²."),
            "at epoch": st.column_config.NumberColumn(help="The epoch with the lowest held-out loss."),
            "Last": st.column_config.NumberColumn(format="%.3f", help="The same after the last epoch."),
            "Training": st.column_config.NumberColumn(format="%.2f s", help="Time that training took."),
            "Started": st.column_config.DatetimeColumn(format="distance"),
        },
    )


def lines_of(runs: Sequence[RunSummary]) -> pd.DataFrame:
    """Return the runs as a table: what a person compares."""
    lines: list[dict[str, Any]] = [
        {
            "★": "★" if one.starred else "",
            "Run": one.name,
            "Best": one.best_score,
            "at epoch": one.best_epoch or None,
            "Last": one.last_score,
            "Epochs": one.epoch,
            "Data": menus.DATA[one.data].title,
            "Network": one.layers,
            "Parameters": one.parameters,
            "Training": one.seconds,
            "Status": one.status,
            "Tags": " ".join(one.tags),
            "Started": one.created_at,
        }
        for one in runs
    ]
    table = pd.DataFrame(lines)
    for column in ("at epoch", "Parameters"):
        if column in table:
            table[column] = table[column].astype("Int64")
    if "Started" in table:
        table["Started"] = pd.to_datetime(table["Started"], unit="s", utc=True)
    return table


def _choose(name: str) -> None:
    state = widgets.value(name)
    shown = kept_runs.shown()
    kept_runs.choose(tuple(shown[place] for place in state["selection"]["rows"] if place < len(shown)))
