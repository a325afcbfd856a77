"""Dates as people write them: the formats that most values of a column have."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import product

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from core.tables.column_words import PROBE, Words, as_series
from core.tables.month_names import FOREIGN, TO_ENGLISH

ISO = "ISO8601"  # its name in pandas
_SHORTEST = 6  # letters, as in Jan-18
_FEWEST_COMPACT = 3  # different days such as 20240131
_CLOCK_GIVEN = 0.15  # of the values, which may have another clock than the first ones

_YEAR = r"\d{4}"
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}"
_WEEKDAY = r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}"
_TIME = r"\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?: ?[ap]m)?|\d{1,2} ?[ap]m"
_ZONE = r" ?(?:Z|UTC|GMT|[+-]\d{2}:?\d{2})"
_CLOCK = rf"(?:[T ](?:{_TIME})(?:{_ZONE})?)?"
_CLOCKS = (
    "", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", "T%H:%M", "T%H:%M:%S", "T%H:%M:%S.%f", " %I:%M %p", " %I:%M:%S %p",
    " %I:%M%p", " %I:%M:%S%p", " %I:%M:%S.%f %p", " %I %p", " %I%p", " %H:%M:%S%z", " %H:%M%z", "T%H:%M:%S%z",
)  # fmt: skip


def _with(separators: str, *forms: str) -> tuple[str, ...]:
    """Return the formats with every separator in the place of "|"."""
    return tuple(form.replace("|", separator) for separator, form in product(separators, forms))


_MONTH_AND_YEAR = rf"{_MONTH}[ \-/,.']{{1,2}}\d{{2}}"
_MONTH_AND_DAY = rf"{_MONTH}[ \-/,.']{{1,2}}\d"  # with one digit it is no year, and neither are the others'
_DAY_AND_MONTH = rf"\d{{1,2}}[ \-/.]?{_MONTH}\.?|{_MONTH}[ \-/]\d{{1,2}}|\d{{1,2}}\.\d{{1,2}}\."

_MAY_BE_DAY = re.compile(r"\d{1,2}\W{0,2}(?:de )?[^\W\d]{3,10}\.?|[^\W\d]{3,10}\W{0,2}\d{1,2}|\d{1,2}\.\d{1,2}\.")

# The form of a date without its time of day, and the strptime formats that it may stand for.
_FORMS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (rf"{_YEAR}-\d{{1,2}}-\d{{1,2}}", ("%Y-%m-%d", "%Y-%d-%m")),
    (rf"{_YEAR}/\d{{1,2}}/\d{{1,2}}", ("%Y/%m/%d", "%Y/%d/%m")),
    (rf"{_YEAR}\.\d{{1,2}}\.\d{{1,2}}\.?", ("%Y.%m.%d", "%Y.%m.%d.")),
    (rf"\d{{1,2}}\.\d{{1,2}}\.{_YEAR}", ("%d.%m.%Y", "%m.%d.%Y")),
    (r"\d{1,2}\.\d{1,2}\.\d{2}", ("%d.%m.%y", "%m.%d.%y")),
    (rf"\d{{1,2}}/\d{{1,2}}/{_YEAR}", ("%m/%d/%Y", "%d/%m/%Y")),
    (r"\d{1,2}/\d{1,2}/\d{2}", ("%m/%d/%y", "%d/%m/%y", "%y/%m/%d")),
    (rf"\d{{1,2}}-\d{{1,2}}-{_YEAR}", ("%m-%d-%Y", "%d-%m-%Y")),
    (r"\d{1,2}-\d{1,2}-\d{2}", ("%m-%d-%y", "%d-%m-%y", "%y-%m-%d")),
    (rf"\d{{1,2}} \d{{1,2}} {_YEAR}", ("%m %d %Y", "%d %m %Y")),
    (rf"\d{{1,2}}[ \-/.]{_MONTH}[ \-/.]{_YEAR}", _with(" -/.", "%d|%b|%Y", "%d|%B|%Y")),
    (rf"\d{{1,2}}[ \-/.]{_MONTH}[ \-/.]\d{{2}}", _with(" -/.", "%d|%b|%y", "%d|%B|%y")),
    (rf"\d{{1,2}}{_MONTH}{_YEAR}", ("%d%b%Y", "%d%B%Y")),
    (rf"\d{{1,2}}{_MONTH}\d{{2}}", ("%d%b%y", "%d%B%y")),
    (rf"\d{{1,2}} {_MONTH}, {_YEAR}", ("%d %b, %Y", "%d %B, %Y")),
    (rf"{_MONTH} \d{{1,2}},? {_YEAR}", ("%b %d, %Y", "%B %d, %Y", "%b %d %Y", "%B %d %Y")),
    (rf"{_MONTH}[\-/]\d{{1,2}}[\-/]{_YEAR}", _with("-/", "%b|%d|%Y", "%B|%d|%Y")),
    (rf"{_MONTH}[ \-/]\d{{1,2}},?[ \-/]\d{{2}}", ("%b %d, %y", "%B %d, %y", *_with(" -/", "%b|%d|%y", "%B|%d|%y"))),
    (rf"{_YEAR}[ \-/]{_MONTH}[ \-/]\d{{1,2}}", _with(" -/", "%Y|%b|%d", "%Y|%B|%d")),
    (rf"{_WEEKDAY},? \d{{1,2}} {_MONTH},? {_YEAR}", ("%a, %d %b %Y", "%A, %d %B %Y", "%a %d %b %Y", "%A %d %B %Y")),
    (rf"{_WEEKDAY},? {_MONTH} \d{{1,2}},? {_YEAR}", ("%a, %b %d, %Y", "%A, %B %d, %Y", "%a %b %d %Y", "%A %B %d %Y")),
    # A month alone is its first day.
    (rf"{_MONTH}[ \-/,.']{{1,2}}{_YEAR}", ("%b, %Y", "%B, %Y", *_with(" -/.", "%b|%Y", "%B|%Y"))),
    (_MONTH_AND_YEAR, ("%b '%y", "%B '%y", "%b'%y", *_with(" -/.", "%b|%y", "%B|%y"))),
    (rf"{_MONTH}{_YEAR}", ("%b%Y", "%B%Y")),
    (rf"{_YEAR}[ \-/.]{_MONTH}", _with(" -/.", "%Y|%b", "%Y|%B")),
    (rf"\d{{1,2}}[\-/]{_YEAR}", _with("-/", "%m|%Y")),
    (rf"{_YEAR}/\d{{1,2}}", ("%Y/%m",)),
)  # fmt: skip
_ISO_FORM = rf"{_YEAR}-\d{{2}}(-\d{{2}}([T ]\d{{1,2}}:\d{{2}}(:\d{{2}}(\.\d{{1,9}})?)?({_ZONE})?)?)?"
_COMPACT = (r"(?:19|20)\d{6}", ("%Y%m%d",))
_COMPACT_TIMES = (
    (r"(?:19|20)\d{6}[T _-]?\d{4}", ("%Y%m%d%H%M", *_with(" T_-", "%Y%m%d|%H%M"))),
    (r"(?:19|20)\d{6}[T _-]?\d{6}Z?", ("%Y%m%d%H%M%S", *_with(" T_-", "%Y%m%d|%H%M%S"))),
)
# Plain numbers that are dates only if a person says so.
_YEARS = (_YEAR, ("%Y",))


@dataclass(frozen=True, eq=False)
class Dates:
    """The dates of a column.

    Attributes:
        values: datetime64[us] (k,), one for each different value of its words; NaT for what is not a date.
        formats: the strptime formats that are read, or `ISO`.
        other: the formats with day and month exchanged, if they fit as well; else ().
    """

    values: pd.Series
    formats: tuple[str, ...]
    other: tuple[str, ...] = ()


def date_formats() -> frozenset[str]:
    """Return every format that is tried."""
    plain = [format for _, formats in (*_COMPACT_TIMES, _COMPACT, _YEARS) for format in formats]
    clocked = [format + clock for _, formats in (*_FORMS, _COMPACT, _YEARS) for format in formats for clock in _CLOCKS]
    return frozenset([ISO, *plain, *clocked])


def find_dates(words: Words, day_first: bool | None, least: float) -> Dates | None:
    """Return the dates of a column, in the form that most of its values have.

    Args:
        words: what counts as missing is null.
        day_first: the order of day and month where the values do not tell; None if it is not known, where the month
            comes first, except with dots.
        least: the share of the values that must be dates; 0 if a person says that they are.

    Returns:
        None if less than that are dates.
    """
    if not words.present:
        return None
    probe = words.probe(PROBE if least else len(words.different))
    shortest = _SHORTEST if least else 1
    may_be = sum(len(word) >= shortest and any(map(str.isdecimal, word)) for word in probe)
    if may_be < max(1, least / 2 * len(probe)):
        return None
    found = [
        Dates(dates, formats)
        for formats in _candidates(probe, least)
        if (dates := read_dates(words.different, formats)) is not None
    ]
    if not found:
        return None
    shares = [words.rows_with(dates.values.notna().to_numpy()) / words.present for dates in found]
    best = max(shares)
    if best < max(least, 1e-9):
        return None
    likely = [dates for dates, share in zip(found, shares, strict=True) if share == best]
    # Two digits are the year at the end rather than at the start.
    ordered = sorted(
        likely, key=lambda dates: (dates.formats[0][:2] == "%y", not _is_ordered(dates.formats, day_first))
    )
    first = ordered[0]
    exchanged = set() if day_comes_first(first.formats) is None else _exchanged(first.formats)
    other = next((dates.formats for dates in likely if set(dates.formats) == exchanged), ())
    return Dates(first.values, first.formats, other)


def read_dates(written: pa.Array, formats: Sequence[str]) -> pd.Series:
    """Return the dates in these formats, datetime64[us]; NaT for other values."""
    cleaned = as_series(_cleaned(written, formats))
    dates = pd.Series(pd.NaT, index=cleaned.index, dtype="datetime64[us]")
    for format in formats:
        read = pd.to_datetime(cleaned, format=format, errors="coerce", utc=True)
        dates = dates.fillna(read.dt.tz_localize(None).astype("datetime64[us]"))
        if dates.notna().sum() == len(dates) - cleaned.isna().sum():
            break
    return dates


def lacks_year(words: Sequence[str], least: float) -> bool:
    """Return whether so many words are a day and a month without a year, such as 18-Jan, which is no date."""
    if sum(_MAY_BE_DAY.fullmatch(word) is not None for word in words) < least * len(words):
        return False
    cleaned: list[str] = _cleaned(pa.array(words, pa.string()), ()).to_pylist()
    fits = sum(re.fullmatch(_DAY_AND_MONTH, word, re.IGNORECASE) is not None for word in cleaned)
    return fits >= max(1, least * len(words))


def _cleaned(written: pa.Array, formats: Sequence[str]) -> pa.Array:
    """Return words as the formats expect them: in English, without ordinals, points behind months, and zones' names."""
    is_foreign = pc.any(pc.match_substring_regex(written, FOREIGN)).as_py()
    for pattern, instead in CLEANING if is_foreign else _CLEANING:
        written = pc.replace_substring_regex(written, pattern, instead)
    if ISO in formats:
        return pc.replace_substring_regex(written, r"\s*(?:Z|UTC|GMT)$", "Z")
    return pc.replace_substring_regex(written, r"\s*(?:Z|UTC|GMT)$", "")


