"""Names from people's data, made safe to show in a figure.

Plotly reads `<b>`, `<a href>` and `&lt;` in any text, `%{x}` in templates, and TeX between dollars.
"""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Sequence

_HOVER_LINE = 50  # characters
_SPECIAL = {ord(sign): f"&#{ord(sign)};" for sign in "%{}$"} | {
    ord("&"): "&amp;",
    ord("<"): "&lt;",
    ord(">"): "&gt;",
}


def escape(text: str) -> str:
    """Return text that Plotly shows literally.

    >>> escape("<b>R&D</b>")
    '&lt;b&gt;R&amp;D&lt;/b&gt;'
    """
    return text.translate(_SPECIAL)


def short(text: str, most: int) -> str:
    """Return escaped text of at most `most` characters on one line; names of people keep the last name.

    >>> short("Setosa of the north", 8)
    'Setosa…'
    >>> short("Gerhard Schroeder", 12), short("✗ Gerhard Schroeder", 12)
    ('G. Schroeder', '✗ Schroeder')
    """
    return escape(shortened(text, most))


def shortened(text: str, most: int) -> str:
    """Return what `short` returns, without escaping, for a figure that Plotly does not draw."""
    words = text.split()
    ways = [" ".join(words)]
    marks = words[:1] if words and not words[0][0].isalnum() else []
    names = words[len(marks) :]
    if len(names) > 1 and all(name[0].isupper() for name in names):
        initials = [f"{name[0]}." for name in names[:-1]]
        ways += [" ".join([*marks, *initials, names[-1]]), " ".join([*marks, names[-1]])]
    fitting = [way for way in ways if len(way) <= most]
    return fitting[0] if fitting else f"{ways[0][: most - 1].rstrip()}…"


def short_names(names: Sequence[str], most: int) -> list[str]:
    """Return every name as `short` does; names that would then look the same keep their ends instead.

    >>> short_names(["plain", "species number 11", "species number 12"], 8)
    ['plain', 'spe…r 11', 'spe…r 12']
    """
    shown = [shortened(name, most) for name in names]
    seen = Counter(shown)
    return [
        escape(_without_middle(name, most) if seen[text] > 1 else text) for name, text in zip(names, shown, strict=True)
    ]


def _without_middle(text: str, most: int) -> str:
    line = " ".join(text.split())
    end = most // 2
    return line if len(line) <= most else f"{line[: most - 1 - end].rstrip()}…{line[-end:].lstrip()}"


def whole(text: str) -> str:
    """Return escaped text in full, on as many lines as it needs: for what is shown on hover.

    >>> whole("setosa")
    'setosa'
    """
    lines = textwrap.wrap(text, _HOVER_LINE) or [""]
    return "<br>".join(map(escape, lines))


def two_lines(text: str, most: int) -> str:
    """Return escaped text on at most two lines of `most` characters, broken between words, cut with an ellipsis.

    >>> two_lines("Setosa of the far north", 13)
    'Setosa of the<br>far north'
    """
    lines = textwrap.wrap(text, most, max_lines=2, placeholder="…")
    return "<br>".join(map(escape, lines))
