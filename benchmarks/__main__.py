"""Runs the benchmarks: `python -m benchmarks [--json] [engine] [live]`."""

from __future__ import annotations

import argparse
import json
import platform
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import psutil

from benchmarks import engine, live


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
        documents[name], table = BENCHMARKS[name]()
        if not options.json:
            print(f"\n{table}", flush=True)
    if options.json:
        print(json.dumps(documents, indent=2))


def _engine() -> tuple[Any, str]:
    """Return what `benchmarks.engine` measures, as plain values and as a table."""
    rows = engine.measure()
    return [asdict(row) for row in rows], engine.report(rows)


def _live() -> tuple[Any, str]:
    """Return what `benchmarks.live` measures, as plain values and as a table."""
    figures = live.measure()
    return asdict(figures), live.report(figures)


BENCHMARKS = {"engine": _engine, "live": _live}

if __name__ == "__main__":
    main()
