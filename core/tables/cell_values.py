"""Values of text files: which ones mean "missing", and which ones are numbers."""

from __future__ import annotations

import re

MISSING = ("", "?", "na", "n/a", "#n/a", "<na>", "null", "-", "nan", "nat")  # in upper or lower case
_NUMBER = re.compile(r"[+-]?((\d+[.,]?\d*|[.,]\d+)([eE][+-]?\d+)?|inf|Inf|Infinity)")
_LONGEST_NUMBER = 60  # characters


def is_missing(value: str) -> bool:
    """Return whether a value means that there is none."""
    return value.strip().lower() in MISSING


def is_number(value: str) -> bool:
    """Return whether a value is a number, with either decimal separator."""
    stripped = value.strip()
    # The expression would backtrack a million times over a million digits and a letter.
    return len(stripped) <= _LONGEST_NUMBER and _NUMBER.fullmatch(stripped) is not None
