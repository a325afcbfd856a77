"""Numbers as people write them: currency, percent and units, thousands of every school, brackets for below zero.

How a column is read is decided for the column as a whole. 1.234 alone may be more than one thousand or a little more
than one; the column's other values say which, or the person who brought the file.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from core.tables.column_words import Words

NEARLY_ALL = 0.95
_MARKS_SHOWN = 3
_MARKS_MOST = 40  # of a column
_FEW_MARKS = 5  # of several, that are worth asking about
_MANY_NUMBERS = 3  # different ones, from which "12cm" is a number with a unit and not a code

_CODES = (
    "USD|EUR|GBP|CHF|JPY|CNY|RMB|INR|AUD|CAD|NZD|SEK|NOK|DKK|ISK|PLN|CZK|HUF|RON|BGN|RUB|UAH|BRL|ARS|CLP|COP|ZAR|TRY|KRW|"
    "MXN|SGD|HKD|THB|IDR|PHP|VND|MYR|AED|SAR|ILS|NGN|KES|EGP|PKR|BDT|LKR"
)
_CURRENCY = rf"(?:[A-Z]{{0,2}}[\$€£¥₹₽₩₺₴₪฿₫₦₱₲₡₵₸₮₿¢]|(?i:{_CODES})|Rs\.?|RM|Kč|kr\.?|Fr\.?|zł)"
_GAPS = " \u00a0\u202f\u2009"
_APOSTROPHES = "'’‘`´"
_WHOLE = rf"[0-9]+(?:[.,{_APOSTROPHES}{_GAPS}][0-9]+)*[.,]?|[.,][0-9]+|inf|Inf|INF|Infinity|∞"
_UNIT = r"[%‰°\pL\p{Sc}µ\"#][^0-9()]{0,14}|[\pL/]{0,13}[\pL][²³23]|[\pL]{1,4}/[0-9]{1,4} ?[\pL]{1,4}"
_FORM = (
    rf"^(?P<first>{_CURRENCY}|%)?\s*(?P<open>\()?\s*(?P<sign>[-+])?\s*(?P<before>{_CURRENCY}|%)?\s*"
    rf"(?P<inner>[-+])?\s*(?P<core>{_WHOLE})(?P<power>[eE][+-]?[0-9]{{1,3}})?\s*(?P<unit>{_UNIT})?\s*"
    rf"(?P<last>[-+])?\s*(?P<close>\))?\s*(?P<behind>%|{_CURRENCY})?$"
)
_MINUSES = "[\u2212\u2012\u2013\ufe63\uff0d]"  # that are written instead of the hyphen

SCALES = {"k": 1e3, "m": 1e6, "mn": 1e6, "mio": 1e6, "mln": 1e6, "million": 1e6, "b": 1e9, "bn": 1e9, "billion": 1e9}
SCALES |= {"t": 1e12, "tn": 1e12, "thousand": 1e3, "lakh": 1e5, "crore": 1e7, "cr": 1e7}
_ORDINALS = {"st", "nd", "rd", "th"}


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
    """The parts of the different values of a column, each as text (k,), "" where a value has none.

    Attributes:
        core: digits and the signs between them.
        power: e5 and the like.
        marks: what stands before and behind, together, in the spelling of the file.
        around: the same in its parts.
        glued: whether a letter follows a digit without a space, and nowhere with one.
        negative: bool (k,).
        fits: bool (k,), whether the value consists of these parts.
    """

    core: pa.Array
    power: pa.Array
    marks: list[str]
    around: list[tuple[str, ...]]
    glued: bool
    negative: NDArray[np.bool_]
    fits: NDArray[np.bool_]


def find_numbers(words: Words, decimal: str, certain: bool, least: float = NEARLY_ALL) -> Numbers | Mixed | None:
    """Return the numbers of a column, in the form that most of its values have.

    Args:
        words: what counts as missing is null.
        decimal: the decimal separator of the file.
        certain: whether no other decimal separator is possible.
        least: the share of the values that must be numbers; 0 if a person says that they are.

    Returns:
        None if less than that are numbers.
    """
    if not words.present:
        return None
    parts = _parts(words, least)
    if parts is None:
        return None
    mixed = _mixed_marks(words, parts) if least else None
    scaled = _is_scaled(parts)
    if mixed and not scaled:
        return mixed
    if least and _is_code(parts, scaled):
        return None
    by_point, by_comma = (_fits(parts, sign) for sign in ".,")
    shares = {sign: words.rows_with(fits) / words.present for sign, fits in ((".", by_point), (",", by_comma))}
    chosen, doubtful = _decimal(words, parts, decimal, certain, shares, max(least, 1e-9))
    fits = by_point if chosen == "." else by_comma
    if shares[chosen] < max(least, 1e-9):
        if least and words.rows_with(by_point | by_comma) / words.present >= least:
            examples = [_first(words, by_point & ~by_comma), _first(words, by_comma & ~by_point)]
            return Mixed(" and ".join(repr(example) for example in examples if example), True)
        return None
    return _numbers(words, parts, fits, chosen, scaled, doubtful, decimal)


def read_numbers(words: Words, decimal: str, scaled: bool) -> Numbers | None:
    """Return the numbers of a column with this decimal separator; None if no value is a number."""
    parts = _parts(words, 0)
    return None if parts is None else _numbers(words, parts, _fits(parts, decimal), decimal, scaled)


def _parts(words: Words, least: float) -> _Parts | None:
    """Return the parts of all values; None if too few of the first ones consist of them."""
    written = pc.fill_null(words.different, "").cast(pa.large_string())
    written = pc.replace_substring_regex(written, _MINUSES, "-")
    if least:
        probe = [
            word for word in words.probe() if any(letter.isdecimal() for letter in word) or word.lower()[-3:] == "inf"
        ]
        if len(probe) < least / 2 * len(words.probe()):
            return None
    found = pc.extract_regex(written, _FORM)
    fits = found.is_valid().to_numpy(zero_copy_only=False)
    fields = {name: pc.fill_null(found.field(name), "") for name in _FIELDS}
    balanced = pc.equal(pc.equal(fields["open"], ""), pc.equal(fields["close"], "")).to_numpy(zero_copy_only=False)
    fits = fits & balanced & words.valid
    if not fits.any():
        return None
    minuses = sum(pc.equal(fields[name], "-").to_numpy(zero_copy_only=False).astype(int) for name in _SIGNS)
    bracketed = pc.equal(fields["open"], "(").to_numpy(zero_copy_only=False)
    around = [fields[name] for name in ("first", "before", "unit", "behind")]
    marks = pc.utf8_trim_whitespace(_joined(*around)).to_pylist()
    each = list(zip(*(pc.utf8_trim_whitespace(part).to_pylist() for part in around), strict=True))
    spaced = pc.match_substring_regex(written, r"[0-9] +\pL").to_numpy(zero_copy_only=False)
    glued = not bool(spaced[fits].any()) and any(
        unit and unit[0].isalpha() for unit, fit in zip(fields["unit"].to_pylist(), fits, strict=True) if fit
    )
    return _Parts(fields["core"], fields["power"], marks, each, glued, (minuses + bracketed) % 2 == 1, fits)


_FIELDS = ("first", "open", "sign", "before", "inner", "core", "power", "unit", "last", "close", "behind")
_SIGNS = ("sign", "inner", "last")


def _fits(parts: _Parts, decimal: str) -> NDArray[np.bool_]:
    """Return which values are numbers with this decimal separator: bool (k,)."""
    comma = decimal == ","
    point, groups = (",", r"\.") if comma else (r"\.", ",")
    grouped = "|".join(f"(?:{mark}[0-9]{{3}})+" for mark in (groups, f"[{_APOSTROPHES}]", f"[{_GAPS}]"))
    indian = "" if comma else "|[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3}"
    whole = rf"[0-9]+|[1-9][0-9]{{0,2}}(?:{grouped}){indian}"
    form = rf"^(?:(?:{whole})(?:{point}[0-9]*)?|{point}[0-9]+|inf|Inf|INF|Infinity|∞)$"
    matches: NDArray[np.bool_] = pc.match_substring_regex(parts.core, form).to_numpy(zero_copy_only=False)
    return matches & parts.fits


def _decimal(
    words: Words, parts: _Parts, decimal: str, certain: bool, shares: dict[str, float], least: float
) -> tuple[str, bool]:
    """Return the decimal separator of a column, and whether the other one is as likely."""
    if certain:
        return decimal, False
    other = "," if decimal == "." else "."
    if min(shares.values()) < least or shares[decimal] != shares[other]:
        return max((decimal, other), key=lambda sign: shares[sign]), False
    # Every value can be read in both ways: 950, 1.234, 12.500.
    cores = {str(core) for core, fit in zip(parts.core.to_pylist(), parts.fits, strict=True) if fit}
    signs = {sign for sign in ".," if any(sign in core for core in cores)}
    if not signs:
        return decimal, False
    if len(signs) == 2:
        return decimal, True
    (sign,) = signs
    if sign != decimal:
        return decimal, False
    plain = [core for core in cores if core.isdecimal()]
    small = bool(plain) and all(int(core) < 1000 for core in plain)  # decimals would be 950.000
    zero = any(core.endswith("0") for core in cores - set(plain))  # and 12.500 would be 12.5
    return (other, True) if small and zero else (decimal, True)


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
    marks = tuple({mark: None for each, fit in zip(parts.around, fits, strict=True) if fit for mark in each if mark})
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
    core = pc.replace_substring_regex(parts.core, f"[{'.' if decimal == ',' else ','}{_APOSTROPHES}{_GAPS}]", "")
    if decimal == ",":
        core = pc.replace_substring(core, ",", ".")
    core = pc.replace_substring(core, "∞", "inf")
    whole = _joined(core, parts.power)
    numbers = pc.if_else(pa.array(fits), whole, pa.scalar(None, whole.type)).cast(pa.float64())
    values = np.array(numbers.to_numpy(zero_copy_only=False), np.float64)
    values[parts.negative] *= -1
    if scaled:
        values *= np.array([SCALES.get(_scale(mark), 1.0) for mark in parts.marks])
    return values


def _joined(*parts: pa.Array) -> pa.Array:
    return pc.binary_join_element_wise(*parts, pa.scalar("", pa.large_string()))


def _plain(words: Words, decimal: str, of_file: str) -> NDArray[np.bool_]:
    """Return which values are plain numbers with the decimal separator of the file: bool (k,)."""
    point = re.escape(decimal) if decimal == of_file else "x"
    plain = rf"^[+-]?([0-9]+{point}?[0-9]*|{point}[0-9]+)([eE][+-]?[0-9]+)?$|^[+-]?(inf|Inf|Infinity)$"
    matches = pc.match_substring_regex(pc.fill_null(words.different, ""), plain)
    found: NDArray[np.bool_] = matches.to_numpy(zero_copy_only=False)
    return found


def _oddness(word: str) -> int:
    return sum(not letter.isdecimal() for letter in word)


def _is_code(parts: _Parts, scaled: bool) -> bool:
    """Return whether the values have leading zeros, as codes have, or are few short codes such as 4WD."""
    fitting = [str(core) for core, fit in zip(parts.core[:1000].to_pylist(), parts.fits[:1000], strict=True) if fit]
    zeros = sum(len(core) > 1 and core[0] == "0" and core.isdecimal() for core in fitting)
    if zeros > (1 - NEARLY_ALL) * len(fitting):
        return True
    marked = {core for core, mark in zip(fitting, parts.marks, strict=False) if mark}
    return parts.glued and not scaled and len(marked) < _MANY_NUMBERS


def _scale(mark: str) -> str:
    """Return the word behind a number that multiplies it, in lower case, without a currency."""
    return re.sub(f"{_CURRENCY}", "", mark).strip(" .").lower()


def _is_scaled(parts: _Parts) -> bool:
    """Return whether K, M and B multiply: several of them occur, or they stand behind amounts of money."""
    marks = {mark for mark, fit in zip(parts.marks, parts.fits, strict=True) if fit}
    scales = {_scale(mark) for mark in marks}
    if not scales - {""} or not scales <= {"", *SCALES}:
        return False
    return len(scales) > 1 or any(_scale(mark) != mark.strip(" .").lower() for mark in marks)


def _mixed_marks(words: Words, parts: _Parts) -> Mixed | None:
    """Return the different marks of numbers that do not mean the same; None if all have the same mark or none."""
    rows: Counter[str] = Counter()
    for mark, fit, count in zip(parts.marks, parts.fits, words.counts, strict=True):
        if fit:
            rows[_same(mark)] += int(count)
    marked = [mark for mark in rows if mark]
    if not marked or max(rows.values()) >= NEARLY_ALL * rows.total():
        return None
    if len(marked) == 1 and not (marked == ["%"] and _has_shares(parts)):
        return None
    money = any(re.match(f"(?i)({_CURRENCY}|%)$", mark) for mark in marked)
    asks = len(marked) <= _FEW_MARKS and (money or words.unique > _FEW_MARKS) and not set(marked) & _ORDINALS
    shown = ", ".join(repr(mark) for mark in marked[:_MARKS_SHOWN]) + (", …" if len(marked) > _MARKS_SHOWN else "")
    return Mixed(f"{shown} and numbers without" if rows[""] else shown, asks)


def _same(mark: str) -> str:
    """Return a mark in the one spelling that stands for all others."""
    return mark.strip(" .").casefold().replace("²", "2").replace("³", "3")


def _has_shares(parts: _Parts) -> bool:
    """Return whether, beside percentages, some numbers without the sign are between 0 and 1."""
    plain = [
        core
        for core, mark, fit in zip(parts.core.to_pylist(), parts.marks, parts.fits, strict=True)
        if fit and not mark
    ]
    return any(core.startswith(("0.", "0,", ".", ",")) for core in plain)


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
