"""Runs the benchmarks, the slowest last: `python -m benchmarks [--json] [--write FILE.md] [NAME …]`."""

from __future__ import annotations

import json
import platform
import sys
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import psutil

from benchmarks import (
    coach,
    crash,
    engine,
    faults,
    inside,
    instant,
    lessons,
    live,
    many,
    memory,
    runs_page,
    study,
    together,
    visitor,
)
from benchmarks.command_line import parser_of, plain
from benchmarks.figures_page import Measurement, write_page


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the named benchmarks, or all; print tables or one JSON object, and write the page of figures."""
    parser = parser_of("benchmarks", "What is fast, in figures.", BENCHMARKS)
    parser.add_argument(
        "--write", type=Path, metavar="FILE.md", help="write the page of figures, and FILE.json beside it"
    )
    options = parser.parse_args(arguments)
    machine = f"Python {platform.python_version()}, {psutil.cpu_count()} cores"
    if not options.json:
        print(machine, flush=True)
    measured = {}
    for name in options.names or BENCHMARKS:
        started = time.monotonic()
        figures = BENCHMARKS[name].measure()
        seconds = time.monotonic() - started
        measured[name] = Measurement(
            date.today().isoformat(), f"make bench ARGS={name}", machine, seconds, plain(figures)
        )
        if not options.json:
            print(f"\n{name}, {seconds:,.0f} s\n\n{BENCHMARKS[name].report(figures)}", flush=True)
        if options.write is not None:
            write_page(options.write, {name: measured[name]})
            print(f"{options.write} has the figures of {name}", file=sys.stderr, flush=True)
    if options.json:
        print(json.dumps({name: measurement.figures for name, measurement in measured.items()}, indent=2))


# Modules, each with `measure` and `report`.
BENCHMARKS: dict[str, Any] = {
    "engine": engine,
    "many": many,
    "study": study,
    "instant": instant,
    "inside": inside,
    "live": live,
    "together": together,
    "faults": faults,
    "crash": crash,
    "runs": runs_page,
    "memory": memory,
    "coach": coach,
    "lessons": lessons,
    "visitor": visitor,
}

if __name__ == "__main__":
    main()
