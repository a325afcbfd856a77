"""Names that people gave, made safe to show in a figure.

Plotly reads `<b>`, `<a href>` and `&lt;` in any text, `%{x}` in templates, and TeX between dollars.
"""

from __future__ import annotations

import textwrap

_SPECIAL = {ord(sign): f"&#{ord(sign)};" for sign in "%{}$"} | {
    ord("&"): "&amp;",
    ord("<"): "&lt;",
    ord(">"): "&gt;",
}


def escape(text: str) -> str:
    """Return text that Plotly shows as it stands, whatever is in it.

    >>> escape("<b>R&D</b>")
    '&lt;b&gt;R&amp;D&lt;/b&gt;'
    """
    return text.translate(_SPECIAL)


def short(text: str, most: int) -> str:
    """Return escaped text of at most `most` characters on one line, cut with an ellipsis.

    >>> short("Setosa of the north", 8)
    'Setosa…'
    """
    line = " ".join(text.split())
    return escape(line if len(line) <= most else f"{line[: most - 1].rstrip()}…")


def two_lines(text: str, most: int) -> str:
    """Return escaped text on at most two lines of `most` characters, broken between words and cut with an ellipsis.

    >>> two_lines("Setosa of the far north", 13)
    'Setosa of the<br>far north'
    """
    lines = textwrap.wrap(text, most, max_lines=2, placeholder="…")
    return "<br>".join(map(escape, lines))
