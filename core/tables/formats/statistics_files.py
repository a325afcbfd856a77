"""Tables of Stata and SAS, read by pandas, which evaluates nothing in them."""

from __future__ import annotations

import io
import struct
import warnings
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from core.errors import DataError
from core.tables.binary_files import from_arrow, is_nested, unpacked_bytes
from core.tables.table import (
    MAX_CELLS,
    MAX_ROWS,
    MAX_UNPACKED_BYTES,
    RawTable,
    Reading,
    Values,
    check_width,
    cut_rows,
)

if TYPE_CHECKING:
    import pandas as pd

_STATA_VERSIONS = (0x69, 0x6C, 0x6E, 0x6F, 0x71, 0x72, 0x73)  # up to 12; later ones begin with <stata_dta>
SAS = bytes.fromhex("000000000000000000000000c2ea8160b31411cfbd92080009c7318c181f1011")
SAS_TRANSPORT = b"HEADER RECORD*******LIBRARY HEADER RECORD"
# What pandas raises for damaged files.
_DAMAGE = (
    ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, EOFError, OSError, struct.error,
    MemoryError, RuntimeError, AssertionError, ZeroDivisionError, UnboundLocalError, StopIteration, pa.ArrowException,
)  # fmt: skip


def is_stata(content: bytes) -> bool:
    """Return whether a file is Stata's."""
    old = content[:1] and content[0] in _STATA_VERSIONS and content[1:2] in (b"\1", b"\2") and content[2:4] == b"\1\0"
    return content.startswith(b"<stata_dta>") or bool(old)


def is_sas(content: bytes) -> bool:
    """Return whether a file is of SAS: .sas7bdat or .xpt."""
    return content.startswith((SAS, SAS_TRANSPORT))


def read_stata(content: bytes, reading: Reading) -> RawTable:
    """Return the table of a Stata file, with the words that its labels give for numbers.

    Raises:
        DataError: if it is damaged or too large.
    """
    import pandas as pd

    return _read("Stata file", lambda: pd.read_stata(io.BytesIO(content), iterator=True))


def read_sas(content: bytes, reading: Reading) -> RawTable:
    """Return the table of a .sas7bdat or .xpt file.

    Raises:
        DataError: if it is damaged or too large.
    """
    import pandas as pd

    transport = content.startswith(SAS_TRANSPORT)
    options: dict[str, Any] = {"encoding": "latin-1"} if transport else {"encoding": "infer"}
    form: Any = "xport" if transport else "sas7bdat"
    return _read("SAS file", lambda: pd.read_sas(io.BytesIO(content), format=form, iterator=True, **options))


def _read(what: str, opened: Any) -> RawTable:
    try:
        with warnings.catch_warnings(action="ignore"), opened() as reader:
            frame: pd.DataFrame = reader.read(_rows_most(reader))
            rows = _rows_of(reader, len(frame))
        table = pa.Table.from_pandas(frame, preserve_index=False)
    except _DAMAGE as error:
        raise DataError(f"The {what} is damaged, or of a kind that cannot be read. Save the table as CSV.") from error
    if not len(frame) or not len(frame.columns):
        raise DataError(f"The {what} has no rows. Expected: a table with at least one row.")
    # A label of thousands of letters may stand in a million rows.
    size = sum(unpacked_bytes(chunk) for column in table.columns for chunk in column.chunks)
    if size > MAX_UNPACKED_BYTES:
        raise DataError(
            f"The file may unpack to at most {MAX_UNPACKED_BYTES // 1_000_000:,} MB, and this one unpacks to more."
        )
    usable = [field.name for field in table.schema if not is_nested(field.type)]
    columns: list[Values] = [from_arrow(table.column(name)) for name in usable]
    notes = (f"The file is a {what}.", *cut_rows(len(frame), rows))
    return RawTable(list(map(str, usable)), columns, Reading(decimal="."), warnings=notes)


def _rows_most(reader: Any) -> int:
    if hasattr(reader, "variable_labels"):  # of Stata; reads the header
        width = len(reader.variable_labels())
    else:
        width = reader.column_count if hasattr(reader, "column_count") else len(reader.fields)
    check_width(width)
    return min(MAX_ROWS, MAX_CELLS // max(1, width))


def _rows_of(reader: Any, read: int) -> int:
    """Return the rows that a file declares."""
    declared = getattr(reader, "row_count", None) or getattr(reader, "_nobs", None) or getattr(reader, "nobs", None)
    return max(read, int(declared or 0))
