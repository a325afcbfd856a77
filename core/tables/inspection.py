"""Summary of a table as a JSON object or as text for the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.tables.table import Table

_WIDEST_NAME = 40
DELIMITER_WORDS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", " ": "spaces"}


def as_json(table: Table, notes: Sequence[str]) -> dict[str, Any]:
    """Return the summary as JSON values; `notes` are what was decided about the file."""
    return {
        "encoding": table.reading.encoding,
        "delimiter": table.reading.delimiter,
        "decimal": table.reading.decimal,
        "header": table.reading.header,
        "sheet": table.reading.sheet,
        "sheets": list(table.sheets),
        "rows": len(table.frame),
        "image_shape": None if table.image_shape is None else list(table.image_shape),
        "columns": [
            {"name": column.name, "type": column.type, "missing": column.missing, "unique": column.unique}
            for column in table.columns
        ],
        "warnings": list(notes),
    }


def as_text(table: Table, notes: Sequence[str]) -> str:
    """Return the summary as text: size, how the file was read, a line per column, and what was decided about it."""
    rows, columns = table.frame.shape
    lines = [f"{rows:,} rows, {columns:,} columns", _how(table), ""]
    width = min(_WIDEST_NAME, max(len(column.name) for column in table.columns))
    for column in table.columns:
        counts = f"{column.unique:>9,} different  {column.missing:>9,} missing"
        lines.append(f"{column.name[:width]:<{width}}  {column.type:<10}  {counts}")
    if notes:
        lines += ["", *(f"note: {note}" for note in notes)]
    return "\n".join(lines)


def _how(table: Table) -> str:
    reading = table.reading
    parts = []
    if reading.encoding is not None:
        parts.append(f"encoding {reading.encoding}")
    if reading.delimiter is not None:
        parts.append(f"delimiter {DELIMITER_WORDS.get(reading.delimiter, repr(reading.delimiter))}")
    if reading.sheet is not None:
        parts.append(f"sheet {reading.sheet!r} of {len(table.sheets)}")
    if reading.decimal is not None:
        parts.append(f"decimal separator {reading.decimal}")
    if reading.header is not None:
        parts.append("a header" if reading.header else "no header")
    if table.image_shape is not None:
        parts.append(f"pictures of {' × '.join(map(str, table.image_shape))}")
    return ", ".join(parts)
