"""The page of figures in the documents: what each benchmark measured last, kept as JSON and written out as Markdown."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.report import cell_text

_HEAD = """# Figures

Written by `python -m benchmarks --write docs/figures.md [NAME …]` from the JSON beside it; do not edit by hand.
A benchmark that was not run again keeps its figures and their date. The columns are explained in the docstring of
`benchmarks/NAME.py`: `_ms` are milliseconds an epoch, `_s` seconds, `_mb` megabytes; medians unless it says otherwise.
"""


@dataclass(frozen=True)
class Measurement:
    """What one benchmark measured.

    Attributes:
        date: ISO date of the run.
        command: what was typed.
        machine: Python's version and the number of cores.
        seconds: how long the benchmark took.
        figures: its plain JSON values, a list of rows or one object.
    """

    date: str
    command: str
    machine: str
    seconds: float
    figures: Any


def write_page(path: Path, measured: Mapping[str, Measurement]) -> None:
    """Write these benchmarks' figures to a page, and to the JSON file beside it; others that are there stay.

    Args:
        path: of the Markdown file; the JSON has the same name with `.json`.
    """
    store = path.with_suffix(".json")
    kept = json.loads(store.read_text("utf-8")) if store.exists() else {}
    kept |= {name: asdict(measurement) for name, measurement in measured.items()}
    store.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n", "utf-8")
    sections = [_section(name, Measurement(**values)) for name, values in sorted(kept.items())]
    path.write_text("\n".join([_HEAD, *sections]), "utf-8")


def _section(name: str, measured: Measurement) -> str:
    origin = f"{measured.date}, `{measured.command}`, {measured.machine}, took {measured.seconds:,.0f} s."
    return f"## {name}\n\n{origin}\n\n{_tables(measured.figures)}"


def _tables(figures: Any) -> str:
    """Return rows as one table; an object as a table of its plain values, then one for each list of rows in it."""
    if isinstance(figures, Sequence):
        return _table(figures)
    plain = {key: value for key, value in figures.items() if _is_plain(value)}
    tables = [_table([{"figure": key, "measured": value} for key, value in plain.items()])] if plain else []
    nested = {key: value for key, value in figures.items() if isinstance(value, list) and value}
    tables += [f"{key}:\n\n{_table(rows)}" for key, rows in nested.items() if isinstance(rows[0], Mapping)]
    return "\n".join(tables)


def _table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return the plain values of rows as a Markdown table, the first column to the left."""
    keys = [key for key in rows[0] if all(_is_plain(row[key]) for row in rows)]
    lines = [keys, ["---", *["---:"] * (len(keys) - 1)], *([cell_text(row[key]) for key in keys] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, bool | int | float | str)
