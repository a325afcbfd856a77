"""Code that reads a table's file with pandas or NumPy into the same rows and columns as the app."""

from __future__ import annotations

import csv
import io
import re
import warnings
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from core.export.format_code import read_format
from core.export.python_text import Expression, assign, call, items, literal, names
from core.tables.formats.known import find_format

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from core.tables import Table
    from core.tables.layout import Layout

SHOWN_ROWS = 200  # rows that show how values are written, and where a sheet's table starts
_WORDS: dict[str, Any] = {"dtype": "str", "keep_default_na": False}  # every value as text
_TOP_BYTES = 1 << 20  # that contain the lines above a table


@dataclass(frozen=True, eq=False)
class Source:
    """The code that reads a file, and the first rows (or all) that it reads, with the app's column names."""

    lines: list[str]
    head: pd.DataFrame


def read_source(content: bytes, table: Table, layout: Layout | None, is_packed: bool = False) -> Source:
    """Return the code that reads the file of a table.

    Args:
        content: the file, unpacked.
        table: its table.
        layout: that of a text file, else None.
        is_packed: whether FILE is an open file in the code, and not a name.
    """
    kind = kind_of(content)
    if kind == "arrays":
        return _arrays(content, table)
    if kind == "parquet":
        return _parquet(content, table)
    if kind not in ("text", "sheet"):
        lines, head = read_format(kind, content, is_packed)
        return Source([*lines, assign("table.columns", _numbered(list(table.frame.columns)))], _named(head, table))
    return _sheet(content, table) if layout is None else _text(content, table, layout)


def kind_of(content: bytes) -> str:
    """Return the kind of a readable file: "parquet", "arrays", "sheet", "text", or the name of a known format."""
    if content.startswith(b"PAR1"):
        return "parquet"
    if content.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return "arrays" if any(name.endswith(".npy") for name in archive.namelist()) else "sheet"
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        return "sheet"
    format = find_format(content)
    return "text" if format is None else format.name


def _text(content: bytes, table: Table, layout: Layout) -> Source:
    """Return the code by which pandas reads a text file."""
    import pandas as pd

    ours = list(table.frame.columns)
    options = {**_WORDS, **_text_options(content, table, layout)}
    lines = [_reading("read_csv", options)]
    try:
        with warnings.catch_warnings(action="ignore"):
            head = pd.read_csv(io.BytesIO(content), **{"nrows": SHOWN_ROWS, **options})
    except ValueError:  # too uneven for pandas, whose error will say so
        return Source(lines, table.frame[:SHOWN_ROWS])
    if not isinstance(head.index, pd.RangeIndex):  # the header lacks a name for the first column
        lines.append("table = table.reset_index()")
        head = head.reset_index()
    if head.shape[1] != len(ours):
        lines.append(f"table = table.iloc[:, :{len(ours)}]")
        head = head.iloc[:, : len(ours)]
    if list(head.columns) != ours:
        lines.append(assign("table.columns", _column_names(ours)))
    return Source([*lines, *_row_lines(table)], _named(head, table))


def _row_lines(table: Table) -> list[str]:
    """Return the code that leaves out lines that are no rows of the table."""
    extra, lines = table.extra, []
    if extra.units:
        lines.append(f"table = table.iloc[{extra.units}:]  # below the names are {extra.units} lines without values")
    if extra.again:
        lines.append(assign("NAMES", names([value.strip() for value in extra.again])))
        lines.append("table = table[table.ne(NAMES).any(axis=1)]  # without lines that repeat the names")
    if extra.ended:
        lines.append('table = table[table.fillna("").ne("").any(axis=1)]')
        lines.append(f"table = table.head({len(table.frame)})  # without what stands below the table")
    return lines


