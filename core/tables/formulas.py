"""Cells that spreadsheet programs would run as formulas, made safe to write into a CSV file.

A bundle or a file of a stranger may have a class or a column named `=HYPERLINK(…)` or `=cmd|…`, which a spreadsheet
program runs when the CSV is opened. Source: OWASP, "CSV Injection".
"""

from __future__ import annotations

import re

import pandas as pd
from pandas.api.types import is_object_dtype

_MARK = "'"  # tells a spreadsheet program that text follows
# Some programs take the wide forms of these signs for them, and skip white space before them.
_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]\s*[^\s]")
_CONTROL = re.compile(r"[\t\r\n]")  # at the start of a cell
_SIGN = "[$€£¥₹%]"
_NUMBER = re.compile(
    rf"[+-]\s?{_SIGN}?\s?(\d[\d.,'’\s]*|\.\d+)([eE][+-]?\d+)?\s?{_SIGN}?|[+-](inf|infinity|nan)", re.IGNORECASE
)


def is_formula(text: str) -> bool:
    """Return whether a spreadsheet program may take a text for a formula; a number such as -1.5 is none.

    >>> [is_formula(text) for text in ("=1+1", "@sum(a1)", "-1+cmd|' /C calc'!A0", "-1.5", "+", "a=b")]
    [True, True, True, False, False, False]
    """
    if _CONTROL.match(text):
        return True
    return bool(_FORMULA.match(text)) and not _NUMBER.fullmatch(text.strip())


def neutralized(text: str) -> str:
    """Return a text that no spreadsheet program takes for a formula: with an apostrophe before it if need be.

    >>> neutralized('=HYPERLINK("https://evil.example")'), neutralized("-1.5")
    ('\\'=HYPERLINK("https://evil.example")', '-1.5')
    """
    return _MARK + text if is_formula(text) else text


def without_formulas(frame: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Return a frame whose texts and names are no formulas, and how many were made safe; numbers stay as they are."""
    safe = frame.copy(deep=False)
    count = 0
    for place, kind in enumerate(frame.dtypes):
        if pd.api.types.is_numeric_dtype(kind) or pd.api.types.is_datetime64_any_dtype(kind):
            continue
        values = frame.iloc[:, place]
        known = values.dropna()
        # A cell may be a list of numbers, for a small curve, and that has no hash.
        cells = {cell for cell in known if isinstance(cell, str)} if is_object_dtype(kind) else known.unique()
        different = [cell for cell in cells if isinstance(cell, str) and is_formula(cell)]
        if different:
            found = values.isin(different)
            count += int(found.sum())
            safe.isetitem(place, values.mask(found, _MARK + values.astype("str")).array)
    names = [neutralized(str(name)) for name in frame.columns]
    count += sum(name != before for name, before in zip(names, frame.columns, strict=True))
    safe.columns = names
    return safe, count
