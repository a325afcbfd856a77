"""A run's history as CSV: one row an epoch, from 1, and one column a metric, by Keras's names."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence

from core.errors import DataError


def history_csv(history: Mapping[str, Sequence[float]]) -> str:
    """Return a history as CSV, which `read_history` reads back bit for bit.

    >>> history_csv({"loss": [0.5, 0.25]})
    'epoch,loss\\n1,0.5\\n2,0.25\\n'
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["epoch", *history])
    writer.writerows(
        [epoch, *map(float, row)] for epoch, row in enumerate(zip(*history.values(), strict=True), start=1)
    )
    return out.getvalue()


def read_history(text: str, names: Sequence[str]) -> dict[str, list[float]]:
    """Return the history in a CSV, whose columns must be epoch and these names.

    Raises:
        DataError: where it is anything else.
    """
    try:
        header, *rows = csv.reader(io.StringIO(text), strict=True)
        columns = [[float(value) for value in row] for row in rows]
    except (ValueError, csv.Error) as error:
        raise DataError("The history must be a table of numbers.") from error
    if header != ["epoch", *names] or any(len(row) != len(header) for row in columns):
        raise DataError(f"The history must have the columns epoch, {', '.join(names)}.")
    if [row[0] for row in columns] != list(range(1, len(columns) + 1)):
        raise DataError("The history's epochs must count from 1.")
    return {name: [row[place] for row in columns] for place, name in enumerate(names, start=1)}
