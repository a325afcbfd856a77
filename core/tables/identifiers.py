"""Which columns only identify rows: by their name, or because they number the rows."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

NEARLY_ALL = 0.95
NUMBERED = "its whole numbers count the rows"
UNNAMED = "it has no name, and its whole numbers are all different"
NAMED = "its values are all different, and its name is that of an identifier"

_ANYWHERE = {"id", "ids", "identifier", "uuid", "guid", "key", "keys", "pk", "serial", "code"}
_AT_THE_END = {*_ANYWHERE, "no", "nr", "num", "number", "idx", "ref", "reference", "sku", "#", "№"}
_ALONE = {
    *_AT_THE_END, "index", "sno", "srno", "slno", "rowid", "rownum", "rownumber", "rownames", "oid", "uid", "pid",
    "fid", "gid", "cid", "sid", "rid", "lfd",
}  # fmt: skip
_NAMES = {"name", "names"}
_THINGS = (
    "customer|user|patient|passenger|client|employee|student|order|product|item|row|record|case|sample|object|person|"
    "transaction|invoice|account|member|subject|loan|policy|claim|vehicle|house|property|store|device|sensor|session|"
    "event|ticket|movie|book|song|track|player|team|match|game|image|file|doc|document|article|post|tweet|review|"
    "application|applicant|participant|respondent|household|animal|specimen|visit|encounter|admission|course|school|"
    "station|phone|serial|zip|postal|cust|emp|prod|trans|obs"
)
_JOINED = re.compile(rf"(?:{_THINGS})(?:id|no|nr|num|number|code|key|idx|index)")
# Their numbers are counted or measured, however different they are.
_QUANTITIES = {"of", "in", "per", "count", "counts", "amount", "total", "quantity", "qty", "anzahl", "sum", "mean"}
_QUANTITIES |= {"atomic", "mass", "wave", "octane", "cetane", "iodine", "quantum", "reynolds", "mach", "average"}
# The beginnings of words for time, place and size: numbers in their order say more than the order of the rows.
_MEASURED = (
    "hour", "time", "day", "date", "week", "month", "year", "minute", "second", "sec", "age", "dist", "step", "temp",
    "dose", "level", "depth", "height", "length", "width", "size", "freq", "speed", "weight", "price", "cost", "volt",
    "power", "volum", "area", "angle", "num", "score", "point", "load", "pressure", "epoch", "concentr", "lap", "mile",
)  # fmt: skip
_COUNTERS = {
    "row", "rows", "line", "obs", "observation", "record", "case", "entry", "sample", "subject", "participant",
    "respondent", "patient", "instance", "example", "index", "seq", "sequence", "item",
}  # fmt: skip
_NO_NAMES = re.compile(r"Unnamed: \d+(?:\.\d+)?|unnamed|\.\.\.\d+|level_\d|__index_level_\d+__|_\d+")
_COUNTED_ROWS = 10  # fewer may be a coincidence, even where the name is that of a counter
_MORE_ROWS = 50  # for any other name


def has_no_name(written: str) -> bool:
    """Return whether a name in a file stands for none, as `Unnamed: 0` does."""
    return not written.strip() or _NO_NAMES.fullmatch(written.strip()) is not None


def why_identifier(
    name: str, unique: int, present: int, numbers: NDArray[np.float64] | None, unnamed: bool, last: bool
) -> str:
    """Return why a column of words, or of whole numbers, only identifies rows; "" if it does not.

    Args:
        name: of the column.
        unique: the number of different values.
        present: the number of values.
        numbers: float64 (rows,), whole; None for words.
        unnamed: whether the file has no name for the column, but for others.
        last: whether it is the last column, which is probably predicted.
    """
    if present < 2 or unique < NEARLY_ALL * present:
        return ""
    if unnamed and numbers is not None:
        return UNNAMED
    if _is_name_of_identifier(name, numbers):
        return NAMED
    if numbers is None or last or len(name) == 1 or not _counts(numbers):
        return ""
    words = _words(name)
    counter = bool(words) and words[-1] in _COUNTERS
    if len(numbers) < (_COUNTED_ROWS if counter else _MORE_ROWS + 1) or set(words) & _QUANTITIES:
        return ""
    measured = any(word.startswith(_MEASURED) for word in words)
    return "" if measured and not counter else NUMBERED


def _is_name_of_identifier(name: str, numbers: NDArray[np.float64] | None) -> bool:
    words = _words(name)
    if not words or set(words) & _QUANTITIES:
        return False
    if len(words) == 1 and (words[0] in _ALONE or _JOINED.fullmatch(words[0])):
        return True
    if numbers is None and (words[0] in _NAMES or words[-1] in _NAMES):
        return True
    if words[-1] in ("index", "indices"):  # the index of a row, not of prices
        return numbers is not None and _counts(numbers)
    return words[0] in _ANYWHERE or words[-1] in _AT_THE_END or _JOINED.fullmatch(words[-1]) is not None


def _counts(numbers: NDArray[np.float64]) -> bool:
    """Return whether numbers count the rows, from 0 or 1."""
    return bool(len(numbers) and numbers[0] in (0, 1) and np.all(np.diff(numbers) == 1))


def _words(name: str) -> list[str]:
    """Return the words of a name in lower case: customerID and customer_id are both customer and id."""
    return [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[#№]", name)]
