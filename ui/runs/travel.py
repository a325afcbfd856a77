"""All runs as a file, and back."""

from __future__ import annotations

import tempfile

import streamlit as st

from core.errors import HiddenLayersError
from core.runs.exchange import keep_runs, read_runs, write_runs
from core.runs.run_table import runs_csv
from core.runs.store import RunStore
from ui.runs.one_run import change
from ui.session import kept_runs, widgets

_FILE = "runs-file"


def show(store: RunStore, owner: str) -> None:
    """Draw the menu of files."""
    with st.popover("Files", icon=":material/folder_zip:", key="runs-files"):
        st.caption("All your runs in one file, with weights, history and notes.")
        st.download_button(
            "Download all runs", lambda: _all_runs(store, owner), "runs.zip", "application/zip", key="all-runs",
            on_click="ignore", icon=":material/download:",
        )  # fmt: skip
        st.download_button(
            "Download the table", lambda: runs_csv(store.runs(owner)), "runs.csv", "text/csv", key="runs-csv",
            on_click="ignore", icon=":material/table:",
        )  # fmt: skip
        st.file_uploader("Add runs from a file", type="zip", key=_FILE, on_change=_import, args=(owner,))


def _all_runs(store: RunStore, owner: str) -> bytes:
    with tempfile.TemporaryFile() as file:
        write_runs(store, owner, file)
        file.seek(0)
        return file.read()


def _import(owner: str) -> None:
    file = widgets.value(_FILE)
    if file is None:
        return
    try:
        runs = read_runs(file.getvalue())
    except HiddenLayersError as error:
        kept_runs.set_problem(str(error))
        return
    change(lambda store: keep_runs(store, owner, runs))
