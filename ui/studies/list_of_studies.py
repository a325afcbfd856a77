"""A person's studies, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from core.errors import HiddenLayersError
from core.studies.snapshot import StudySummary
from ui.components.frame import show_frame
from ui.components.markdown import literal
from ui.server import studies
from ui.session import studies as session
from ui.session import widgets
from ui.studies.kinds import KINDS

_TABLE = "studies-table"
_HEIGHT = 400


def show_list(owner: str) -> None:
    """Draw the list; a tick opens a study."""
    key, name = session.deleted()
    if key:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"“{literal(name)}” deleted.", width="content")
            st.button("Undo", on_click=_bring_back, args=(owner, key), icon=":material/undo:", key="undo-study")
    found = studies().list(owner)
    if not found:
        return
    st.subheader("Your studies")
    keys = tuple(one.key for one in found)
    with st.container(key="studies-list"):
        show_frame(
            lines_of(found),
            key=_TABLE,
            height=min(_HEIGHT, 38 + 35 * len(found)),
            placeholder="–",
            on_select=lambda: _open(keys),
            selection_mode="single-row",
            column_config={
                "Best": st.column_config.NumberColumn(format="%.3f", help="The highest held-out figure of its runs."),
                "Started": st.column_config.DatetimeColumn(format="distance"),
            },
        )
    st.caption("Tick a study to open it.")


def lines_of(found: Sequence[StudySummary]) -> pd.DataFrame:
    """Return the studies as a table."""
    lines: list[dict[str, Any]] = [
        {
            "Study": one.name,
            "Kind": KINDS[one.kind].title if one.kind in KINDS else one.kind,
            "Best": one.best,
            "Runs": f"{one.ended} of {one.total}",
            "Status": one.status,
            "Started": one.created_at,
        }
        for one in found
    ]
    table = pd.DataFrame(lines)
    table["Best"] = table["Best"].astype("Float64")
    table["Started"] = pd.to_datetime(table["Started"], unit="s", utc=True)
    return table


def _open(keys: tuple[str, ...]) -> None:
    rows = (widgets.value(_TABLE) or {}).get("selection", {}).get("rows", [])
    if rows and rows[0] < len(keys):
        session.open_study(keys[rows[0]])


def _bring_back(owner: str, key: str) -> None:
    try:
        studies().bring_back(owner, key)
    except HiddenLayersError as error:
        session.set_problem(str(error))
    session.note_deleted("", "")