def _sheet(content: bytes, table: Table) -> Source:
    """Return the code by which pandas reads a sheet, whose table may start further down or to the right."""
    import pandas as pd

    from core.tables.sheet_process import shown_names

    ours, sheet = list(table.frame.columns), table.reading.sheet or 0
    with pd.ExcelFile(io.BytesIO(content), engine="calamine") as file:
        sheet = shown_names([str(name) for name in file.sheet_names]).get(str(sheet), sheet)
        top: pd.DataFrame = pd.read_excel(file, header=None, nrows=SHOWN_ROWS, sheet_name=sheet, **_WORDS)
    options: dict[str, Any] = {**_WORDS, "sheet_name": sheet, "engine": "calamine"}
    header = bool(table.reading.header)
    joined = table.extra.names == 2
    above, left = _corner(top, ours, header, joined)
    found = top.iloc[above + joined :, left : left + len(ours)]
    if above or joined:
        options["skiprows"] = above + 2 * joined
    if found.shape[1] != top.shape[1]:
        options["usecols"] = range(left, left + len(ours))
    if not header or joined:
        options["header"] = None
    lines = [_reading("read_excel", options)]
    if "header" in options or found.iloc[0].tolist() != ours:
        lines.append(assign("table.columns", _column_names(ours)))
    return Source([*lines, *_row_lines(table)], _named(found[int(header) :], table))


