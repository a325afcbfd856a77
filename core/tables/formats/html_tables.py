"""Tables in web pages, which some programs save under the name of an Excel file."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from html.parser import HTMLParser

import pyarrow as pa

from core.errors import DataError
from core.tables.table import MAX_COLUMNS, RawTable, Reading
from core.tables.text_files import decoded, read_utf8

MOST_BYTES = 50_000_000  # Python takes ten seconds for them
_PAGE = re.compile(
    rb"\s*<(!doctype\s+html|html|head|body|table|thead|tbody|tr|meta|style|div|center|font)\b", re.IGNORECASE
)
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?([\w-]+)", re.IGNORECASE)
_SPAN_MOST = 1_000
_CELLS_MOST = 5_000_000  # of all tables, those that a cell spans included

Rows = list[list[str]]


def is_html(content: bytes) -> bool:
    """Return whether a file is a web page, or the part of one with a table."""
    head = re.sub(rb"<!--.*?-->|<\?xml[^>]*>", b"", content[:5_000].removeprefix(b"\xef\xbb\xbf"), flags=re.DOTALL)
    return _PAGE.match(head) is not None


def read_html(content: bytes, reading: Reading) -> RawTable:
    """Return the largest table of a web page.

    Raises:
        DataError: if it has none, or is too large.
    """
    if len(content) > MOST_BYTES:
        raise DataError(
            f"A web page may have at most {MOST_BYTES // 1_000_000} MB. This one has {len(content) / 1e6:,.0f} MB. "
            "Save the table as CSV."
        )
    charset = _CHARSET.search(content[:5_000])
    text, encoding = decoded(content, reading.encoding, charset[1].decode() if charset else None)
    reader = _TableReader()
    reader.feed(text.to_pybytes().decode("utf-8", "replace"))
    reader.close()
    tables = [rows for rows in reader.tables if rows]
    if not tables:
        raise DataError("The file is a web page without a table: download the file itself. Expected: a table as CSV.")
    largest = max(range(len(tables)), key=lambda place: sum(map(len, tables[place])))
    as_text = Reading(delimiter=",", decimal=reading.decimal, header=reading.header)
    raw = read_utf8(_as_csv(tables[largest]), as_text, sheet=True)
    which = f"; of its {len(tables)} tables, the largest was read" if len(tables) > 1 else ""
    return replace(
        raw,
        reading=replace(raw.reading, encoding=encoding, delimiter=None),
        warnings=(f"The file is a web page{which}.", *raw.warnings),
    )


class _TableReader(HTMLParser):
    """Collects the rows of every table; a cell that spans rows or columns is repeated or followed by empty ones."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[Rows] = []
        self._open: list[Rows] = []  # tables within tables
        self._cell: list[str] | None = None
        self._spans = (1, 1)
        self._below: dict[int, tuple[int, str]] = {}  # column: rows left of a cell from above, and its text
        self._cells = 0
        self._skipped = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a table, a row or a cell."""
        if tag in ("script", "style"):
            self._skipped += 1
        elif tag == "table":
            self._end_cell()
            self._open.append([])
            self._below = {}
        elif tag == "tr" and self._open:
            self._end_cell()
            self._open[-1].append([])
        elif tag in ("td", "th") and self._open:
            self._end_cell()
            if not self._open[-1]:
                self._open[-1].append([])
            given = dict(attrs)
            self._cell, self._spans = [], (_span(given.get("rowspan")), _span(given.get("colspan")))
        elif tag in ("br", "p", "div") and self._cell is not None:
            self._cell.append(" ")

    def handle_endtag(self, tag: str) -> None:
        """End a table or a cell."""
        if tag in ("script", "style"):
            self._skipped = max(0, self._skipped - 1)
        elif tag in ("td", "th", "tr"):
            self._end_cell()
        elif tag == "table" and self._open:
            self._end_cell()
            self.tables.append([row for row in self._open.pop() if row])

    def handle_data(self, data: str) -> None:
        """Add to the text of a cell."""
        if self._cell is not None and not self._skipped:
            self._cell.append(data)

    def close(self) -> None:
        """End what is open at the end of the page."""
        super().close()
        self._end_cell()
        while self._open:
            self.tables.append([row for row in self._open.pop() if row])

    def _end_cell(self) -> None:
        if self._cell is None or not self._open or not self._open[-1]:
            return
        text, row = " ".join("".join(self._cell).split()), self._open[-1][-1]
        self._cell = None
        down, across = self._spans
        self._fill_from_above(row)
        for place in range(across):
            if down > 1:
                self._below[len(row)] = (down - 1, text if not place else "")
            row.append(text if not place else "")
        self._fill_from_above(row)
        self._count(across, row)

    def _fill_from_above(self, row: list[str]) -> None:
        while len(row) in self._below and len(self._open[-1]) > 1:
            left, text = self._below.pop(len(row))
            if left > 1:
                self._below[len(row)] = (left - 1, text)
            row.append(text)
            self._count(1, row)

    def _count(self, cells: int, row: list[str]) -> None:
        self._cells += cells
        if len(row) > MAX_COLUMNS or self._cells > _CELLS_MOST:
            raise DataError(
                f"A web page may have at most {_CELLS_MOST:,} cells in its tables, and {MAX_COLUMNS:,} in a row. Save "
                "the table as CSV."
            )


def _span(value: str | None) -> int:
    return min(_SPAN_MOST, max(1, int(value.strip()))) if value and value.strip().isdecimal() and len(value) < 9 else 1


def _as_csv(rows: Rows) -> pa.Buffer:
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
    return pa.py_buffer(out.getvalue().encode("utf-8", "replace"))
