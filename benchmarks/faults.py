"""What one person's trouble does to everybody else: `python -m benchmarks.faults [--json] [NAME …]`.

Every fault is brought about on a real server, while other people use it. The table has a row for each figure with the
bound that it must keep:

    fault       of FAULTS
    figure      what was measured
    measured    in `unit`
    most        the bound
    kept        whether the bound was kept

The two bounds that all faults share: other people's pages answer within PAGE_MOST_MS (p95), and no command is held up
for more than COMMAND_MOST_S by somebody else's worker.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from functools import partial

from benchmarks import bombs, fault_uploads
from benchmarks.command_line import parser_of, print_measured
from benchmarks.fault_rows import Row
from benchmarks.report import text_table
from benchmarks.worker_faults import measure_frozen_worker, measure_scheduler_away, measure_starvation

HEADINGS = {
    "fault": "fault",
    "figure": "figure",
    "measured": "measured",
    "unit": "",
    "most": "at most",
    "kept": "kept",
}

# Each brings its fault about and returns its rows, on a server of its own.
FAULTS: Mapping[str, Callable[[], Sequence[Row]]] = {
    **{f"bomb_{name.replace(' ', '_')}": partial(fault_uploads.bomb_rows, name) for name in bombs.BOMBS},
    "stampede": fault_uploads.stampede_rows,
    "upload_race": fault_uploads.upload_race_rows,
    "starvation": measure_starvation,
    "frozen_worker": measure_frozen_worker,
    "scheduler_away": measure_scheduler_away,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table or JSON; the exit status is 1 if a bound was not kept."""
    parser = parser_of("benchmarks.faults", "What one person's trouble does to everybody else.", FAULTS)
    options = parser.parse_args(arguments)
    rows = measure(options.names)
    print_measured(rows, report, options.json)
    return 0 if all(row.kept for row in rows) else 1


def measure(names: Sequence[str] = ()) -> list[Row]:
    """Return the rows of the named faults, or of all."""
    rows: list[Row] = []
    for name in names or FAULTS:
        print(f"faults: {name}", file=sys.stderr, flush=True)
        rows += FAULTS[name]()
    return rows


def report(rows: Sequence[Row]) -> str:
    """Return the rows as a table."""
    return text_table([asdict(row) for row in rows], HEADINGS)


if __name__ == "__main__":
    sys.exit(main())
