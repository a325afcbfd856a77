"""The type of a column, detected from its values and its name.

The rules, in this order; "nearly all" means 95 % of the values that are not missing:

- missing: what `missing_words` says, which depends on the column's other values.
- number: nearly all values are finite numbers, as people write them (`number_forms`). The few other values become
  missing, with a note. Numbers with leading zeros (postcodes) don't count.
- date: nearly all values have one of the common date formats (`date_forms`), but not plain numbers, except days of a
  century such as 20240131. If the values don't tell whether the day comes first, the file's other columns do.
- identifier: whole numbers or words that are nearly all different, if `identifiers` says so.
- category: words, at most half of them different, or at most ten different ones with some repetition. True and false
  are words. Small whole numbers remain numbers.
- text: everything else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from core.errors import DataError
from core.tables import column_notes
from core.tables.cell_values import is_missing, is_number
from core.tables.column_form import ColumnForm
from core.tables.column_words import PROBE, Words
from core.tables.date_forms import Dates, day_comes_first, find_dates, is_compact_date, lacks_year, read_dates
from core.tables.identifiers import why_identifier
from core.tables.missing_words import known_missing, missing_in_numbers, missing_in_words, other_words
from core.tables.number_forms import (
    NEARLY_ALL,
    Mixed,
    Numbers,
    find_numbers,
    is_ambiguous,
    is_grouped_by_comma,
    looks_like_numbers,
    read_numbers,
)
from core.tables.table import (
    CATEGORY,
    DATE,
    IDENTIFIER,
    NOT_NUMBERS,
    NUMBER,
    TEXT,
    TYPES,
    Column,
    Surroundings,
    Table,
    Values,
)

_FEW = 10


@dataclass(frozen=True, eq=False)
class Typed:
    """A column with its type.

    Attributes:
        column, values: for the table.
        form: how the text was read.
        original: the text, where the values don't give it back; used by `retype`.
        notes: sentences for the person who brought the file.
        repairs: as in `Table`.
        ambiguous: of dates, whether their values fit both orders of day and month.
    """

    column: Column
    values: pd.Series
    form: ColumnForm
    original: pd.Series | None = None
    notes: tuple[str, ...] = ()
    repairs: frozenset[str] = frozenset()
    ambiguous: bool = False


def find_type(name: str, values: Values, around: Surroundings = Surroundings()) -> Typed:  # noqa: B008 it is frozen
    """Return a column with its type by the rules above."""
    if isinstance(values, np.ndarray):
        return _typed_array(name, values, around)
    return _plain_numbers(name, values, around) or _find(name, Words.of(values), around)


def read_as(name: str, values: Values, form: ColumnForm) -> Typed:
    """Return a column of other rows, read in the form that it had in the file that was trained on.

    A column of numbers or dates that cannot be read like that is read by its own values, with a note.
    """
    if isinstance(values, np.ndarray):
        return _typed_array(name, values, Surroundings())
    words = Words.of(values)
    if form.type not in (NUMBER, DATE):
        return _as_words(name, words, known_missing(words, form.missing), form.type)
    missing = missing_in_numbers(words) | known_missing(words, form.missing)
    present = words.without(missing)
    if form.type == NUMBER:
        numbers = read_numbers(present, form.decimal, form.scaled)
        typed = None if numbers is None else _as_numbers(name, words, missing, numbers)
    else:
        typed = _as_dates(name, words, missing, Dates(read_dates(present.different, form.formats), form.formats))
    read = 0 if typed is None else len(typed.values) - typed.column.missing
    if typed is not None and read >= NEARLY_ALL * present.present:
        return typed
    other = _find(name, words, Surroundings())
    if other.column.type != form.type or len(other.values) - other.column.missing <= read:
        return typed or other
    return replace(other, notes=(column_notes.read_otherwise(name), *other.notes))


def order_dates(columns: list[Typed], around: Surroundings) -> tuple[list[Typed], Surroundings]:
    """Return the columns with the order of day and month that the file's other columns show, and that order."""
    if not any(typed.ambiguous for typed in columns):
        return columns, around
    clear = [day_comes_first(typed.form.formats) for typed in columns if not typed.ambiguous]
    orders = {order for order in clear if order is not None}
    if len(orders) != 1 or around.day_first in orders:
        return columns, around
    around = replace(around, day_first=orders.pop())
    return [_reordered(typed, around) if typed.ambiguous else typed for typed in columns], around


