"""What is said about how the columns of a file were read: one sentence for each decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

_SHOWN_WORDS = 5
_LONGEST_WORD = 40


def counted(words: Mapping[str, int]) -> str:
    """Return words with the number of rows that have them.

    >>> counted({"..": 4, "NA": 1})
    "'..' (4), 'NA' (1)"
    """
    shown = [f"{_short(word)} ({count:,})" for word, count in list(words.items())[:_SHOWN_WORDS]]
    return ", ".join(shown) + (f" and {len(words) - _SHOWN_WORDS:,} more" if len(words) > _SHOWN_WORDS else "")


def missing(name: str, words: Mapping[str, int]) -> str:
    """Return that words count as missing."""
    count = sum(words.values())
    start = "1 value counts" if count == 1 else f"{count:,} values count"
    return f"{name!r}: {start} as missing: {counted(words)}."


def kept(name: str, words: Sequence[str], others: Sequence[str]) -> str:
    """Return that words that look like missing values count as values."""
    beside = ", ".join(map(_short, others[:3]))
    return f"{name!r}: {', '.join(map(_short, words))} counts as a value, beside {beside}."


def strays(name: str, kind: str, count: int, words: Mapping[str, int]) -> str:
    """Return that `count` values are of another kind ("number" or "date") than the column, and count as missing."""
    if count == 1:
        return f"1 value in the column {name!r} is not a {kind} and counts as missing: {counted(words)}."
    return f"{count:,} values in the column {name!r} are not {kind}s and count as missing: {counted(words)}."


def read_number(name: str, written: str, value: float, doubt: float | None) -> str:
    """Return as which number a value was read, and as which one it could be read too."""
    said = f"{name!r}: {_short(written)} is read as {value:.12g}"
    if doubt is None:
        return f"{said}."
    other = "." if ("," in written) == (abs(doubt) >= 1000) else ","
    return f"{said}, but it may be {doubt:.12g}: then choose {other!r} as the decimal separator (`decimal`)."


def read_date(name: str, written: str, value: str, doubt: str) -> str:
    """Return as which date a value was read, and as which one it could be read too ("" for none)."""
    said = f"{name!r}: {_short(written)} is read as {value}"
    return f"{said}, but it may be {doubt}: then choose the order of day and month (`dates`)." if doubt else f"{said}."


def without_year(name: str, written: str, type: str) -> str:
    """Return that days and months without a year were not read as dates."""
    return (
        f"{name!r}: {_short(written)} has a day and a month but no year, so it is no date and is read as {type}. Add "
        "the year to read it as a date."
    )


def mixed(name: str, forms: str, type: str) -> str:
    """Return that numbers in several forms were not read as numbers."""
    return (
        f"{name!r} has numbers in different forms ({forms}), so it is read as {type}. To read it as numbers all the "
        "same, set its type to number (`number_columns`)."
    )


def read_otherwise(name: str) -> str:
    """Return that a column of rows to predict is not written as in training."""
    return f"{name!r} is not written as in the training file, so it is read by its own values."


def is_about(note: str, name: str) -> bool:
    """Return whether a note of this module is about a column."""
    return note.startswith((f"{name!r}: ", f"{name!r} has numbers in ")) or f" in the column {name!r} " in note


def _short(word: str) -> str:
    return repr(word if len(word) <= _LONGEST_WORD else word[: _LONGEST_WORD - 1] + "…")