_CLEANING = (
    (r"(\d)(?:st|nd|rd|th)\b", r"\1"),
    (r"(\d)(?:er\b|[ºª°])", r"\1"),
    (r"(?i)(\d)\. ([a-z]{3})", r"\1 \2"),  # 7. January
    (r"(?i)\b(sep)t\b", r"\1"),
    (r"(?i)(^|[ \-/,])([a-z]{3,4})\.( ?\d)", r"\1\2\3"),
    (r"(?i)\b([ap])\.m\.?", r"\1m"),
    (r"\s{2,}", " "),
)
# What people write in dates and strptime does not take: the pattern, and what replaces it.
CLEANING = ((r"(?i) del? ", " "), *TO_ENGLISH, *_CLEANING)


def _candidates(probe: list[str], least: float) -> Iterator[tuple[str, ...]]:
    """Yield the formats, each with its clocks, that most of the first values have."""
    if least:
        probe = probe[:PROBE]
    cleaned: list[str] = _cleaned(pa.array(probe, pa.string()), ()).to_pylist()
    if _seen(_ISO_FORM, probe, least):
        yield (ISO,)
    has_days = any(re.fullmatch(_MONTH_AND_DAY, word, re.IGNORECASE) for word in cleaned)
    for form, formats in (*_FORMS, *([] if least else [_COMPACT, _YEARS])):
        if form == _MONTH_AND_YEAR and has_days:
            continue
        seen = _seen(form + _CLOCK, cleaned, least)
        yield from _fitting(formats, _likely_clocks(seen), seen, least)
    if is_compact_date(cleaned, least):
        yield from _fitting(_COMPACT[1], ("",), _seen(_COMPACT[0], cleaned, least), least)
    for form, formats in _COMPACT_TIMES:
        yield from _fitting(formats, ("",), _seen(form, cleaned, least), least)


