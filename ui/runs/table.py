"""The table of runs, which a person ticks."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st
from cachetools import LRUCache

from core.experiment import menus
from core.runs.search import Search
from core.runs.small_pictures import small_boundary, small_curve
from core.runs.store import RunStore
from core.runs.values import RunSummary
from ui.components.frame import show_frame
from ui.session import kept_runs, widgets

SORT = "runs-sort"  # the widget's key

_ROWS = 50  # a page of the table: pictures of ten thousand runs would take seconds
_HEIGHT = 420
_LINE = 44  # pixels: room for a small boundary
_PAGE = "runs-page"
# What a press on the head of a column sorts by, and another press; with the arrows that the head then shows.
_SORTS_OF_COLUMN = {
    "Run": {"↑": "name", "↓": "name-reversed"},
    "Best": {"↓": "best", "↑": "worst"},
    "Last": {"↓": "last", "↑": "last-lowest"},
    "Epochs": {"↓": "longest", "↑": "shortest"},
    "Data": {"↑": "data", "↓": "data-reversed"},
    "Network": {"↑": "layers", "↓": "layers-reversed"},
    "Parameters": {"↑": "smallest", "↓": "largest"},
    "Training": {"↑": "fastest", "↓": "slowest"},
    "Status": {"↑": "status", "↓": "status-reversed"},
    "Started": {"↓": "newest", "↑": "oldest"},
}


def show_table(store: RunStore, owner: str, search: Search, count: int) -> None:
    """Draw a page of the table of so many runs that a search finds; ticks stay with their runs."""
    page, sort = min(int(widgets.value(_PAGE) or 1), _pages(count)), str(widgets.value(SORT) or "newest")
    here = store.runs(owner, search, sort, _ROWS, (page - 1) * _ROWS)
    keys = tuple(summary.key for summary in here)
    kept_runs.show(keys)
    places = {key: place for place, key in enumerate(keys)}
    # Ticks belong to places, so other lines are another table; so are lines whose column was pressed.
    name = f"runs-table-{hashlib.sha256(''.join((sort, *keys)).encode()).hexdigest()[:12]}"
    with st.container(key="runs-table"):
        show_frame(
            lines_of(here, sketches_of(store, owner, here)),
            height=min(_HEIGHT, 40 + _LINE * max(1, len(here))),
            row_height=_LINE,
            placeholder="–",
            key=name,
            on_select=lambda: _choose(name),
            selection_mode=("multi-row", "single-column"),  # with columns, a press on a head sorts no page by itself
            selection_default={"selection": {"rows": [places[key] for key in kept_runs.chosen() if key in places]}},
            column_config=_columns(sort),
        )
    if count > _ROWS:
        _show_pages(count)


def show_first_page() -> None:
    """Turn to the first page, as other lines are there from now on."""
    widgets.set_value(_PAGE, 1)


def _pages(runs: int) -> int:
    return max(1, -(-runs // _ROWS))


def _show_pages(runs: int) -> None:
    if int(widgets.value(_PAGE) or 1) > _pages(runs):
        widgets.set_value(_PAGE, _pages(runs))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"{runs:,} runs, {_ROWS} a page. Page", width="content")
        st.number_input(
            "Page", 1, _pages(runs), key=_PAGE, width=150, label_visibility="collapsed", persist_state="session"
        )
        st.markdown(f"of {_pages(runs)}", width="content")


_COLUMNS: dict[str, Any] = {
    "★": st.column_config.TextColumn(width=30),
    "Run": st.column_config.TextColumn(width=310),
    "Held-out loss": st.column_config.LineChartColumn(width=110, help="By epoch, on a scale of its own."),
    "Boundary": st.column_config.ImageColumn(width=75, help="After the last epoch, of data with two features."),
    "Best": st.column_config.NumberColumn(format="%.3f", help="Accuracy on the held-out rows, or R²."),
    "at epoch": st.column_config.NumberColumn(help="The epoch with the lowest held-out loss."),
    "Last": st.column_config.NumberColumn(format="%.3f", help="The same after the last epoch."),
    "Training": st.column_config.NumberColumn(format="%.2f s", help="Time that training took."),
    "Started": st.column_config.DatetimeColumn(format="distance"),
}


@dataclass(frozen=True)
class SmallPictures:
    """The small curve and the small boundary of a run."""

    curve: list[float]
    boundary: str | None


def sketches_of(store: RunStore, owner: str, runs: Sequence[RunSummary]) -> dict[str, SmallPictures]:
    """Return the small pictures of runs; those of a run that stands still are made once."""
    with _LOCK:
        drawn = {one.key: found for one in runs if (found := _DRAWN.get(_version(one))) is not None}
    missing = [one for one in runs if one.key not in drawn]
    sketches = store.sketches(owner, [one.key for one in missing]) if missing else {}
    for one in missing:
        if sketch := sketches.get(one.key):
            found = SmallPictures(small_curve(sketch.losses), small_boundary(one.experiment, sketch))
            drawn[one.key] = found
    with _LOCK:
        _DRAWN.update({_version(one): drawn[one.key] for one in missing if one.key in drawn})
    return drawn


# Of everybody: a run's key cannot be guessed, and who asks has been given the run already.
_DRAWN: LRUCache[tuple[object, ...], SmallPictures] = LRUCache(5_000)
_LOCK = threading.Lock()


def _version(one: RunSummary) -> tuple[object, ...]:
    return one.key, one.epoch, one.status, one.bytes, one.edit_count


def lines_of(runs: Sequence[RunSummary], pictures: Mapping[str, SmallPictures]) -> pd.DataFrame:
    """Return the runs as a table: what a person compares."""
    lines: list[dict[str, Any]] = [
        {
            "★": "★" if one.starred else "",
            "Run": one.name,
            "Held-out loss": pictures[one.key].curve if one.key in pictures else None,
            "Boundary": pictures[one.key].boundary if one.key in pictures else None,
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


def _columns(sort: str) -> dict[str, Any]:
    """Return how the columns are shown; the one that the runs are sorted by has an arrow."""
    for column, sorts in _SORTS_OF_COLUMN.items():
        for arrow, name in sorts.items():
            if name == sort:
                return _COLUMNS | {column: {**_COLUMNS.get(column, {}), "label": f"{column} {arrow}"}}
    return _COLUMNS


def _choose(name: str) -> None:
    selection = widgets.value(name)["selection"]
    if selection["columns"]:
        _sort_by(selection["columns"][0])
        return
    shown = kept_runs.shown()
    here = tuple(shown[place] for place in selection["rows"] if place < len(shown))
    before = kept_runs.chosen()
    elsewhere = tuple(key for key in before if key not in shown)  # on other pages
    kept_runs.choose((*elsewhere, *(key for key in before if key in here), *(key for key in here if key not in before)))


def _sort_by(column: str) -> None:
    if column in _SORTS_OF_COLUMN:
        once, again = _SORTS_OF_COLUMN[column].values()
        widgets.set_value(SORT, again if widgets.value(SORT) == once else once)
        show_first_page()
