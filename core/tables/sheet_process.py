"""Reads a sheet of an Excel file in a process of its own and writes it to standard output as CSV.

calamine allocates every cell between the first and the last: a file of a few kB with a value in the last row and
column takes 400 GB, which kills the process, as a damaged file may do. Here that only ends this process, which has
bounds on memory and time. It is run as a file, so that it starts without pandas.

The first line of the output is a JSON object with `sheets` and `sheet`, or with `error`.
"""

from __future__ import annotations

import csv
import datetime
import io
import json
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer as Buffer

_TEXT_MOST = 200_000_000  # bytes, as of a text file


def main() -> int:
    """Read a workbook from standard input; arguments: the sheet ("" for the first with values), and bytes of memory."""
    sheet, memory = sys.argv[1], int(sys.argv[2])
    _bound_memory(memory)
    import python_calamine

    content = sys.stdin.buffer.read()
    out = io.TextIOWrapper(_BoundedOutput(sys.stdout.fileno()), "utf-8", "replace", newline="")
    try:
        workbook = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        names = workbook.sheet_names
        if sheet and sheet not in names:
            return _refuse(out, f"The file has no sheet {sheet[:100]!r}. Its sheets: {', '.join(names)[:300]}.")
        for name in [sheet] if sheet else names:
            found = workbook.get_sheet_by_name(name)
            if found.height:
                break
        else:
            what = f"The sheet {sheet[:100]!r} has no values." if sheet else "The file has no sheet with values in it."
            return _refuse(out, what)
    except python_calamine.PasswordError:
        return _refuse(out, "The file is protected with a password. Save it without one.")
    out.write(json.dumps({"sheets": names, "sheet": name}) + "\n")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
    for row in found.iter_rows():
        values = [_text(value) for value in row]
        if any(values):
            writer.writerow(values)
    out.flush()
    return 0


class _BoundedOutput(io.BufferedWriter):
    """Standard output for as much text as a file may have: one long text can stand in any number of cells."""

    def __init__(self, descriptor: int) -> None:
        super().__init__(io.FileIO(descriptor, "w", closefd=False))
        self._left = _TEXT_MOST

    def write(self, text: Buffer, /) -> int:
        """Write, or raise a MemoryError."""
        self._left -= len(memoryview(text))
        if self._left < 0:
            raise MemoryError
        return super().write(text)


def _bound_memory(most: int) -> None:
    try:
        import resource
    except ImportError:  # not on Windows
        return
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _refuse(out: io.TextIOWrapper, message: str) -> int:
    out.write(json.dumps({"error": message}) + "\n")
    out.flush()
    return 0


def _text(value: object) -> str:
    if isinstance(value, float):
        return repr(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime.datetime):
        return value.isoformat(" ") if value.time() != datetime.time() else value.date().isoformat()
    return str(value)


if __name__ == "__main__":
    sys.exit(main())