def _reordered(typed: Typed, around: Surroundings) -> Typed:
    assert typed.original is not None
    return _find(typed.column.name, Words.of_series(typed.original), around)


def retype(table: Table, name: str, type: str) -> Table:
    """Return the table with another type for a column; values that don't fit become missing, with a note.

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
    words = Words.of_series(original)
    typed: Typed | None = None
    if type == NUMBER:
        missing = missing_in_numbers(words)
        numbers = find_numbers(words.without(missing), table.around, least=0)
        typed = _as_numbers(name, words, missing, numbers, said=True) if isinstance(numbers, Numbers) else None
    elif type == DATE:
        missing = missing_in_numbers(words)
        dates = find_dates(words.without(missing), table.around.day_first, least=0)
        typed = None if dates is None else _as_dates(name, words, missing, dates, said=True)
    else:
        typed = _as_words(name, words, missing_in_words(words, name)[0], type)
    if typed is None or typed.column.missing == len(original):
        raise DataError(f"No value of {name!r} can be read as a {type}. Received: {_received(words)}.")
    frame = table.frame.copy(deep=False)
    frame[name] = typed.values.to_numpy() if type == NUMBER else typed.values
    return replace(
        table,
        frame=frame,
        columns=tuple(typed.column if column.name == name else column for column in table.columns),
        warnings=(*(note for note in table.warnings if not column_notes.is_about(note, name)), *typed.notes),
        originals={**table.originals, name: original},
        repairs=table.repairs | typed.repairs,
        forms=tuple(typed.form if form.name == name else form for form in table.forms),
    )


def _received(words: Words) -> str:
    shown = [repr(word[:40]) for word in words.probe(3)]
    return ", ".join(shown) or "nothing but missing values"


def _find(name: str, words: Words, around: Surroundings) -> Typed:
    missing = missing_in_numbers(words)
    dates = None
    if is_compact_date(words.without(missing).probe()):
        dates = find_dates(words.without(missing), around.day_first, NEARLY_ALL)
    numbers = None if dates else find_numbers(words.without(missing), around)
    if dates is None and numbers is None and looks_like_numbers(words.without(missing)):
        more = other_words(words, missing)
        found = None if more is None else find_numbers(words.without(more), around)
        if more is not None and isinstance(found, Numbers):
            numbers, missing = found, more
    if isinstance(numbers, Numbers):
        return _numbers_or_identifier(name, words, missing, numbers, around)
    dates = dates or find_dates(words.without(missing), around.day_first, NEARLY_ALL)
    if dates is not None:
        return _as_dates(name, words, missing, dates, said=True)
    typed = _words_type(name, words, around)
    probe = words.without(missing).probe()
    if probe and lacks_year(probe, NEARLY_ALL):
        typed = replace(typed, notes=(*typed.notes, column_notes.without_year(name, probe[0], typed.column.type)))
    if isinstance(numbers, Mixed) and numbers.asks:
        typed = replace(typed, notes=(*typed.notes, column_notes.mixed(name, numbers.forms, typed.column.type)))
    return typed


def _typed_array(name: str, values: NDArray[np.generic], around: Surroundings) -> Typed:
    """Return the type of values that are typed in the file: numbers, booleans or dates."""
    if values.dtype.kind == "M":
        dates = pd.Series(values)
        missing = int(dates.isna().sum())
        return Typed(Column(name, DATE, missing, int(dates.nunique()), len(dates)), dates, ColumnForm(name, DATE))
    if values.dtype.kind == "b":
        return _words_type(name, Words.of(pa.chunked_array([pa.array(np.where(values, "True", "False"))])), around)
    whole = values.dtype.kind in "iu"
    if whole and is_compact_date([str(value) for value in np.unique(values[:PROBE])]):
        return _find(name, Words.of(pa.chunked_array([pa.array(values).cast(pa.string())])), around)
    numbers = values.astype(np.float64)
    if whole and (why := _why_identifier(name, numbers, around)):
        words = Words.of(pa.chunked_array([pa.array(values).cast(pa.string())]))
        return _as_words(name, words, ~words.valid, IDENTIFIER, why)
    return _number_column(name, numbers)


def _plain_numbers(name: str, values: pa.ChunkedArray, around: Surroundings) -> Typed | None:
    """Return the column if all values are plain numbers or missing; the fast path for most columns."""
    if around.decimal != ".":
        return None
    probe = [value.strip() for value in values[:PROBE].to_pylist() if value and not is_missing(value)]
    if not all(map(is_number, probe)) or any(map(is_grouped_by_comma, probe)) or is_compact_date(probe):
        return None
    zeros = sum(len(word) > 1 and word[0] == "0" and word.isdecimal() for word in probe)
    if zeros > (1 - NEARLY_ALL) * len(probe) or (is_ambiguous(probe) and not (around.certain or around.chosen)):
        return None
    empty = pc.equal(pc.utf8_length(pc.fill_null(values, "")), 0)
    try:
        numbers = pc.if_else(empty, None, values).cast(pa.float64())
    except pa.ArrowInvalid:
        return None  # words, some of which may mean "missing"
    if numbers.null_count == len(numbers):
        return None
    read: NDArray[np.float64] = numbers.to_numpy()
    if np.isnan(read).sum() > numbers.null_count:
        return None  # NaN is a word, which is counted
    if why := _why_identifier(name, read, around):
        words = Words.of(values)
        return _as_words(name, words, ~words.valid, IDENTIFIER, why)
    return _number_column(name, read)


def _why_identifier(name: str, numbers: NDArray[np.float64], around: Surroundings) -> str:
    if not np.all(np.isnan(numbers) | (numbers == np.floor(numbers))):
        return ""
    present = int(np.isfinite(numbers).sum())
    unnamed, last = around.unnamed, around.last
    return why_identifier(name, _different_numbers(numbers), present, numbers, unnamed, last)


def _different_numbers(numbers: NDArray[np.float64]) -> int:
    return int(pc.count_distinct(pa.array(numbers[np.isfinite(numbers)])).as_py())


def _numbers_or_identifier(
    name: str, words: Words, missing: NDArray[np.bool_], numbers: Numbers, around: Surroundings
) -> Typed:
    spread = _spread(words, numbers)
    why = "" if numbers.example else _why_identifier(name, spread, around)
    strays = numbers.fits.sum() < words.without(missing).valid.sum()
    if why and not strays:
        return _as_words(name, words, missing, IDENTIFIER, why)
    return _as_numbers(name, words, missing, numbers, said=True)


def _spread(words: Words, numbers: Numbers) -> NDArray[np.float64]:
    spread: NDArray[np.float64] = words.spread(pa.array(numbers.values, from_pandas=True)).to_numpy(
        zero_copy_only=False
    )
    return spread


def _as_numbers(name: str, words: Words, missing: NDArray[np.bool_], numbers: Numbers, said: bool = False) -> Typed:
    """Return a column of numbers; `said` adds a note on how they are written."""
    odd = words.without(missing).valid & ~numbers.fits
    strays = words.counted(odd)
    typed = _number_column(name, _spread(words, numbers), strays, words.rows_with(odd))
    no_values = words.counted(missing)
    said_notes = [column_notes.missing(name, no_values)] if no_values else []
    if said and numbers.example is not None:
        said_notes.append(column_notes.read_number(name, *numbers.example, numbers.doubt))
    form = ColumnForm(
        name, NUMBER, tuple(no_values), numbers.decimal, numbers.marks, numbers.example is not None, numbers.scaled
    )
    keeps = bool(no_values or strays or numbers.example)
    return replace(typed, form=form, original=words.series() if keeps else None, notes=(*said_notes, *typed.notes))


def _number_column(
    name: str, numbers: NDArray[np.float64], strays: Mapping[str, int] | None = None, count: int = 0
) -> Typed:
    """Return a column of numbers; infinite ones become missing, as `count` values already are."""
    unique = _different_numbers(numbers)
    infinite = np.isinf(numbers)
    odd = dict(strays or {})
    if infinite.any():
        numbers = np.where(infinite, np.nan, numbers)
        odd["infinity"] = int(infinite.sum())
        count += odd["infinity"]
    column = Column(name, NUMBER, int(np.isnan(numbers).sum()), unique, len(numbers))
    values, form = pd.Series(numbers, copy=False), ColumnForm(name, NUMBER)
    if not odd:
        return Typed(column, values, form)
    note = column_notes.strays(name, "number", count, odd)
    return Typed(column, values, form, None, (note,), frozenset({NOT_NUMBERS}))


def _as_dates(name: str, words: Words, missing: NDArray[np.bool_], dates: Dates, said: bool = False) -> Typed:
    """Return a column of dates; `said` adds a note on how they are written."""
    read = dates.values.notna().to_numpy()
    spread = words.spread(pa.array(dates.values, from_pandas=True))
    no_values = words.counted(missing)
    strays = words.without(missing).valid & ~read
    said_notes = [column_notes.missing(name, no_values)] if no_values else []
    if said and (example := _date_example(words, dates, read)):
        said_notes.append(column_notes.read_date(name, *example))
    if strays.any():
        said_notes.append(column_notes.strays(name, "date", words.rows_with(strays), words.counted(strays)))
    return Typed(
        Column(name, DATE, spread.null_count, int(dates.values.nunique()), len(spread)),
        pd.Series(spread.to_numpy(zero_copy_only=False)),
        ColumnForm(name, DATE, tuple(no_values), formats=dates.formats),
        words.series(),
        tuple(said_notes),
        ambiguous=bool(dates.other),
    )


def _date_example(words: Words, dates: Dates, read: NDArray[np.bool_]) -> tuple[str, str, str] | None:
    """Return a date as it is written and as it is read, and as it may be read too; None if it is written as usual."""
    if dates.formats[0].startswith(("ISO", "%Y-%m-%d")):
        return None
    other = read_dates(words.different, dates.other) if dates.other else dates.values
    differing = np.flatnonzero(read & (other != dates.values).to_numpy())
    place = int(differing[0]) if len(differing) else int(np.flatnonzero(read)[0])
    doubt = str(other[place])[:10] if len(differing) else ""
    return str(words.different[place].as_py()), str(dates.values[place])[:10], doubt


def _words_type(name: str, words: Words, around: Surroundings) -> Typed:
    missing, kept = missing_in_words(words, name)
    found = words.without(missing)
    present, unique = found.present, found.unique
    why = why_identifier(name, unique, present, None, around.unnamed, around.last)
    few = unique <= present / 2 or (unique < present and unique <= _FEW)
    typed = _as_words(name, words, missing, IDENTIFIER if why else CATEGORY if few and unique else TEXT, why)
    if not kept:
        return typed
    others = [word for word in found.probe() if word not in kept]
    return replace(typed, notes=(*typed.notes, column_notes.kept(name, kept, others)))


def _as_words(name: str, words: Words, missing: NDArray[np.bool_], type: str, why: str = "") -> Typed:
    found = words.without(missing)
    spread = found.spread(found.different)
    no_values = words.counted(missing)
    column = Column(name, type, spread.null_count, found.unique, len(spread), why)
    return Typed(
        column,
        found.series(),
        ColumnForm(name, type, tuple(no_values)),
        words.series() if no_values else None,
        (column_notes.missing(name, no_values),) if no_values else (),
    )


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
