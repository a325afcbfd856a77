"""The runs of a study as a table, each with the way to the lab."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from core.messages.updates import FAILED
from core.studies.results import MemberResult
from ui.components.frame import show_frame
from ui.components.markdown import literal
from ui.session import current, widgets
from ui.sidebar import turn_to_lab

_HEIGHT = 320


def show_members(results: Sequence[MemberResult], names: Sequence[str], score: str, key: str) -> None:
    """Draw a line for every run; the one that is ticked can be opened in the lab.

    Args:
        results: in the order of the lines.
        names: what distinguishes each of them, such as "seed 3".
        score: what the figures are called.
        key: of the table.
    """
    lines = pd.DataFrame(
        {
            "Run": list(names),
            "Last": [result.last for result in results],
            "Best": [result.best for result in results],
            "at epoch": [result.best_epoch or None for result in results],
            "Epochs": [result.epochs for result in results],
            "Status": [status_word(result) for result in results],
        }
    )
    lines["at epoch"] = lines["at epoch"].astype("Int64")
    show_frame(
        lines,
        key=key,
        height=min(_HEIGHT, 38 + 35 * max(1, len(lines))),
        placeholder="–",
        on_select="rerun",
        selection_mode="single-row",
        column_config={
            "Last": _number(f"Held-out {score} after the last epoch."),
            "Best": _number(f"Held-out {score} after the epoch with the lowest held-out loss."),
        },
    )
    rows = (widgets.value(key) or {}).get("selection", {}).get("rows", [])
    if rows and rows[0] < len(results):
        open_line(results[rows[0]], names[rows[0]], f"{key}-open")
    else:
        st.caption("Tick a run to open it in the lab.")


def open_line(result: MemberResult, name: str, key: str) -> None:
    """Say which run it is, with a button that opens it in the lab."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{literal(name)}**{_figure_words(result)}", width="content")
        open_button(result, key)


def open_button(result: MemberResult, key: str) -> None:
    """Offer to open a run's experiment in the lab."""
    if st.button("Open in the lab", icon=":material/science:", key=key):
        current.set_experiment(result.member.experiment)
        turn_to_lab()


def status_word(result: MemberResult) -> str:
    """Return how a run has ended, as people say it."""
    return "diverged" if result.status == FAILED else result.status


def _figure_words(result: MemberResult) -> str:
    return "" if result.last is None else f": {result.last:.3f} after epoch {result.epochs}"


def _number(help: str) -> Any:
    return st.column_config.NumberColumn(format="%.3f", help=help)
