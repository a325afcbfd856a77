"""What one value of a text file says by itself: whether it stands for none, and whether it is a number."""

from __future__ import annotations

import re

MISSING = ("", "?", "na", "n/a", "#n/a", "<na>", "null", "-", "nan", "nat")  # in any case
_NUMBER = re.compile(r"[+-]?((\d+[.,]?\d*|[.,]\d+)([eE][+-]?\d+)?|inf|Inf|Infinity)")
_LONGEST_NUMBER = 60  # characters


def is_missing(value: str) -> bool:
    """Return whether a value stands for none."""
    return value.strip().lower() in MISSING


def is_number(value: str) -> bool:
    """Return whether a value is a number, with either decimal sign."""
    stripped = value.strip()
    # The expression tries a million digits and a letter in a million ways.
    return len(stripped) <= _LONGEST_NUMBER and _NUMBER.fullmatch(stripped) is not None
