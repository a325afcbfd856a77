"""Reads a sheet of an Excel file in a process of its own and writes it to standard output as CSV.

calamine allocates every cell between the first and the last: a file of a few kB with a value in the last row and
column takes 400 GB, which kills the process, as a damaged file may do. Here that only ends this process, which has
bounds on memory and time. It is run as a file, so that it starts without pandas.

The first line of the output is a JSON object with `sheets` (the visible ones), `hidden` and `sheet`, or with `error`.
Empty rows between others are one line of bare delimiters.
"""

from __future__ import annotations

import csv
import datetime
import io
import json
import sys
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer as Buffer
    from python_calamine import CalamineSheet, CalamineWorkbook

_TEXT_MOST = 200_000_000  # bytes, as of a text file
_PROBED_ROWS = 50
_FILLED = 0.9  # of the cells of a table of words


def main() -> int:
    """Read a workbook from standard input; arguments: the sheet ("" for the first table), and bytes of memory."""
    wanted, memory = sys.argv[1], int(sys.argv[2])
    _bound_memory(memory)
    import python_calamine

    content = sys.stdin.buffer.read()
    out = io.TextIOWrapper(_BoundedOutput(sys.stdout.fileno()), "utf-8", "replace", newline="")
    try:
        workbook = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheets = [sheet for sheet in workbook.sheets_metadata if sheet.typ == python_calamine.SheetTypeEnum.WorkSheet]
        names = [sheet.name for sheet in sheets]
        hidden = [sheet.name for sheet in sheets if sheet.visible != python_calamine.SheetVisibleEnum.Visible]
        by_shown = shown_names(names)
        if wanted and wanted not in by_shown:
            return _refuse(out, f"The file has no sheet {wanted[:100]!r}. Its sheets: {', '.join(by_shown)[:300]}.")
        visible = [name for name in names if name not in hidden] or names
        found = workbook.get_sheet_by_name(by_shown[wanted]) if wanted else _first_table(workbook, visible)
    except python_calamine.PasswordError:
        return _refuse(out, "The file is protected with a password. Save it without one.")
    if found is None or not found.height:
        what = f"The sheet {wanted[:100]!r} has no values." if wanted else "The file has no sheet with values in it."
        return _refuse(out, what)
    shown = {name: seen for seen, name in by_shown.items()}
    head = {"sheets": [shown[name] for name in visible], "hidden": [shown[name] for name in hidden]}
    out.write(json.dumps(head | {"sheet": shown[found.name]}) + "\n")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
    empty = False
    for values in _rows(found):
        if any(values):
            writer.writerow(values)
            empty = False
        elif not empty:
            writer.writerow(values)
            empty = True
    out.flush()
    return 0


def shown_names(names: Sequence[str]) -> dict[str, str]:
    """Return the names of sheets by what a person sees of them: without signs that nobody sees, and each once."""
    shown: dict[str, str] = {}
    for place, name in enumerate(names, 1):
        seen = "".join(" " if sign.isspace() else sign for sign in name if sign.isprintable() or sign.isspace())
        seen = seen or f"sheet {place}"
        shown[f"{seen} ({place})" if seen in shown else seen] = name
    return shown


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


def _first_table(workbook: CalamineWorkbook, names: list[str]) -> CalamineSheet | None:
    """Return the first sheet with a table, else the first with values, else None."""
    first = None
    for name in names:
        sheet = workbook.get_sheet_by_name(name)
        if sheet.height and first is None:
            first = sheet
        if _is_table(sheet):
            return sheet
    return first


def _is_table(sheet: CalamineSheet) -> bool:
    """Return whether a sheet has two columns and three rows at least, with a column of figures or hardly a gap."""
    if sheet.width < 2:
        return False
    rows = [row for row in islice(_rows(sheet), _PROBED_ROWS) if sum(map(bool, row)) > 1]
    if len(rows) < 3:
        return False
    figures = any(
        2 * sum(value[:1].isdigit() or value[:1] == "-" for value in column) > len(column)
        for column in zip(*rows[1:], strict=True)
    )
    filled = sum(sum(map(bool, row)) for row in rows)
    return figures or filled >= _FILLED * len(rows) * sheet.width


def _rows(sheet: CalamineSheet) -> Iterator[list[str]]:
    return ([_text(value) for value in row] for row in sheet.iter_rows())


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
