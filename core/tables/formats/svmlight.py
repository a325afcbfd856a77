"""Tables in the format of LIBSVM and SVMlight: a label, then place:value for every value that is not zero."""

from __future__ import annotations

import io
import re

import numpy as np

from core.errors import DataError
from core.tables.table import MAX_CELLS, MAX_COLUMNS, RawTable, Reading, Values

LABEL = "label"
_PROBED_LINES = 20
_NUMBER = rb"[+-]?(\d{1,40}(\.\d{0,40})?|\.\d{1,40})([eE][+-]?\d{1,4})?"
_ROW = re.compile(rb"\s*%b(\s+qid:\d{1,12})?(\s+\d{1,12}:%b)*\s*(#.*)?" % (_NUMBER, _NUMBER))
_CLOCK = re.compile(rb"\s*\S+\s+([01]?\d|2[0-3]):[0-5]\d\s*")


def is_svmlight(content: bytes) -> bool:
    """Return whether the first lines of a file are a label and pairs place:value, with a pair in most of them."""
    lines = content[:200_000].split(b"\n")
    lines = [line[:100_000] for line in lines[: max(1, len(lines) - 1)] if line.strip() and not line.startswith(b"#")]
    probed = lines[:_PROBED_LINES]
    pairs = sum(b":" in line for line in probed)
    return (
        len(probed) > 0
        and 2 * pairs > len(probed)
        and all(map(_ROW.fullmatch, probed))
        and not all(map(_CLOCK.fullmatch, probed))
    )


def read_svmlight(content: bytes, reading: Reading) -> RawTable:
    """Return the table of a LIBSVM file, the label last.

    Raises:
        DataError: if it is damaged, or too large once the zeros are written out.
    """
    from sklearn.datasets import load_svmlight_file

    try:
        x, y = load_svmlight_file(io.BytesIO(content), dtype=np.float64)
    except (ValueError, OverflowError, MemoryError) as error:
        raise DataError(f"The LIBSVM file is damaged: {str(error)[:100]}. Save the table as CSV.") from error
    rows, width = x.shape
    if width >= MAX_COLUMNS or rows * (width + 1) > MAX_CELLS:
        raise DataError(
            f"A table may have at most {MAX_COLUMNS:,} columns and {MAX_CELLS:,} values. With its zeros, this file "
            f"has {width + 1:,} columns and {rows:,} rows."
        )
    if not rows or not width:
        raise DataError("The LIBSVM file has no rows with values. Expected: a label and pairs place:value.")
    dense = x.toarray(order="F")
    label = y.astype(np.int64) if np.all(y == np.round(y)) and np.all(np.abs(y) < 2**53) else y
    columns: list[Values] = [*dense.T, label]
    names = [*(f"feature {place}" for place in range(1, width + 1)), LABEL]
    return RawTable(
        names, columns, Reading(decimal="."), warnings=("The file is in LIBSVM's format; what it leaves out is 0.",)
    )
