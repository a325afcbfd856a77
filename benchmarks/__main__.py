"""Runs the benchmarks, the slowest last: `python -m benchmarks [--json] [NAME …]`."""

from __future__ import annotations

import json
import platform
import time
from collections.abc import Sequence
from typing import Any

import psutil

from benchmarks import engine, inside, instant, live, many, memory, together
from benchmarks.command_line import parser_of, plain


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmarks that are named, or all, and print their tables or one JSON object."""
    parser = parser_of("benchmarks", "What is fast, in figures.", BENCHMARKS)
    options = parser.parse_args(arguments)
    documents = {}
    if not options.json:
        print(f"Python {platform.python_version()}, {psutil.cpu_count()} cores", flush=True)
    for name in options.names or BENCHMARKS:
        started = time.monotonic()
        measured = BENCHMARKS[name].measure()
        documents[name] = plain(measured)
        if not options.json:
            table = BENCHMARKS[name].report(measured)
            print(f"\n{name}, {time.monotonic() - started:,.0f} s\n\n{table}", flush=True)
    if options.json:
        print(json.dumps(documents, indent=2))


# Modules, each with `measure` and `report`.
BENCHMARKS: dict[str, Any] = {
    "engine": engine,
    "many": many,
    "instant": instant,
    "inside": inside,
    "live": live,
    "together": together,
    "memory": memory,
}

if __name__ == "__main__":
    main()
