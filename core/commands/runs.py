"""The command `python -m core runs`: the runs that are kept on this machine, of all people."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from core.commands.input_files import read_content, write_content
from core.errors import DataError, NoRunError

if TYPE_CHECKING:
    from core.runs.store import RunStore

_STDOUT = Path("-")
_KEY_SHOWN = 8
_SHOWN = 20  # lines of a history


def add_runs(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its arguments."""
    command = commands.add_parser("runs", help="list, show, export, import or delete the runs that are kept")
    actions = command.add_subparsers(dest="action", required=True)
    listed = actions.add_parser("list", help="print a line for every run, newest first")
    listed.add_argument("--search", default="", metavar="TEXT", help='such as "learning rate > 0.01 tag:homework"')
    listed.add_argument("--sort", default="newest", help="newest, oldest, best, last, smallest, fastest and more")
    form = listed.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print one JSON array")
    form.add_argument("--csv", action="store_true", help="print CSV")
    shown = actions.add_parser("show", help="print what is kept of a run")
    shown.add_argument("run", help="the key of the run, or its first characters")
    shown.add_argument("--json", action="store_true", help="print one JSON object")
    exported = actions.add_parser("export", help="write a run as a bundle, or all runs as a zip of bundles")
    exported.add_argument("run", nargs="?", help="the key of the run, or its first characters; all runs without it")
    exported.add_argument("--best", action="store_true", help="with the weights of its best epoch, not of its last")
    exported.add_argument("-o", "--output", type=Path, required=True, metavar="OUT", help="- for standard output")
    imported = actions.add_parser("import", help="add the runs of a zip of bundles; those that are there stay")
    imported.add_argument("file", type=Path, metavar="FILE", help="what export has written without a run")
    imported.add_argument("--beside", default="", metavar="RUN", help="the person of this run gets them")
    deleted = actions.add_parser("delete", help="delete runs; for an hour their owners can bring them back")
    deleted.add_argument("run", nargs="+", help="the keys of the runs, or their first characters")


def runs(options: argparse.Namespace) -> int:
    """Do what is asked.

    Raises:
        HiddenLayersError: where there is no such run, or no database.
    """
    from core.runs.store import RunStore

    actions = {"list": _list, "show": _show, "export": _export, "import": _import, "delete": _delete}
    return actions[options.action](RunStore.open(), options)


def _list(store: RunStore, options: argparse.Namespace) -> int:
    from core.runs.run_table import row_of, runs_csv
    from core.runs.search import parse_search

    found = store.runs(None, parse_search(options.search), options.sort)
    if options.json:
        print(json.dumps([row_of(run) for run in found]))
    elif options.csv:
        sys.stdout.write(runs_csv(found).decode())
    else:
        for run in found:
            best = "-" if run.best_score is None else f"{run.best_score:.3f} (epoch {run.best_epoch})"
            last = "-" if run.last_score is None else f"{run.last_score:.3f}"
            star = "*" if run.starred else " "
            print(f"{run.key[:_KEY_SHOWN]} {star} {run.status:<11} best {best:<18} last {last:<6} {run.name}")
    return 0


def _show(store: RunStore, options: argparse.Namespace) -> int:
    from core.runs.run_table import row_of

    run = store.run(None, _key(store, options.run))
    if options.json:
        print(json.dumps(row_of(run.summary) | {"history": run.history, "message": run.summary.message}))
        return 0
    for name, value in row_of(run.summary).items():
        print(f"{name:<16} {value}")
    print(f"{'weights':<16} {', '.join(run.weights_of) or 'none'}")
    print("epoch", *run.history, sep="\t")
    lines = list(zip(*run.history.values(), strict=True))
    for epoch, values in list(enumerate(lines, start=1))[-_SHOWN:]:
        print(epoch, *(f"{value:.4f}" for value in values), sep="\t")
    return 0


def _export(store: RunStore, options: argparse.Namespace) -> int:
    from core.runs.exchange import bundle_of, write_runs
    from core.runs.values import BEST, LAST
    from core.trained.bundle import save_bundle

    if options.run is None:
        if options.output == _STDOUT:
            write_runs(store, None, sys.stdout.buffer)
            return 0
        try:
            with options.output.open("wb") as file:
                write_runs(store, None, file)
        except OSError as error:
            raise DataError(f"The file {str(options.output)!r} cannot be written: {error.strerror}.") from error
        return 0
    key = _key(store, options.run)
    run = store.run(None, key)
    weights = store.weights(None, key, BEST if options.best and BEST in run.weights_of else LAST)
    if weights is None:
        raise DataError("The weights of this run are not kept: it was interrupted, has diverged or is too large.")
    content = save_bundle(bundle_of(run, weights))
    if options.output == _STDOUT:
        sys.stdout.buffer.write(content)
    else:
        write_content(options.output, content)
    return 0


def _import(store: RunStore, options: argparse.Namespace) -> int:
    from core.runs.exchange import keep_runs, read_runs

    found = read_runs(read_content(options.file))
    added = keep_runs(store, None, found, _key(store, options.beside) if options.beside else "")
    print(f"{added} of {len(found)} added")
    return 0


def _delete(store: RunStore, options: argparse.Namespace) -> int:
    keys = [_key(store, run) for run in options.run]
    print(f"{store.delete(None, keys)} deleted")
    return 0


def _key(store: RunStore, text: str) -> str:
    """Return the key of the one run whose key begins with a text."""
    found = [run.key for run in store.runs(None) if run.key.startswith(text.lower())]
    if len(found) != 1 or not text:
        raise NoRunError(
            f"`run` must be the key of one run, or its first characters. {len(found)} begin with {text!r}."
        )
    return found[0]