def _likely_clocks(words: Sequence[str]) -> list[str]:
    """Return the clocks that some of these dates may have: trying all takes long."""
    halves = any(re.search(r"\d ?[ap]m\b", word, re.IGNORECASE) for word in words)
    times = any(":" in word for word in words)
    iso = any(re.search(r"\dT\d", word) for word in words)
    zone = any(re.search(r":\d{2}.*[+-]\d{2}:?\d{2}$", word) for word in words)
    return [
        clock
        for clock in _CLOCKS
        if not clock
        or (("%p" in clock) == halves and (halves or times) and ("T" in clock) == iso and (zone or "%z" not in clock))
    ]


def _seen(form: str, words: Sequence[str], least: float) -> list[str]:
    """Return the words that have a form, if they are enough to look at."""
    pattern = re.compile(form, re.IGNORECASE)
    seen = [word for word in words if pattern.fullmatch(word)]
    return seen if len(seen) >= least / 2 * len(words) else []


def _fitting(
    formats: Sequence[str], clocks: Sequence[str], seen: Sequence[str], least: float
) -> Iterator[tuple[str, ...]]:
    """Yield the formats that most of the words have, each with the clocks that occur, the most frequent first.

    A format with short names of months comes with the one with long names, if some words have those: as in Janv., Mars.
    """
    words = set(seen)
    for format in formats if seen else ():
        long = format.replace("%b", "%B").replace("%a", "%A")
        if long == format and _with_short_names(format) in formats:
            continue  # comes with that one
        both = [format, long] if long != format and long in formats else [format]
        fits = {
            one + clock: {word for word in words if _is_date(word, one + clock)} for one in both for clock in clocks
        }
        read: set[str] = set()
        found = []
        for one in sorted(fits, key=lambda one: -len(fits[one])):
            if fits[one] - read:
                found.append(one)
                read |= fits[one]
        if len(read) >= max(1, (least - _CLOCK_GIVEN) * len(words)):
            yield tuple(found)


