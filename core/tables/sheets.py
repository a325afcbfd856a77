"""Tables from sheets of Excel and LibreOffice, read in a process of their own."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from core.errors import DataError, TookTooLongError
from core.tables.binary_files import check_zip
from core.tables.table import RawTable, Reading
from core.tables.text_files import read_utf8

_SHEET_SECONDS = 9
_SHEETS_SHOWN = 5
_SHEET_MEMORY = 1_000_000_000  # bytes, for the process that reads a sheet


def read_sheet(content: bytes, reading: Reading) -> RawTable:
    """Return the table of a sheet of an .xlsx, .xlsb, .xls or .ods file, by default the first visible one with a table.

    Raises:
        DataError: if the file is damaged, protected or too large, or there is no such sheet.
    """
    if content.startswith(b"PK"):
        check_zip(content)
    command = [sys.executable, "-I", str(Path(__file__).with_name("sheet_process.py"))]
    arguments = [(reading.sheet or "").replace("\0", ""), str(_SHEET_MEMORY)]
    try:
        done = subprocess.run(
            [*command, *arguments], input=content, capture_output=True, timeout=_SHEET_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise TookTooLongError(
            f"The sheet is too large: it was not read within {_SHEET_SECONDS} s. Save it as CSV and upload that."
        ) from error
    head, _, rows = done.stdout.partition(b"\n")
    result: dict[str, Any] = json.loads(head) if head else {}
    if "error" in result:
        raise DataError(result["error"])
    if done.returncode or not result:
        too_large = b"memory allocation" in done.stderr or b"MemoryError" in done.stderr
        raise DataError(
            "The sheet is too large once it is unpacked: it has values far down or to the right, or very long ones. "
            "Delete the empty cells, or save it as CSV."
            if too_large
            else "The file is damaged: no sheet can be read. Open it in a spreadsheet program and save it again."
        )
    as_text = Reading(delimiter=",", decimal=reading.decimal or ".", header=reading.header)
    raw = read_utf8(pa.py_buffer(rows), as_text, sheet=True)
    used = replace(raw.reading, delimiter=None, sheet=result["sheet"])
    notes = () if reading.sheet else _sheet_notes(**result)
    return replace(raw, reading=used, sheets=tuple(result["sheets"]), warnings=(*notes, *raw.warnings))


def _sheet_notes(sheets: list[str], hidden: list[str], sheet: str) -> tuple[str, ...]:
    """Return the sentences about the sheet that was chosen of several."""
    others = [name for name in sheets if name != sheet]
    if not others and not hidden:
        return ()
    left_out = [f"{name[:100]!r}" for name in others] + [f"{name[:100]!r} (hidden)" for name in hidden]
    shown = ", ".join(left_out[:_SHEETS_SHOWN]) + (", …" if len(left_out) > _SHEETS_SHOWN else "")
    return (f"The sheet {sheet[:100]!r} was read, the first with a table. Not read: {shown}.",)
