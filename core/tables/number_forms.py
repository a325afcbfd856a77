"""Numbers as people write them: currency, percent and units, thousands of every school, brackets for below zero.

How a column is read is decided for the column as a whole. 1.234 alone may be more than one thousand or a little more
than one; the column's other values say which, or the person who brought the file.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from core.tables.cell_values import is_number
from core.tables.column_words import Words
from core.tables.number_signs import (
    APOSTROPHES,
    BEFORE,
    BEHIND,
    CURRENCY,
    GAPS,
    INFINITY,
    MINUSES,
    MOST_SURROUNDINGS,
    ORDINALS,
    SCALES,
    VALUE,
)
from core.tables.table import Surroundings

NEARLY_ALL = 0.95
_MARKS_SHOWN = 3
_LOOKED_AT = 1_000  # values
_MARKS_MOST = 40  # of a column
_FEW_MARKS = 5  # of several, that are worth asking about
_MANY_NUMBERS = 3  # different ones, from which "12cm" is a number with a unit and not a code
_BEGINNING = re.compile(rf"{BEFORE.pattern.replace('[-+]', f'[-+{MINUSES[1:-1]}]')}[.,]?[0-9]|[+-]?[iI][nN][fF]")


@dataclass(frozen=True, eq=False)
class Numbers:
    """The numbers of a column.

    Attributes:
        values: float64 (k,), one for each different value of its words; NaN for what is not a number.
        fits: bool (k,), which different values are numbers.
        decimal, marks, scaled: as in `ColumnForm`.
        example: a value that is not written plainly, and the number that it is read as; None if all are plain.
        doubt: another reading of the example that is as likely; None if there is none.
    """

    values: NDArray[np.float64]
    fits: NDArray[np.bool_]
    decimal: str
    marks: tuple[str, ...]
    scaled: bool
    example: tuple[str, float] | None
    doubt: float | None = None


@dataclass(frozen=True)
class Mixed:
    """Why a column that looks like numbers is not read as numbers: they are written in several ways.

    Attributes:
        forms: the ways, as a phrase.
        asks: whether the column is probably meant as numbers; words such as 1st and 2nd are not.
    """

    forms: str
    asks: bool


@dataclass(frozen=True, eq=False)
class _Parts:
    """The parts of the different values of a column.

    Attributes:
        core: text (k,), digits and the signs between them; "" for what does not consist of these parts.
        power: text (k,), e5 and the like, or "".
        marks: the different marks before and behind, each with its own parts: ("$", "", "M", "").
        mark: int (k,), the index of every value's marks.
        glued: whether a letter follows a digit without a space, and nowhere with one.
        negative: bool (k,).
        fits: bool (k,), whether the value consists of these parts.
    """

    core: pa.Array
    power: pa.Array
    marks: list[tuple[str, ...]]
    mark: NDArray[np.intp]
    glued: bool
    negative: NDArray[np.bool_]
    fits: NDArray[np.bool_]

    def rows_by_mark(self, counts: NDArray[np.int64]) -> dict[str, int]:
        """Return how many rows have each of the marks, joined."""
        rows = np.bincount(self.mark[self.fits], weights=counts[self.fits], minlength=len(self.marks))
        found: dict[str, int] = {}
        for parts, count in zip(self.marks, rows, strict=True):
            if count:
                found["".join(parts)] = found.get("".join(parts), 0) + int(count)
        return found


def find_numbers(words: Words, around: Surroundings, least: float = NEARLY_ALL) -> Numbers | Mixed | None:
    """Return the numbers of a column, in the form that most of its values have.

    Args:
        words: what counts as missing is null.
        around: what the file says about its decimal separator.
        least: the share of the values that must be numbers; 0 if a person says that they are.

    Returns:
        None if less than that are numbers.
    """
    if not words.present:
        return None
    if least and (plain := _plain_column(words, around)) is not None:
        return plain
    parts = _parts(words, least)
    if parts is None:
        return None
    by_mark = parts.rows_by_mark(words.counts)
    scaled = _is_scaled(by_mark)
    mixed = _mixed_marks(words, parts, by_mark) if least and not scaled else None
    if mixed is not None:
        return mixed
    if least and _is_code(parts, scaled):
        return None
    by_point, by_comma = (_fits(parts, sign) for sign in ".,")
    shares = {sign: words.rows_with(fits) / words.present for sign, fits in ((".", by_point), (",", by_comma))}
    chosen, doubtful = _decimal(parts, around, shares, max(least, 1e-9))
    fits = by_point if chosen == "." else by_comma
    if shares[chosen] < max(least, 1e-9):
        if least and words.rows_with(by_point | by_comma) / words.present >= least:
            examples = [_first(words, by_point & ~by_comma), _first(words, by_comma & ~by_point)]
            return Mixed(" and ".join(repr(example) for example in examples if example), True)
        return None
    return _numbers(words, parts, fits, chosen, scaled, doubtful, around.decimal)


def _plain_column(words: Words, around: Surroundings) -> Numbers | None:
    """Return the numbers of a column whose values are all plain; the fast path."""
    decimal = around.decimal
    probe = [word.replace(decimal, ".") for word in words.probe()]
    if not all(map(is_number, probe)):
        return None
    fits = _plain(words, decimal, decimal)
    if int(fits.sum()) < int(words.valid.sum()):
        return None
    zeros = sum(len(word) > 1 and word[0] == "0" and word.isdecimal() for word in probe)
    if zeros or (is_ambiguous(probe) and not (around.certain or around.chosen)):
        return None
    written = pc.replace_substring(words.different, decimal, ".")
    values = np.array(written.cast(pa.float64()).to_numpy(zero_copy_only=False), np.float64)
    return Numbers(values, fits, decimal, (), False, None)


def looks_like_numbers(words: Words) -> bool:
    """Return whether at least half of the first different values have the parts of numbers."""
    probe = words.probe()
    # Most columns of words end here: to split them takes fifty times as long.
    if sum(_BEGINNING.match(word) is not None for word in probe) < len(probe) / 2:
        return False
    first = _split(pa.array(probe, pa.string()))
    return first is not None and int(first.fits.sum()) >= len(probe) / 2


def read_numbers(words: Words, decimal: str, scaled: bool) -> Numbers | None:
    """Return the numbers of a column with this decimal separator; None if no value is a number."""
    parts = _parts(words, 0)
    return None if parts is None else _numbers(words, parts, _fits(parts, decimal), decimal, scaled)


def _parts(words: Words, least: float) -> _Parts | None:
    """Return the parts of all values; None if too few of the first ones consist of them."""
    return None if least and not looks_like_numbers(words) else _split(words.different)


def _split(values: pa.Array) -> _Parts | None:
    """Return the parts of values, null for missing ones; None if no value has them."""
    written = pc.replace_substring_regex(pc.fill_null(values, ""), MINUSES, "-")
    found = pc.extract_regex(written, VALUE)
    infinite = pc.match_substring_regex(written, INFINITY)
    fits = pc.or_(found.is_valid(), infinite).to_numpy(zero_copy_only=False)
    if not fits.any():
        return None
    parts = {name: pc.fill_null(found.field(name), "") for name in ("before", "core", "power", "behind")}
    core = pc.if_else(infinite, pc.replace_substring_regex(written, "^[+-]?.*$", "inf"), parts["core"])
    before, behind = (parts[name].dictionary_encode() for name in ("before", "behind"))
    if max(len(before.dictionary), len(behind.dictionary)) > MOST_SURROUNDINGS:
        return None
    lefts = [BEFORE.fullmatch(text) for text in before.dictionary.to_pylist()]
    rights = [BEHIND.fullmatch(text) for text in behind.dictionary.to_pylist()]
    left, right = before.indices.to_numpy(), behind.indices.to_numpy()
    opened = np.array([bool(match and match["open"]) for match in lefts])[left]
    closed = np.array([bool(match and match["close"]) for match in rights])[right]
    known = (
        np.array([match is not None for match in lefts])[left]
        & np.array([match is not None for match in rights])[right]
    )
    minuses = np.array([_count(match, "sign", "inner") for match in lefts])[left]
    minuses += np.array([_count(match, "last") for match in rights])[right]
    minuses += pc.and_(infinite, pc.starts_with(written, "-")).to_numpy(zero_copy_only=False)
    pairs, mark = np.unique(left.astype(np.int64) * len(rights) + right, return_inverse=True)
    marks = [_marks(lefts[pair // len(rights)], rights[pair % len(rights)]) for pair in pairs]
    fits = fits & known & (opened == closed)
    behinds = [str(text) for text in behind.dictionary.take(pa.array(np.unique(right[fits]))).to_pylist()]
    glued = any(text[:1].isalpha() for text in behinds) and not any(text[:1] == " " for text in behinds)
    return _Parts(core, parts["power"], marks, mark, glued, (minuses + opened) % 2 == 1, fits)


def _count(match: re.Match[str] | None, *names: str) -> int:
    """Return how many of the named signs are a minus."""
    return sum(match[name] == "-" for name in names) if match else 0


def _marks(left: re.Match[str] | None, right: re.Match[str] | None) -> tuple[str, ...]:
    if left is None or right is None:
        return ()
    found = (left["first"], left["second"], right["unit"], right["end"])
    return tuple((mark or "").strip() for mark in found)


def _fits(parts: _Parts, decimal: str) -> NDArray[np.bool_]:
    """Return which values are numbers with this decimal separator: bool (k,)."""
    comma = decimal == ","
    point, groups = (",", r"\.") if comma else (r"\.", ",")
    grouped = "|".join(f"(?:{mark}[0-9]{{3}})+" for mark in (groups, f"[{APOSTROPHES}]", f"[{GAPS}]"))
    indian = "" if comma else "|[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3}"
    whole = rf"[0-9]+|[1-9][0-9]{{0,2}}(?:{grouped}){indian}"
    form = rf"^(?:(?:{whole})(?:{point}[0-9]*)?|{point}[0-9]+|inf)$"
    matches: NDArray[np.bool_] = pc.match_substring_regex(parts.core, form).to_numpy(zero_copy_only=False)
    return matches & parts.fits


def _decimal(parts: _Parts, around: Surroundings, shares: dict[str, float], least: float) -> tuple[str, bool]:
    """Return the decimal separator of a column, and whether the other one is as likely."""
    decimal = around.decimal
    if around.chosen:
        return decimal, False
    other = "," if decimal == "." else "."
    if min(shares.values()) < least or shares[decimal] != shares[other]:
        return max((decimal, other), key=lambda sign: shares[sign]), False
    if around.certain:
        return decimal, False
    # Every value can be read in both ways: 950, 1.234, 12.500.
    cores = parts.core.filter(pa.array(parts.fits))

    def some(pattern: str) -> bool:
        return bool(pc.any(pc.match_substring_regex(cores, pattern)).as_py())

    signs = [sign for sign in ".," if some(re.escape(sign))]
    if len(signs) != 1:
        return decimal, len(signs) == 2
    if signs != [decimal]:
        return decimal, False
    small = some("^[0-9]{1,3}$") and not some("^[0-9]{4,}$")  # decimals would be 950.000
    return (other, True) if small and some("[.,][0-9]*0$") else (decimal, True)  # and 12.500 would be 12.5


def _numbers(
    words: Words,
    parts: _Parts,
    fits: NDArray[np.bool_],
    decimal: str,
    scaled: bool,
    doubtful: bool = False,
    of_file: str = ".",
) -> Numbers:
    values = _values(parts, fits, decimal, scaled)
    used = np.unique(parts.mark[fits])
    marks = tuple({mark: None for place in used for mark in parts.marks[place] if mark})
    example = doubt = None
    odd = np.flatnonzero(fits & ~_plain(words, decimal, of_file))
    if len(odd):
        # The example with the most signs says the most.
        place = int(max(odd[:1000], key=lambda place: _oddness(str(words.different[int(place)].as_py()))))
        example = str(words.different[place].as_py()), float(values[place])
    if doubtful:
        other = "," if decimal == "." else "."
        others = _values(parts, _fits(parts, other), other, scaled)
        differing = np.flatnonzero(fits & ~np.isnan(others) & (values != others))
        if len(differing):
            place = int(differing[0])
            example, doubt = (str(words.different[place].as_py()), float(values[place])), float(others[place])
    return Numbers(values, fits, decimal, marks[:_MARKS_MOST], scaled, example, doubt)


def _values(parts: _Parts, fits: NDArray[np.bool_], decimal: str, scaled: bool) -> NDArray[np.float64]:
    core = pc.replace_substring_regex(parts.core, f"[{'.' if decimal == ',' else ','}{APOSTROPHES}{GAPS}]", "")
    if decimal == ",":
        core = pc.replace_substring(core, ",", ".")
    whole = pc.binary_join_element_wise(core, parts.power, pa.scalar("", core.type))
    numbers = pc.if_else(pa.array(fits), whole, pa.scalar(None, whole.type)).cast(pa.float64())
    values = np.array(numbers.to_numpy(zero_copy_only=False), np.float64)
    values[parts.negative] *= -1
    if scaled:
        values *= np.array([SCALES.get(_scale("".join(mark)), 1.0) for mark in parts.marks])[parts.mark]
    return values


def _plain(words: Words, decimal: str, of_file: str) -> NDArray[np.bool_]:
    """Return which values are plain numbers with the decimal separator of the file: bool (k,)."""
    point = re.escape(decimal) if decimal == of_file else "x"
    plain = rf"^[+-]?([0-9]+{point}?[0-9]*|{point}[0-9]+)([eE][+-]?[0-9]+)?$|^[+-]?(inf|Inf|Infinity)$"
    matches = pc.fill_null(pc.match_substring_regex(words.different, plain), False)
    found: NDArray[np.bool_] = matches.to_numpy(zero_copy_only=False)
    return found


def _oddness(word: str) -> int:
    return sum(not letter.isdecimal() for letter in word)


def _is_code(parts: _Parts, scaled: bool) -> bool:
    """Return whether the values have leading zeros, as codes have, or are few short codes such as 4WD."""
    places = np.flatnonzero(parts.fits)[:_LOOKED_AT]
    fitting = [str(core) for core in parts.core.take(pa.array(places)).to_pylist()]
    zeros = sum(len(core) > 1 and core[0] == "0" and core.isdecimal() for core in fitting)
    if zeros > (1 - NEARLY_ALL) * len(fitting):
        return True
    marked = {core for core, mark in zip(fitting, parts.mark[places], strict=True) if any(parts.marks[mark])}
    return parts.glued and not scaled and len(marked) < _MANY_NUMBERS


def _scale(mark: str) -> str:
    """Return the word behind a number that multiplies it, in lower case, without a currency."""
    return re.sub(f"{CURRENCY}", "", mark).strip(" .").lower()


def _is_scaled(marks: Iterable[str]) -> bool:
    """Return whether K, M and B multiply: several of them occur, or they stand behind amounts of money."""
    scales = {_scale(mark) for mark in marks}
    if not scales - {""} or not scales <= {"", *SCALES}:
        return False
    return len(scales) > 1 or any(_scale(mark) != mark.strip(" .").lower() for mark in marks)


def _mixed_marks(words: Words, parts: _Parts, by_mark: dict[str, int]) -> Mixed | None:
    """Return the different marks of numbers that do not mean the same; None if all have the same mark or none."""
    rows: Counter[str] = Counter()
    for mark, count in by_mark.items():
        rows[_same(mark)] += count
    marked = [mark for mark in rows if mark]
    if not marked or max(rows.values()) >= NEARLY_ALL * rows.total():
        return None
    if len(marked) == 1 and not (marked == ["%"] and _has_shares(parts)):
        return None
    money = any(re.match(f"(?i)({CURRENCY}|%)$", mark) for mark in marked)
    asks = len(marked) <= _FEW_MARKS and (money or words.unique > _FEW_MARKS) and not set(marked) & ORDINALS
    shown = ", ".join(repr(mark) for mark in marked[:_MARKS_SHOWN]) + (", …" if len(marked) > _MARKS_SHOWN else "")
    return Mixed(f"{shown} and numbers without" if rows[""] else shown, asks)


def _same(mark: str) -> str:
    """Return a mark in the one spelling that stands for all others."""
    return mark.strip(" .").casefold().replace("²", "2").replace("³", "3")


def _has_shares(parts: _Parts) -> bool:
    """Return whether, beside percentages, some numbers without the sign are between 0 and 1."""
    bare = np.array([not any(marks) for marks in parts.marks])[parts.mark] & parts.fits
    return bool(pc.any(pc.match_substring_regex(parts.core.filter(pa.array(bare)), "^0?[.,]")).as_py())


def _first(words: Words, chosen: NDArray[np.bool_]) -> str:
    places = np.flatnonzero(chosen)
    return str(words.different[int(places[0])].as_py()) if len(places) else ""


def is_grouped_by_comma(word: str) -> bool:
    """Return whether a number has a comma, which is no plain number."""
    return "," in word


def is_ambiguous(words: Sequence[str]) -> bool:
    """Return whether all numbers are whole or have a point before three digits, which may separate thousands."""
    pointed = [word for word in words if "." in word]
    return bool(pointed) and all(_MAY_BE_GROUPED.fullmatch(word) for word in words)


_MAY_BE_GROUPED = re.compile(r"[+-]?(?:[0-9]{1,3}|[1-9][0-9]{0,2}\.[0-9]{3})")
