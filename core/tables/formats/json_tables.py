"""Tables in JSON: a list of objects, one object a line, or an object of columns."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pyarrow as pa

from core.errors import DataError
from core.tables.table import MAX_COLUMNS, RawTable, Reading
from core.tables.text_files import decoded, read_utf8

MOST_BYTES = 100_000_000  # of which Python makes several times as much
# The forms that a table has in JSON.
OBJECTS, LINES, COLUMNS = "a list of objects", "one object a line", "an object of columns"
_CELLS_MOST = 10_000_000  # those that objects leave out included
_DEEPEST = 6  # objects within objects, whose names are joined: a.b.c

Record = dict[str, Any]


def is_json(content: bytes) -> bool:
    """Return whether a file looks like JSON with more than a single value, or like one object a line."""
    head = content[:1000].removeprefix(b"\xef\xbb\xbf").lstrip()
    if head[:1] == b"{":
        return head[1:].lstrip()[:1] in (b'"', b"}")
    return head[:1] == b"[" and head[1:].lstrip()[:1] in (b"{", b"[")


def read_json(content: bytes, reading: Reading) -> RawTable:
    """Return the table of a JSON file: objects are rows, objects within them are columns with joined names.

    Raises:
        DataError: if it is not valid, too large, or holds no table.
    """
    if len(content) > MOST_BYTES:
        raise DataError(
            f"A JSON file may have at most {MOST_BYTES // 1_000_000} MB. This one has {len(content) / 1e6:,.0f} MB. "
            "Save the table as CSV or Parquet."
        )
    text, _ = decoded(content, reading.encoding)
    try:
        records, form = records_of(text.to_pybytes())
    except (ValueError, RecursionError) as error:
        raise DataError(
            f"The file looks like JSON, but it is not valid: {str(error)[:100]}. Save it again, or as CSV."
        ) from error
    flat, names = flattened(records)
    if len(names) > MAX_COLUMNS or len(names) * len(flat) > _CELLS_MOST:
        raise DataError(
            f"A table in JSON may have at most {MAX_COLUMNS:,} columns and {_CELLS_MOST:,} values. This one has "
            f"{len(names):,} columns and {len(flat):,} rows."
        )
    raw = read_utf8(_as_csv(names, flat), Reading(delimiter=",", decimal=".", header=True), sheet=True)
    return replace(raw, reading=Reading(decimal="."), warnings=(f"The file is JSON, {form}.", *raw.warnings))


def flattened(records: list[Record]) -> tuple[list[dict[str, str]], list[str]]:
    """Return the rows with joined names and values as text, and all names in the order in which they come."""
    flat = [_flat(record) for record in records]
    return flat, list(dict.fromkeys(name for record in flat for name in record))


def records_of(text: bytes) -> tuple[list[Record], str]:
    """Return the rows of a JSON text, and the form that they have there.

    Raises:
        ValueError: if it is not valid.
        DataError: if it holds no table.
    """
    try:
        return _records(json.loads(text))
    except ValueError:
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) < 2:
            raise
        rows = [json.loads(line) for line in lines]
    if not all(isinstance(row, dict) for row in rows):
        raise _no_table()
    return rows, LINES


def _records(value: Any) -> tuple[list[Record], str]:
    if isinstance(value, list) and value and all(isinstance(row, dict) for row in value):
        return value, OBJECTS
    if isinstance(value, list) and value and all(isinstance(row, list) for row in value):
        return _rows(value), "a list of rows"
    if not isinstance(value, dict):
        raise _no_table()
    data = value.get("data")
    columns = value.get("columns")
    if isinstance(columns, list) and isinstance(data, list) and all(isinstance(row, list) for row in data):
        return [dict(zip(map(str, columns), row, strict=False)) for row in data], "columns and data"
    parts = list(value.values())
    if (
        parts
        and all(isinstance(part, list) for part in parts)
        and len(set(map(len, parts))) == 1
        and not _rows_in(parts[0])
    ):
        return [dict(zip(value, row, strict=True)) for row in zip(*parts, strict=True)], COLUMNS
    if parts and all(isinstance(part, dict) for part in parts):
        return _nested(value)
    tables = {name: part for name, part in value.items() if _rows_in(part)}
    if not tables:
        raise _no_table()
    longest = max(tables, key=lambda name: len(tables[name]))
    return tables[longest], f"the list of objects named {longest[:50]!r}"


def _rows(lists: list[list[Any]]) -> list[Record]:
    """Return lists as rows; the first one has the names, if it has only words."""
    first = lists[0]
    named = all(isinstance(name, str) for name in first) and any(not isinstance(cell, str) for cell in lists[-1])
    names = first if named else [f"column {place}" for place in range(1, len(first) + 1)]
    return [dict(zip(names, row, strict=False)) for row in lists[named:]]


def _nested(value: dict[str, Record]) -> tuple[list[Record], str]:
    """Return an object of objects as rows: pandas writes columns of numbered rows; others mostly are rows."""
    inner = list(dict.fromkeys(key for part in value.values() for key in part))
    if all(key.isdecimal() for key in inner):
        return [{name: part.get(key) for name, part in value.items()} for key in inner], COLUMNS
    return [{"name": name, **part} for name, part in value.items()], "an object of objects"


def _rows_in(part: Any) -> bool:
    return isinstance(part, list) and bool(part) and all(isinstance(row, dict) for row in part)


def _flat(record: Record, before: str = "", depth: int = 0) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in record.items():
        if isinstance(value, dict) and depth < _DEEPEST:
            found |= _flat(value, f"{before}{name}.", depth + 1)
        else:
            found[before + name] = _text(value)
    return found


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value)
    return repr(value) if isinstance(value, int | float) else json.dumps(value, ensure_ascii=False)


def _as_csv(names: list[str], rows: Iterable[dict[str, str]]) -> pa.Buffer:
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([row.get(name, "") for name in names] for row in rows)
    return pa.py_buffer(out.getvalue().encode("utf-8", "replace"))


def _no_table() -> DataError:
    return DataError(
        "The file is JSON without a table in it. Expected: a list of objects, one object a line, or an object of "
        "columns."
    )
