"""Words that pages share."""

from __future__ import annotations


def count_of(number: int, word: str) -> str:
    """Return a number with the noun that it counts.

    >>> count_of(1, "row"), count_of(1200, "row")
    ('1 row', '1,200 rows')
    """
    return f"{number:,} {word}" if number == 1 else f"{number:,} {word}s"
