"""Tables in ARFF, the format of Weka and OpenML: lines @attribute with names and types, then comma-separated rows.

SciPy reads ARFF too, but neither attributes of text nor sparse rows.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

import pyarrow as pa

from core.errors import DataError
from core.tables.table import MAX_COLUMNS, RawTable, Reading
from core.tables.text_files import decoded, read_utf8

_ATTRIBUTE = re.compile(
    r"""\s*@attribute\s+('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^\s{]+)\s*(.*)""", re.IGNORECASE | re.DOTALL
)
_QUOTED = r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\""""
_VALUE = re.compile(rf"\s*({_QUOTED})\s*(?:,|$)|([^,]*)(?:,|$)", re.DOTALL)
_DATA = re.compile(r"\s*@data\b", re.IGNORECASE)
MOST_BYTES = 100_000_000  # several copies are made
_TOP_BYTES = 100_000  # in which comments may stand above
_SPARSE_CELLS = 5_000_000  # of sparse rows, which are written out


@dataclass(frozen=True)
class Arff:
    """What a file declares: the names of its attributes and their types, and the lines up to the first row."""

    names: list[str]
    types: list[str]
    lines: int
    sparse: bool
    commented: bool
    body: pa.Buffer


def is_arff(content: bytes) -> bool:
    """Return whether the first line of a file that is not empty or a comment is @relation."""
    lines = content[:_TOP_BYTES].removeprefix(b"\xef\xbb\xbf").splitlines()
    first = next(filter(_is_row, lines), b"")
    return first.lstrip()[:10].lower().startswith(b"@relation")


def read_arff(content: bytes, reading: Reading) -> RawTable:
    """Return the table of an ARFF file.

    Raises:
        DataError: if it declares no attributes, or has no rows.
    """
    if len(content) > MOST_BYTES:
        raise DataError(
            f"An ARFF file may have at most {MOST_BYTES // 1_000_000} MB. This one has {len(content) / 1e6:,.0f} MB. "
            "Save the table as CSV or Parquet."
        )
    arff = declared(content, reading)
    body = _written_out(arff) if arff.sparse else _plain(arff.body)
    raw = read_utf8(body, Reading(delimiter=",", decimal=".", header=False), quote='"')
    names = [*arff.names, *[""] * len(raw.columns)][: len(raw.columns)]
    used = replace(raw.reading, delimiter=None, header=True)
    return replace(raw, names=names, reading=used, warnings=("The file is ARFF.", *raw.warnings))


def declared(content: bytes, reading: Reading) -> Arff:
    """Return what an ARFF file declares.

    Raises:
        DataError: if it has no attributes or no rows.
    """
    text, _ = decoded(content, reading.encoding)
    names: list[str] = []
    types: list[str] = []
    start = lines = 0
    for line in io.BytesIO(text.to_pybytes()):
        start += len(line)
        lines += 1
        words = line.decode("utf-8", "replace")
        attribute = _ATTRIBUTE.match(words)
        if attribute:
            names.append(_unquoted(attribute[1]))
            types.append(attribute[2].strip())
            if types[-1].lower().startswith("relational"):
                raise DataError("ARFF with tables inside tables (relational) cannot be read. Save the table as CSV.")
        elif _DATA.match(words):
            break
    if not names or len(names) > MAX_COLUMNS:
        raise DataError(f"An ARFF file must have 1 to {MAX_COLUMNS:,} lines of @attribute. Received: {len(names):,}.")
    body = text.slice(start)
    first = next((line for line in io.BytesIO(body.to_pybytes()) if _is_row(line)), b"")
    if not first:
        raise DataError("The ARFF file has no rows below @data. Expected: at least one.")
    commented = re.search(rb"(?:^|\n)[ \t]*%", body) is not None
    return Arff(names, types, lines, first.lstrip().startswith(b"{"), commented, body)


def _is_row(line: bytes) -> bool:
    stripped = line.strip()
    return bool(stripped) and not stripped.startswith(b"%")


def _plain(body: pa.Buffer) -> pa.Buffer:
    """Return the rows as CSV, without comments."""
    text = re.sub(rb"(?m)^[ \t]*%[^\n]*\n?", b"", body.to_pybytes())
    if b"'" not in text and b'"' not in text:
        return pa.py_buffer(text)
    rows = (_VALUE.findall(line.decode("utf-8", "replace").strip()) for line in io.BytesIO(text) if line.strip())
    # Behind the last value, an empty one is found.
    return _as_csv([_unquoted(quoted) or plain.strip() for quoted, plain in row[:-1]] for row in rows)


def _as_csv(rows: Iterable[list[str]]) -> pa.Buffer:
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
    return pa.py_buffer(out.getvalue().encode())


def _written_out(arff: Arff) -> pa.Buffer:
    """Return sparse rows, {place value, …}, with all their values; those that are left out are 0 or the first word."""
    usual = [_first_word(type) for type in arff.types]
    rows: list[list[str]] = []
    for line in filter(_is_row, io.BytesIO(arff.body.to_pybytes())):
        if len(rows) * len(usual) > _SPARSE_CELLS:
            raise DataError(
                f"Sparse rows may have at most {_SPARSE_CELLS:,} values in all. Use fewer rows or attributes."
            )
        rows.append(list(usual))
        for pair in line.decode("utf-8", "replace").strip("{} \t\r\n").split(","):
            place, _, value = pair.strip().partition(" ")
            if place.isdecimal() and len(place) < 9 and int(place) < len(usual):
                rows[-1][int(place)] = _unquoted(value.strip())
    return _as_csv(rows)


def _first_word(type: str) -> str:
    return _unquoted(type.strip("{} ").split(",")[0].strip()) if type.startswith("{") else "0"


def _unquoted(word: str) -> str:
    if len(word) > 1 and word[0] == word[-1] and word[0] in "'\"":
        return re.sub(r"\\(.)", r"\1", word[1:-1])
    return word
