"""Code that turns the text of a table's columns into numbers, dates and words, as `core.tables.column_types` does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from core.export.python_text import assign, call, literal, names
from core.export.source_code import SHOWN_ROWS

if TYPE_CHECKING:
    import pandas as pd

    from core.tables.column_form import ColumnForm

_ZONE = r":\d{2}(?:\.\d+)?\s*(?:Z|UTC|GMT|[+-]\d{2}:?\d{2})$"  # after a time of day
_READ_NUMBERS = '''\
def read_numbers(words, decimal, marks, scales=None):
    """Read numbers as people write them: marks around them are left out, and (5) is -5."""
    words = words.str.replace("[−‒–﹣－]", "-", regex=True)
    mark = "|".join(re.escape(mark) for mark in sorted(marks, key=len, reverse=True))
    around = rf"(?:{mark}|[\\s()+-])*" if marks else r"[\\s()+-]*"
    point, thousands = (",", r"\\.") if decimal == "," else (r"\\.", ",")
    groups = "|".join(rf"(?:{sign}[0-9]{{3}})+" for sign in (thousands, "['’‘`´]", "[ \\u00a0\\u202f\\u2009]"))
    whole = rf"[0-9]+|[1-9][0-9]{{0,2}}(?:{groups})"
    if decimal == ".":
        whole += "|[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3}"
    number = rf"(?P<number>(?:{whole})(?:{point}[0-9]*)?|{point}[0-9]+)(?P<power>[eE][+-]?[0-9]+)?"
    parts = words.str.extract(rf"^(?P<before>{around}){number}(?P<after>{around})$")
    number = parts["number"].str.replace(rf"[{thousands}'’‘`´\\s]", "", regex=True)
    number = number.str.replace(decimal, ".", regex=False) + parts["power"].fillna("")
    signs = (parts["before"] + parts["after"]).fillna("")
    minus = (signs.str.count("-") + signs.str.contains(r"\\(")) % 2
    numbers = pd.to_numeric(number, errors="coerce") * (1 - 2 * minus)
    if scales:
        scale = parts["after"].str.extract(r"([A-Za-z]+)")[0].str.lower()
        numbers *= scale.map(scales).fillna(1)
    return numbers

'''


def missing_lines(forms: Sequence[ColumnForm]) -> Iterator[str]:
    """Yield the code that turns empty cells, and words for missing values, into missing values.

    Words among numbers and dates become missing when these are read.
    """
    yield "table = table.apply(lambda column: column.str.strip())"
    yield 'table = table.mask(table == "")'
    yield from _words_for_missing([form for form in forms if form.missing and form.type not in ("number", "date")])


def word_lines(head: pd.DataFrame, forms: Sequence[ColumnForm]) -> Iterator[str]:
    """Yield the code that turns category columns into strings, and words for missing values into missing values."""
    unclean = [form.name for form in forms if form.missing or _has_spaces(head[form.name])]
    typed = [
        form.name
        for form in forms
        if form.name in unclean or head[form.name].dtype.kind in "iuf" or _is_categorical(head[form.name])
    ]
    if typed:
        yield assign("words", names(typed))
        yield 'table[words] = table[words].astype("str")'
    if unclean:
        yield "table[words] = table[words].apply(lambda column: column.str.strip())"
        yield 'table[words] = table[words].mask(table[words] == "")'
    yield from _words_for_missing([form for form in forms if form.missing])


def _words_for_missing(forms: Sequence[ColumnForm]) -> Iterator[str]:
    for form in forms:
        column = f"table[{literal(form.name)}]"
        yield assign("is_missing", call(f"{column}.isin", names(form.missing)))
        yield f"{column} = {column}.mask(is_missing)"


def _has_spaces(values: pd.Series) -> bool:
    words = [word for word in values.dropna().unique() if isinstance(word, str)]
    return any(word != word.strip() or not word for word in words)


def _is_categorical(values: pd.Series) -> bool:
    import pandas as pd

    return isinstance(values.dtype, pd.CategoricalDtype)


def number_lines(forms: Sequence[ColumnForm], numbers: Sequence[str], target: str, has_strays: bool) -> Iterator[str]:
    """Yield the code that converts columns to numbers; `numbers` are the inputs among them, in their order."""
    plain = [form.name for form in forms if not form.odd and form.decimal == "."]
    commas = [form.name for form in forms if not form.odd and form.decimal == ","]
    odd = [form for form in forms if form.odd]
    for columns, values in ((plain, "table[name]"), (commas, 'table[name].str.replace(",", ".")')):
        if not columns:
            continue
        which = {
            tuple(numbers): "NUMBERS",
            (*numbers, target): "[*NUMBERS, TARGET]",
            (target,): "[TARGET]",
        }.get(tuple(columns))
        if which is None:
            yield assign("plain", names(columns))
            which = "plain"
        yield f"for name in {which}:"
        yield f'    table[name] = pd.to_numeric({values}, errors="coerce")'
    if odd:
        yield f"\n\n{_READ_NUMBERS}"
    for form in odd:
        column = f"table[{literal(form.name)}]"
        scales = _scales() if form.scaled else None
        marks = names(form.marks) if form.marks else "[]"
        yield assign(column, call("read_numbers", column, literal(form.decimal), marks, scales=scales))
    if has_strays:
        yield "table = table.replace([np.inf, -np.inf], np.nan)"


def _scales() -> str:
    from core.tables.number_signs import SCALES

    return "{" + ", ".join(f"{literal(word)}: {factor:.0e}" for word, factor in SCALES.items()) + "}"


def date_lines(form: ColumnForm, written: pd.Series, dates: pd.Series) -> Iterator[str]:
    """Yield the code that converts a column of dates to days since 1970.

    Args:
        form: how the column was read.
        written: its first values as text.
        dates: the same values as dates.
    """
    from core.tables.date_forms import CLEANING

    shown = written[:SHOWN_ROWS].dropna().astype("str").str.strip()
    column = f"table[{literal(form.name)}]"
    for pattern, instead in CLEANING if form.formats else ():
        if (cleaned := shown.str.replace(pattern, instead, regex=True)).ne(shown).any():
            yield f"{column} = {column}.str.replace({_raw(pattern)}, {_raw(instead)}, regex=True)"
            shown = cleaned
    if shown.str.endswith(("UTC", "GMT")).any():
        yield f'{column} = {column}.str.replace(r"\\s*(?:UTC|GMT)$", "Z", regex=True)'
    has_zone = shown.str.contains(_ZONE).any()
    utc = "True" if has_zone else None
    first, *others = _date_formats(form, shown, dates)
    yield assign("days", call("pd.to_datetime", column, format=literal(first), errors='"coerce"', utc=utc))
    for other in others:
        more = call("pd.to_datetime", column, format=literal(other), errors='"coerce"', utc=utc)
        yield assign("days", call("days.fillna", more))
    if has_zone:
        yield "days = days.dt.tz_localize(None)"
    yield f"{column} = (days - pd.Timestamp(0)) / pd.Timedelta(days=1)"


def _raw(pattern: str) -> str:
    return f'r"{pattern}"'


def _date_formats(form: ColumnForm, words: pd.Series, dates: pd.Series) -> list[str]:
    """Return the formats that read the first dates correctly, the one for most of them first."""
    import pandas as pd

    from core.tables.date_forms import ISO

    known = dates.dropna()

    def fits(format: str) -> pd.Series:
        read = pd.to_datetime(words, format=format, errors="coerce", utc=True).dt.tz_localize(None)
        return read.isin(known) & read.notna()

    read = {format: fits(format) for format in form.formats or (ISO,)}
    ordered = sorted(read, key=lambda format: -int(read[format].sum()))
    found, left = ordered[:1], ~read[ordered[0]]
    for format in ordered[1:]:
        if (read[format] & left).any():
            found.append(format)
            left &= ~read[format]
    return found