def _named(head: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Return the rows with the app's column names; the app's own rows if pandas splits lines differently."""
    ours = table.frame.columns
    return head.set_axis(ours, axis=1) if head.shape[1] == len(ours) else table.frame[:SHOWN_ROWS]


def _reading(reader: str, options: dict[str, Any]) -> str:
    return assign("table", call(f"pd.{reader}", "FILE", **{key: _value(value) for key, value in options.items()}))


def _parquet(content: bytes, table: Table) -> Source:
    """Return the code by which pandas reads a Parquet file; a saved index becomes an ordinary column."""
    import pyarrow.parquet as pq

    from core.tables.binary_files import is_nested

    ours = list(table.frame.columns)
    schema = pq.read_schema(io.BytesIO(content))
    as_columns = '{"ignore_metadata": True}' if _has_index(schema) else None
    lines = [assign("table", call("pd.read_parquet", "FILE", to_pandas_kwargs=as_columns))]
    head = pq.ParquetFile(io.BytesIO(content)).read().replace_schema_metadata().to_pandas()
    usable = [field.name for field in schema if not is_nested(field.type)]
    if len(usable) < len(schema):
        lines.append(assign("table", f"table[[{', '.join(map(literal, usable))}]]"))
    if usable != ours:
        lines.append(assign("table.columns", names(ours)))
    return Source(lines, _named(head[usable], table))


def _has_index(schema: pa.Schema) -> bool:
    """Return whether pandas' metadata declare an index column, or are damaged."""
    try:
        found = schema.pandas_metadata or {}
    except ValueError:
        return True
    return any(isinstance(index, str) for index in found.get("index_columns", []))


def _value(value: object) -> str:
    return literal(value) if isinstance(value, str | int | float) else repr(value)


def _column_names(ours: list[str]) -> Expression:
    if ours == [f"column {place}" for place in range(1, len(ours) + 1)]:
        return '[f"column {place}" for place in range(1, table.shape[1] + 1)]'
    return names(ours)


def _text_options(content: bytes, table: Table, layout: Layout) -> dict[str, Any]:
    """Return the options of `read_csv` that differ from its defaults."""
    from core.tables.table import BYTES_REPLACED, LONG_LINES_SKIPPED, QUOTES_IGNORED

    reading = table.reading
    options: dict[str, Any] = {}
    if layout.delimiter == " ":
        options["sep"] = r"\s+"
    elif layout.delimiter != ",":
        options["sep"] = layout.delimiter
    if reading.encoding not in ("utf-8", None):
        options["encoding"] = reading.encoding
    joined = table.extra.names == 2
    if BYTES_REPLACED in table.repairs:
        options["encoding_errors"] = "replace"
    if not reading.header or joined:
        options["header"] = None
    above = bool(layout.start) + layout.above + 2 * joined
    if above:
        options["skiprows"] = _lines_above(content, reading.encoding or "utf-8", layout, above)
    if layout.below:
        options["nrows"] = len(layout.records) - (2 if joined else bool(reading.header))
    if LONG_LINES_SKIPPED in table.repairs:
        options["on_bad_lines"] = "skip"
    if QUOTES_IGNORED in table.repairs:
        options["quoting"] = csv.QUOTE_NONE
    elif layout.quote != '"':
        options["quotechar"] = layout.quote
    if sum(len(record) > layout.width for record in layout.records[1:]) > len(layout.records) / 2:
        options["index_col"] = False  # a delimiter at the end of every line but the first
    return options


def _lines_above(content: bytes, encoding: str, layout: Layout, count: int) -> int:
    """Return the number of the first lines of which `count` are not empty."""
    text = io.StringIO(content[:_TOP_BYTES].decode(encoding, "ignore"), newline="")
    reader = csv.reader(text, delimiter=layout.delimiter, quotechar=layout.quote)
    for _ in range(count):
        while not next(reader):
            pass
    return reader.line_num


def _corner(top: pd.DataFrame, ours: list[str], header: bool, joined: bool) -> tuple[int, int]:
    """Return the row and the column of a sheet, from 0, where its table starts; `joined`: with two lines of names."""
    from core.tables.headers import joined_names
    from core.tables.table_reader import unique_names

    cells = top.to_numpy(object)
    lefts = range(cells.shape[1] - len(ours) + 1)
    if header:
        for row in range(len(cells) - joined):
            for left in lefts:
                first, *second = (
                    [str(value) for value in line[left : left + len(ours)]] for line in cells[row : row + 1 + joined]
                )
                if unique_names(joined_names(first, second[0]) if second else first)[0] == ours:
                    return row, left
        return 0, 0
    filled = np.flatnonzero((cells != "").any(axis=0))
    return 0, int(filled[0]) if len(filled) else 0


def _arrays(content: bytes, table: Table) -> Source:
    """Return the code by which NumPy reads arrays, joined as columns."""
    import pandas as pd

    from core.tables.binary_files import chosen_arrays

    lines = ["arrays = np.load(FILE)"]
    parts, columns = [], []
    with np.load(io.BytesIO(content)) as archive:
        for joined in chosen_arrays(content):
            rows = np.concatenate([archive[name] for name in joined])
            columns.append(pd.DataFrame(rows.reshape(len(rows), -1)))
    for joined in chosen_arrays(content):
        arrays = [f"arrays[{literal(name)}]" for name in joined]
        if len(arrays) == 1:
            parts.append(f"pd.DataFrame({arrays[0]}.reshape(len({arrays[0]}), -1))")
        else:
            whole = f"np.concatenate([{', '.join(arrays)}])"
            parts.append(f"pd.DataFrame((lambda rows: rows.reshape(len(rows), -1))({whole}))")
    lines += [assign("parts", items(parts)), "table = pd.concat(parts, axis=1)"]
    lines.append(assign("table.columns", _numbered(list(table.frame.columns))))
    return Source(lines, pd.concat(columns, axis=1).set_axis(table.frame.columns, axis=1))


def _numbered(ours: list[str]) -> Expression:
    """Return the column names; names that count from 1 are written in short."""
    words = [re.fullmatch(r"(.*) (\d+)", name) for name in ours]
    count = sum(match is not None for match in words)
    first = words[0]
    if count > 2 and first and ours[:count] == [f"{first[1]} {place}" for place in range(1, count + 1)]:
        rest = "".join(f", {literal(name)}" for name in ours[count:])
        word = literal(f"{first[1]} ")
        return f"[*({word} + str(place) for place in range(1, {count + 1})){rest}]"
    return names(ours)
