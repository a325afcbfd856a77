"""The command line of all benchmarks: names, counts, and a table or JSON."""

from __future__ import annotations

import json
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable, Collection
from dataclasses import asdict
from typing import Any


def parser_of(module: str, description: str, names: Collection[str] = ()) -> ArgumentParser:
    """Return a parser with `--json` and, if there are names, a choice of them."""

    def known(name: str) -> str:
        if name not in names:
            raise ArgumentTypeError(f"there is no {name}; there are {', '.join(names)}")
        return name

    parser = ArgumentParser(prog=f"python -m {module}", description=description)
    if names:
        every = f"of {', '.join(names)}; all if none is named"
        parser.add_argument("names", nargs="*", type=known, metavar="NAME", help=every)
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser


def add_count(parser: ArgumentParser, name: str, default: int, what: str, most: int | None = None) -> None:
    """Add the option `--name`, a whole number from 1."""

    def count(text: str) -> int:
        if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= (most or int(text)):
            raise ArgumentTypeError(f"must be at least 1{f' and at most {most}' if most else ''}. Received: {text!r}.")
        return int(text)

    parser.add_argument(f"--{name}", type=count, default=default, help=f"{what} (default {default})")


def plain(measured: Any) -> Any:
    """Return the result of a benchmark, a list of rows or one set of figures, as JSON values."""
    return [asdict(row) for row in measured] if isinstance(measured, list) else asdict(measured)


def print_measured(measured: Any, report: Callable[[Any], str], as_json: bool) -> None:
    """Print the result of a benchmark as JSON or as its report."""
    print(json.dumps(plain(measured), indent=2) if as_json else report(measured))
