"""The command line.

python -m core run "data=moons&layers=tanh-4,tanh-2&epochs=100"
python -m core run --file FILE --target NAME "layers=relu-16"
python -m core inspect FILE
python -m core export "data=moons" --format script -o moons.py
python -m core predict BUNDLE --file ROWS -o OUT.csv
python -m core runs list
python -m core study "data=moons" --seeds 20
python -m core lessons check
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from core.commands.export import add_export, export
from core.commands.inspect import add_inspect, inspect
from core.commands.lessons import add_lessons, lessons
from core.commands.predict import add_predict, predict
from core.commands.run import add_run, run
from core.commands.runs import add_runs, runs
from core.commands.study import add_study, study
from core.errors import HiddenLayersError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status, 2 for invalid arguments."""
    parser = argparse.ArgumentParser(prog="python -m core", description="Hidden Layers without a browser.")
    commands = parser.add_subparsers(dest="command", required=True)
    for add in (add_run, add_inspect, add_export, add_predict, add_runs, add_study, add_lessons):
        add(commands)
    options = parser.parse_args(arguments)
    try:
        actions = {
            "run": run,
            "inspect": inspect,
            "export": export,
            "predict": predict,
            "runs": runs,
            "study": study,
            "lessons": lessons,
        }
        status = actions[options.command](options)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader, such as `head`, has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python flushes the rest there on exit
        return 1
    except HiddenLayersError as error:
        print("error:", *str(error).split(), file=sys.stderr)  # names in it may contain line breaks
        return 2
    return status


if __name__ == "__main__":
    sys.exit(main())
