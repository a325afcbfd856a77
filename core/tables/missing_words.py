"""Which words of a column mean that there is no value: the column's other values decide.

Some words never stand for a value, such as `n/a` or `#DIV/0!`. In a column that is otherwise numbers or dates, many
more do not: `..`, `-`, `None`, `unknown`. Among words, `-` beside `+` is a value, and so are `NA` beside `EU` and `AS`,
and `Na` beside `K` and `Li`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from core.tables.column_words import Words

# In lower case.
NEVER_VALUES = (
    "?", "??", "???", "n/a", "#n/a", "#n/a n/a", "<na>", "n.a.", "n.a", "n. a.", "null", "#null!", "nan", "-nan",
    "+nan", "nat", "#div/0!", "#ref!", "#value!", "#name?", "#num!", "#error!", "\\n", "(null)", "<null>", "[null]",
    "<nan>", "1.#qnan", "-1.#ind", "1.#ind", "1.#inf", "-1.#inf", "0000-00-00", "0000-00-00 00:00:00",
)  # fmt: skip
_DASHES = ("-", "--", "---", "–", "—", "−", "‐")
_NA = "na"
# Besides these, in columns that are otherwise numbers or dates.
_NO_NUMBERS = (
    *_DASHES, _NA, ".", "..", "...", "…", ":", "::", "*", "**", "***", "_", "/", "x", "none", "nil", "void", "unknown",
    "unk", "unkn", "undefined", "undef", "undetermined", "missing", "not available", "not applicable", "not reported",
    "not recorded", "not known", "not measured", "not specified", "not given", "not stated", "no data", "no value",
    "no answer", "no response", "nodata", "n/d", "nd", "n.d.", "n.d", "n.r.", "nr", "n/r", "n.v.", "n.b.", "n/k", "nk",
    "n.k.", "n.k", "not a number", "error", "err", "#err", "invalid", "blank", "(blank)", "empty", "(empty)", "(none)",
    "<none>", "(na)", "(n/a)", "[na]", "tbd", "tba", "tbc", "pending", "suppressed", "withheld", "confidential",
    "refused", "s/d", "s.d.", "sin dato", "sin datos", "k.a.", "k. a.", "keine angabe", "unbekannt", "fehlt",
    "inconnu", "desconocido", "sconosciuto", "onbekend", "nd.", "nc", "n.c.", "n.s.", "-.-",
)  # fmt: skip
_NOTHING = pa.array([*NEVER_VALUES, *_NO_NUMBERS])
_NEVER = pa.array(NEVER_VALUES)
_DOUBTFUL = pa.array([*_DASHES, _NA, "nan", "nat", "?"])  # missing among words, unless the others say otherwise

_ANSWERS = {"yes", "no", "y", "n", "true", "false", "ok", "t", "f", "m", "male", "female", "pos", "neg"}
_PLACES_AND_SYMBOLS = re.compile(
    r"(?i)region|continent|country|countries|nation|territor|market|area|element|symbol|atom|ion\b|metal|salt|iso|lang"
)
_NAMES = re.compile(r"(?i)name|person|author|player|city|town|place|province|state")
_LONGEST_CODE = 6
_FEW = 1_000  # different values that are looked at
# Other words that mean "missing" beside numbers: so many different ones, with this share of the rows, at most.
_OTHERS_MOST, _OTHERS_SHARE = 3, 0.2
_NUMBERS_LEAST = 10  # different ones


def missing_in_numbers(words: Words) -> NDArray[np.bool_]:
    """Return which different values are no values, in a column that is otherwise numbers or dates: bool (k,)."""
    return _is_in(words, _NOTHING) | ~words.valid


def missing_in_words(words: Words, name: str) -> tuple[NDArray[np.bool_], list[str]]:
    """Return which different values are no values in a column of words.

    Returns:
        bool (k,), and the words that look like missing values but count as values because of the others.
    """
    missing = ~words.valid | _is_in(words, _NEVER)
    doubtful = _is_in(words, _DOUBTFUL)
    if not doubtful.any():
        return missing, []
    others = [str(word) for word in words.different.filter(pa.array(~missing & ~doubtful))[:_FEW].to_pylist()]
    kept: list[str] = []
    for place in np.flatnonzero(doubtful):
        word = str(words.different[int(place)].as_py())
        missing[place] = not _is_value(word, set(others), name)
        if not missing[place] and word not in kept:
            kept.append(word)
    return missing, kept


def known_missing(words: Words, known: Sequence[str]) -> NDArray[np.bool_]:
    """Return which different values are no values, if these words counted as missing before: bool (k,)."""
    lower = pa.array([*(word.lower() for word in known), *NEVER_VALUES])
    return _is_in(words, lower) | ~words.valid


def _is_in(words: Words, known: pa.Array) -> NDArray[np.bool_]:
    same = known.cast(words.different.type)
    found: NDArray[np.bool_] = pc.is_in(words.lower, value_set=same).to_numpy(zero_copy_only=False)
    return found


def _is_value(word: str, others: set[str], name: str) -> bool:
    """Return whether a word that often means "missing" is a value beside the others."""
    if not others:
        return False
    if word == "?":
        return "!" in others
    if word in _DASHES:
        # Beside signs alone it is one of them, and beside a single other value it is the opposite.
        return not any(letter.isalnum() for other in others for letter in other) or len(others) == 1
    if any(other.lower() in _ANSWERS for other in others):
        return False
    if word.lower() != _NA:
        return word.istitle() and _share(others, str.istitle) > 0.5 and bool(_NAMES.search(name))
    if word == "Na":
        short = _share(others, lambda other: other.istitle() and len(other) <= 2) > 0.5
        return short or (bool(_NAMES.search(name)) and _share(others, str.istitle) > 0.5)
    if not (word.isupper() or word.islower()):
        return False
    alike = str.isupper if word.isupper() else str.islower
    codes = [other for other in others if other.isalpha() and alike(other) and len(other) <= _LONGEST_CODE]
    if len(codes) < 2 or len(codes) <= len(others) / 2:
        return False
    return sum(len(code) == 2 for code in codes) >= len(others) / 2 or bool(_PLACES_AND_SYMBOLS.search(name))


def _share(words: set[str], holds: Callable[[str], bool]) -> float:
    return sum(map(holds, words)) / len(words)


def other_words(words: Words, missing: NDArray[np.bool_]) -> NDArray[np.bool_] | None:
    """Return `missing` and the few other words without digits of a column that is otherwise many different numbers.

    Returns:
        bool (k,), or None if the column is not like that.
    """
    present = words.without(missing)
    digits = pc.fill_null(pc.match_substring_regex(present.different, "[0-9]"), False).to_numpy(zero_copy_only=False)
    odd = present.valid & ~digits
    spelt = {str(word).casefold() for word in present.different.filter(pa.array(odd))[:_FEW].to_pylist()}
    few = 0 < len(spelt) <= _OTHERS_MOST and words.rows_with(odd) <= _OTHERS_SHARE * present.present
    return missing | odd if few and int(digits.sum()) >= _NUMBERS_LEAST else None
