"""Runs the benchmarks, the slowest last: `python -m benchmarks [--json] [NAME …]`."""

from __future__ import annotations

import argparse
import json
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

import psutil

from benchmarks import engine, inside, instant, live, many, memory, together


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmarks that are named, or all, and print their tables or one JSON object."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="What is fast, in figures.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHMARKS)}; all if none is named")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(arguments)
    unknown = [name for name in options.names if name not in BENCHMARKS]
    if unknown:
        parser.error(f"there is no benchmark {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}")
    documents = {}
    if not options.json:
        print(f"Python {platform.python_version()}, {psutil.cpu_count()} cores", flush=True)
    for name in options.names or BENCHMARKS:
        started = time.monotonic()
        documents[name], table = BENCHMARKS[name]()
        if not options.json:
            print(f"\n{name}, {time.monotonic() - started:,.0f} s\n\n{table}", flush=True)
    if options.json:
        print(json.dumps(documents, indent=2))


def _rows(benchmark: Any) -> tuple[Any, str]:
    """Return what a benchmark of several rows measures, as plain values and as a table."""
    rows = benchmark.measure()
    return [asdict(row) for row in rows], benchmark.report(rows)


def _figures(benchmark: Any) -> tuple[Any, str]:
    """Return what a benchmark of one set of figures measures, as plain values and as a table."""
    figures = benchmark.measure()
    return asdict(figures), benchmark.report(figures)


BENCHMARKS: dict[str, Callable[[], tuple[Any, str]]] = {
    "engine": partial(_rows, engine),
    "many": partial(_rows, many),
    "instant": partial(_rows, instant),
    "inside": partial(_rows, inside),
    "live": partial(_figures, live),
    "together": partial(_figures, together),
    "memory": partial(_figures, memory),
}

if __name__ == "__main__":
    main()