def _with_short_names(format: str) -> str | None:
    """Return a format with long names of months and days with short ones; None if it has no names."""
    short = format.replace("%B", "%b").replace("%A", "%a")
    return short if short != format else None


def is_compact_date(words: Sequence[str], least: float = 0.95) -> bool:
    """Return whether numbers are dates, such as 20240131 or 202401311530: nearly every one is a day of a century."""
    for form, formats in (_COMPACT, *_COMPACT_TIMES):
        dates = {word for word in words if re.fullmatch(form, word) and _is_date(word, formats[0])}
        if len(dates) >= max(_FEWEST_COMPACT, least * len(words)):
            return True
    return False


def _is_date(word: str, format: str) -> bool:
    try:
        datetime.strptime(word, format)
    except ValueError:
        return False
    return True


def _is_ordered(formats: tuple[str, ...], day_first: bool | None) -> bool:
    """Return whether formats have day and month in the likely order."""
    found = day_comes_first(formats)
    likely = "." in formats[0][:6] if day_first is None else day_first
    return found is None or found == likely


def day_comes_first(formats: Sequence[str]) -> bool | None:
    """Return the order of day and month in formats of numbers; None if they lack one, or start with the year."""
    if not formats or formats[0].lower().startswith("%y"):
        return None
    day, month = formats[0].find("%d"), formats[0].find("%m")
    return None if min(day, month) < 0 else day < month


def _exchanged(formats: tuple[str, ...]) -> set[str]:
    """Return the formats with day and month exchanged."""
    return {one.replace("%d", "\0").replace("%m", "%d").replace("\0", "%m") for one in formats}
