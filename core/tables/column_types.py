"""The type of a column, detected from its values and its name.

The rules, in this order; "nearly all" means 95 % of the values that are not missing:

- missing: empty, ?, NA, N/A, null, - and nan, in lower, upper or title case, with any spaces around.
- number: nearly all values are finite numbers. Thousands separators are accepted if they always separate groups of
  three digits. The few other values become missing, with a warning. Numbers with leading zeros (postcodes) don't count.
- date: nearly all values have one of the common date formats: year first, day first or month first, but not plain
  numbers. If day and month are ambiguous, the month comes first, except with dots, where the day does.
- identifier: whole numbers or words, nearly all of them different, if the name starts or ends with id, key, index,
  no, number, code or similar (for words also name); or numbers that count the rows from 0 or 1, in a table of at least
  ten rows, unless the name is a single letter.
- category: words, at most half of them different, or at most ten different ones with some repetition. True and false
  are words. Small whole numbers remain numbers.
- text: everything else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from core.errors import DataError
from core.tables.cell_values import MISSING, is_missing, is_number
from core.tables.table import CATEGORY, DATE, IDENTIFIER, NOT_NUMBERS, NUMBER, TEXT, TYPES, Column, Table, Values

_NEARLY_ALL = 0.95
_FEW = 10
_MANY_ROWS = 10  # numbers that count fewer rows may be a coincidence
_PROBE = 100  # values that are checked before all are
_DATE_PROBE = 20
_ID_WORDS = {"id", "ids", "identifier", "key", "index", "idx", "no", "nr", "number", "uuid", "guid", "code", "serial"}
_ID_WORDS_OF_TEXT = {*_ID_WORDS, "name", "names"}
_MISSING_AS_WRITTEN = pa.array([spelt for word in MISSING for spelt in {word, word.upper(), word.title(), "NaN"}])

_GROUP_MARKS = "'’ \u00a0\u202f"  # thousands separators besides . and , (the spaces include non-breaking ones)

_ISO = "ISO8601"  # its name in pandas
_YEAR = r"\d{4}"
_CLOCK = r"([T ]\d{1,2}:\d{2}(:\d{2}(\.\d{1,9})?)?)?"
# A pattern that most values match, and the strptime formats that it may stand for.
_DATE_FORMS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (rf"^{_YEAR}-\d{{2}}(-\d{{2}}{_CLOCK}( ?(Z|UTC|[+-]\d{{2}}:?\d{{2}}))?)?$", (_ISO,)),
    (rf"^{_YEAR}-\d{{1,2}}-\d{{1,2}}$", ("%Y-%m-%d",)),
    (rf"^{_YEAR}/\d{{1,2}}/\d{{1,2}}{_CLOCK}$", ("%Y/%m/%d",)),
    (rf"^{_YEAR}\.\d{{1,2}}\.\d{{1,2}}\.?$", ("%Y.%m.%d",)),
    (rf"^\d{{1,2}}\.\d{{1,2}}\.{_YEAR}{_CLOCK}$", ("%d.%m.%Y",)),
    (r"^\d{1,2}\.\d{1,2}\.\d{2}$", ("%d.%m.%y",)),
    (rf"^\d{{1,2}}/\d{{1,2}}/{_YEAR}{_CLOCK}$", ("%m/%d/%Y", "%d/%m/%Y")),
    (r"^\d{1,2}/\d{1,2}/\d{2}$", ("%m/%d/%y", "%d/%m/%y")),
    (rf"^\d{{1,2}}-\d{{1,2}}-{_YEAR}{_CLOCK}$", ("%m-%d-%Y", "%d-%m-%Y")),
    (rf"^\d{{1,2}}[ -][A-Za-z]{{3,9}}[ -]{_YEAR}$", ("%d %b %Y", "%d %B %Y", "%d-%b-%Y", "%d-%B-%Y")),
    (rf"^[A-Za-z]{{3,9}} \d{{1,2}},? {_YEAR}$", ("%b %d, %Y", "%B %d, %Y", "%b %d %Y", "%B %d %Y")),
)
# Plain numbers that are dates only if a person says so.
_NUMBER_DATES = ((r"^\d{8}$", ("%Y%m%d",)), (rf"^{_YEAR}$", ("%Y",)))
_CLOCKS = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", "T%H:%M", "T%H:%M:%S", "T%H:%M:%S.%f")


@dataclass(frozen=True, eq=False)
class Typed:
    """A column with its type: the values for the frame, the original text for `retype`, and a warning."""

    column: Column
    values: pd.Series
    original: pd.Series | None = None
    warning: str | None = None
    repairs: frozenset[str] = frozenset()


@dataclass(frozen=True, eq=False)
class _Words:
    """A column of text, stored by its different values.

    Attributes:
        different: text (k,), trimmed, null for missing; some may be equal after trimming.
        counts: int64 (k,), the number of rows with each.
        places: int32 (rows,), indices into `different`, null where the value was null.
        present: the number of values that are not missing.
        unique: the number of different ones among them.
    """

    different: pa.Array
    counts: NDArray[np.int64]
    places: pa.Array
    present: int
    unique: int

    def probe(self, most: int = _PROBE) -> list[str]:
        """Return the first different values that are not missing."""
        found: list[str] = self.different[: 2 * most].drop_null()[:most].to_pylist()
        return found

    def spread(self, values: pa.Array) -> pa.Array:
        """Return one value per row, given one per different value."""
        return values.take(self.places)


def date_formats() -> list[str]:
    """Return all date formats that are tried, as pandas names them, with every format of the time of day."""
    formats = [format for _, formats in (*_DATE_FORMS, *_NUMBER_DATES) for format in formats]
    return [one + clock for one in dict.fromkeys(formats) for clock in ([""] if one == _ISO else _CLOCKS)]


def find_type(name: str, values: Values, decimal: str) -> Typed:
    """Return a column with its type by the rules above."""
    if isinstance(values, np.ndarray):
        return _typed_array(name, values)
    numbers = _plain_numbers(values) if decimal == "." else None
    if numbers is not None:
        whole = bool(np.all(np.isnan(numbers) | (numbers == np.floor(numbers))))
        unique = _different_numbers(numbers)
        if whole and _identifies(name, unique, int(np.isfinite(numbers).sum()), text=False, numbers=numbers):
            return _as_words(name, _words(values), IDENTIFIER)
        return _as_numbers(name, numbers, unique)
    words = _words(values)
    return _number(name, words, decimal) or _date(name, words) or _words_type(name, words)


def retype(table: Table, name: str, type: str) -> Table:
    """Return the table with another type for a column; values that don't fit become missing.

    Raises:
        DataError: if there is no such column or type, or no value of the column fits.
    """
    if type not in TYPES:
        raise DataError(f"The type of a column must be one of {', '.join(TYPES)}. Received: {str(type)[:40]!r}.")
    old = table.column(name)
    if old is None:
        raise DataError(f"The table has no column {str(name)[:100]!r}.")
    if old.type == type:
        return table
    original = table.originals.get(name, _written(table.frame[name]))
    words = _words(pa.chunked_array([pa.array(original, pa.large_string(), from_pandas=True)]))
    typed: Typed | None
    if type == NUMBER:
        typed = _number(name, words, table.reading.decimal or ".", least=0, coded=True)
    elif type == DATE:
        typed = _date(name, words, least=0, forms=(*_DATE_FORMS, *_NUMBER_DATES))
    else:
        typed = _as_words(name, words, type)
    if typed is None or typed.column.missing == len(original):
        received = "nothing but missing values" if original.isna().all() else repr(original.dropna().iloc[0][:40])
        raise DataError(f"No value of {name!r} can be read as a {type}. Received: {received}.")
    frame = table.frame.copy(deep=False)
    frame[name] = typed.values.to_numpy() if type == NUMBER else typed.values
    return replace(
        table,
        frame=frame,
        columns=tuple(typed.column if column.name == name else column for column in table.columns),
        warnings=(*table.warnings, *([typed.warning] if typed.warning else [])),
        originals={**table.originals, name: original},
        repairs=table.repairs | typed.repairs,
    )


def _typed_array(name: str, values: NDArray[np.generic]) -> Typed:
    """Return the type of values that are typed in the file: numbers, booleans or dates."""
    if values.dtype.kind == "M":
        dates = pd.Series(values)
        return Typed(Column(name, DATE, int(dates.isna().sum()), int(dates.nunique())), dates)
    if values.dtype.kind == "b":
        return _words_type(name, _words(pa.chunked_array([pa.array(np.where(values, "True", "False"))])))
    numbers = values.astype(np.float64)
    unique = _different_numbers(numbers)
    if values.dtype.kind in "iu" and _identifies(name, unique, len(values), text=False, numbers=numbers):
        return _as_words(name, _words(pa.chunked_array([pa.array(values).cast(pa.string())])), IDENTIFIER)
    return _as_numbers(name, numbers, unique)


def _plain_numbers(values: pa.ChunkedArray) -> NDArray[np.float64] | None:
    """Return the values as numbers if all are plain numbers or missing; the fast path for most columns."""
    probe = [value for value in values[:_PROBE].to_pylist() if value and not is_missing(value)]
    if _codes(probe) or sum(map(is_number, probe)) < len(probe):
        return None
    missing = pc.is_in(values, value_set=_MISSING_AS_WRITTEN)
    try:
        numbers = pc.if_else(missing, None, values).cast(pa.float64())
    except pa.ArrowInvalid:
        return None
    if numbers.null_count == len(numbers):
        return None
    read: NDArray[np.float64] = numbers.to_numpy()
    return read


def _codes(written: list[str]) -> bool:
    """Return whether numbers have leading zeros, as codes do."""
    zeros = sum(len(word) > 1 and word[0] == "0" and word.isdecimal() for word in map(str.strip, written))
    return zeros > (1 - _NEARLY_ALL) * len(written)


def _different_numbers(numbers: NDArray[np.float64]) -> int:
    return int(pc.count_distinct(pa.array(numbers[np.isfinite(numbers)])).as_py())


def _as_numbers(
    name: str, numbers: NDArray[np.float64], unique: int, original: pd.Series | None = None, strays: int = 0
) -> Typed:
    """Return a column of numbers; infinite ones become missing, and `strays` others already are."""
    infinite = np.isinf(numbers)
    if infinite.any():
        numbers = np.where(infinite, np.nan, numbers)
        strays += int(infinite.sum())
    missing = int(np.isnan(numbers).sum())
    column, values = Column(name, NUMBER, missing, unique), pd.Series(numbers, copy=False)
    if not strays:
        return Typed(column, values, original)
    warning = _strays(name, strays, "not a number", "not numbers")
    return Typed(column, values, original, warning, frozenset({NOT_NUMBERS}))


def _strays(name: str, count: int, one: str, several: str) -> str:
    if count == 1:
        return f"1 value in the column {name!r} is {one} and counts as missing."
    return f"{count:,} values in the column {name!r} are {several} and count as missing."


def _words(values: pa.ChunkedArray) -> _Words:
    encoded = values.combine_chunks().dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.unify_dictionaries().combine_chunks()
    trimmed = pc.utf8_trim_whitespace(encoded.dictionary)
    nothing = pc.is_in(trimmed, value_set=_MISSING_AS_WRITTEN.cast(trimmed.type))
    different = pc.if_else(nothing, pa.scalar(None, trimmed.type), trimmed)
    counts = np.bincount(encoded.indices.drop_null().to_numpy(), minlength=len(different))
    present = int(counts[different.is_valid().to_numpy(False)].sum())
    # Counting again takes as long as everything else, and trimming seldom makes two values equal.
    same = trimmed.equals(encoded.dictionary)
    unique = len(different) - different.null_count if same else int(pc.count_distinct(different).as_py())
    return _Words(different, counts, encoded.indices, present, unique)


def _number(name: str, words: _Words, decimal: str, least: float = _NEARLY_ALL, coded: bool = False) -> Typed | None:
    """Return the column as numbers; None if less than the share `least` of its values are, or they are codes."""
    present, probe = words.present, words.probe()
    if not present or (not coded and _codes(probe)):
        return None
    if least and sum(any(map(str.isdecimal, word)) for word in probe) < len(probe) / 2:
        return None
    marks = ("," if decimal == "." else ".") + _GROUP_MARKS
    point = re.escape(decimal)
    plain = rf"^[+-]?(([0-9]+{point}?[0-9]*|{point}[0-9]+)([eE][+-]?[0-9]+)?|inf|Inf|Infinity)$"
    written = words.different
    fits = pc.match_substring_regex(written, plain)
    # Thousands separators count only if all other numbers have them in the right places: 1,234 next to 1,23 is a typo.
    others = written.filter(pc.invert(fits))
    group = rf"^[+-]?[1-9][0-9]{{0,2}}([{marks}][0-9]{{3}})+({point}[0-9]*)?$"
    if pc.any(pc.match_substring_regex(others, group)).as_py():
        grouped = pc.match_substring_regex(written, group)
        written = pc.if_else(grouped, pc.replace_substring_regex(written, f"[{marks}]", ""), written)
        fits = pc.or_(fits, grouped)
    share = int(words.counts[pc.fill_null(fits, False).to_numpy(False)].sum()) / present
    if share < least or share == 0:
        return None
    if decimal == ",":
        written = pc.replace_substring(written, ",", ".")
    numbers = pc.if_else(fits, written, pa.scalar(None, written.type)).cast(pa.float64())
    spread: NDArray[np.float64] = words.spread(numbers).to_numpy(zero_copy_only=False)
    unique = _different_numbers(numbers.drop_null().to_numpy())
    strays = present - round(share * present)
    whole = bool(np.all(np.isnan(spread) | (spread == np.floor(spread))))
    if least and not strays and whole and _identifies(name, unique, present, text=False, numbers=spread):
        return _as_words(name, words, IDENTIFIER)
    return _as_numbers(name, spread, unique, _series(words.spread(words.different)) if strays else None, strays)


def _date(
    name: str,
    words: _Words,
    least: float = _NEARLY_ALL,
    forms: tuple[tuple[str, tuple[str, ...]], ...] = _DATE_FORMS,
) -> Typed | None:
    """Return the column as dates; None if less than the share `least` of its values are."""
    present = words.present
    probe = words.probe() if least else words.different.drop_null().to_pylist()
    best: tuple[float, pd.Series] | None = None
    for form, formats in forms:
        seen = [word for word in probe if re.match(form, word)]
        if not seen or len(seen) < least / 2 * len(probe):
            continue
        for format in formats:
            dates = _read_dates(words.different, format, seen if least else [], least)
            read = 0.0 if dates is None else int(words.counts[dates.notna().to_numpy()].sum()) / present
            if dates is not None and (best is None or read > best[0]):
                best = read, dates
    if best is None or best[0] < least or best[0] == 0:
        return None
    share, dates = best
    spread = words.spread(pa.array(dates, from_pandas=True))
    strays = present - round(share * present)
    return Typed(
        Column(name, DATE, spread.null_count, int(dates.nunique())),
        pd.Series(spread.to_numpy(zero_copy_only=False)),
        _series(words.spread(words.different)) if strays else None,
        _strays(name, strays, "not a date", "not dates") if strays else None,
    )


def _read_dates(words: pa.Array, format: str, probe: list[str], least: float) -> pd.Series | None:
    """Return the dates in one format, with or without a time of day; NaT for other values.

    None if the format fits few of `probe`, as pandas takes milliseconds to find that out.
    """
    with_time = format.endswith(("%Y", "%d")) and (not probe or any(":" in word for word in probe[:_DATE_PROBE]))
    formats = [format + clock for clock in _CLOCKS] if with_time else [format]
    if probe and format != _ISO:
        fits = {one: sum(_is_date(word, one) for word in probe[:_DATE_PROBE]) for one in formats}
        if sum(fits.values()) < (least - 0.15) * min(len(probe), _DATE_PROBE):
            return None
        formats = [one for one in formats if fits[one]]
    written = _series(pc.replace_substring_regex(words, r"\s*(Z|UTC)$", "Z") if format == _ISO else words)
    dates = pd.Series(pd.NaT, index=written.index, dtype="datetime64[us]")
    for one in formats:
        read = pd.to_datetime(written, format=one, errors="coerce", utc=True)
        dates = dates.fillna(read.dt.tz_localize(None).astype("datetime64[us]"))
    return dates


def _is_date(word: str, format: str) -> bool:
    try:
        datetime.strptime(word, format)
    except ValueError:
        return False
    return True


def _words_type(name: str, words: _Words) -> Typed:
    present, unique = words.present, words.unique
    if _identifies(name, unique, present, text=True):
        return _as_words(name, words, IDENTIFIER)
    few = unique <= present / 2 or (unique < present and unique <= _FEW)
    return _as_words(name, words, CATEGORY if few and unique else TEXT)


def _as_words(name: str, words: _Words, type: str) -> Typed:
    spread = words.spread(words.different)
    return Typed(Column(name, type, spread.null_count, words.unique), _series(spread))


def _identifies(name: str, unique: int, present: int, text: bool, numbers: NDArray[np.float64] | None = None) -> bool:
    """Return whether a column identifies rows: by its name, or as whole numbers that count the rows."""
    if present < 2 or unique < _NEARLY_ALL * present:
        return False
    parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|#", name)
    known = _ID_WORDS_OF_TEXT if text else _ID_WORDS
    if parts and (parts[0].lower() in known or parts[-1].lower() in known or "#" in parts):
        return True
    if numbers is None or len(name) == 1 or len(numbers) < _MANY_ROWS or numbers[0] not in (0, 1):
        return False
    return bool(np.all(np.diff(numbers) == 1))


def _series(values: pa.Array) -> pd.Series:
    """Return text as a pandas series, without a copy."""
    return pd.Series(pd.array(values, dtype="str"), copy=False)


def _written(values: pd.Series) -> pd.Series:
    """Return the values of a column as text: 3 for 3.0, and 2024-05-01 for a date without a time."""
    if values.dtype.kind == "f":
        numbers = values.to_numpy(np.float64)
        words = ["" if np.isnan(number) else f"{number:.17g}" for number in numbers]
        short = [repr(float(word)).removesuffix(".0") if word else None for word in words]
        return pd.Series(short, index=values.index, dtype="str")
    if values.dtype.kind == "M":
        return values.astype("str")
    return values
