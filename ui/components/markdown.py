"""People's own text in Markdown: shown letter for letter, never as a link, an icon or a colour."""

from __future__ import annotations

import re

_SPECIAL = re.compile(r"(`\w+`)|([\\*_\[\]<>$~#|])")  # inside backticks a backslash would show


def code(text: str) -> str:
    """Return text as Markdown's code.

    >>> code("a`b")
    '`` a`b ``'
    """
    fence = "`" * (max(map(len, re.findall("`+", text)), default=0) + 1)
    return f"{fence} {text} {fence}"


def literal(text: str) -> str:
    """Return a message that contains people's text as Markdown that shows it letter for letter; `code` stays code.

    Streamlit turns text between colons into icons, emoji and colours, and addresses into links, even if escaped. An
    invisible space after every colon prevents that.

    >>> literal("`rare_classes` of a_b")
    '`rare_classes` of a\\\\_b'
    """
    marked = _SPECIAL.sub(lambda found: found[1] or f"\\{found[2]}", text)
    return marked.replace(":", ":\u200b").replace("www.", "www\u200b.").replace("@", "@\u200b")
