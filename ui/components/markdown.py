"""Text that people brought, in Markdown: shown letter for letter, never as a link, an icon or a colour."""

from __future__ import annotations

import re

_SPECIAL = re.compile(r"(`\w+`)|([\\*_\[\]<>$~#|])")  # in a key between ticks, a backslash would be seen


def code(text: str) -> str:
    """Return text as Markdown's code.

    >>> code("a`b")
    '`` a`b ``'
    """
    fence = "`" * (max(map(len, re.findall("`+", text)), default=0) + 1)
    return f"{fence} {text} {fence}"


def literal(text: str) -> str:
    """Return a message with people's names in it as Markdown that shows it as it stands; `code` in it stays code.

    Streamlit makes icons, emoji and colours of what stands between colons, and links of addresses, escaped or not: an
    invisible space behind every colon keeps it from that.

    >>> literal("`rare_classes` of a_b")
    '`rare_classes` of a\\\\_b'
    """
    marked = _SPECIAL.sub(lambda found: found[1] or f"\\{found[2]}", text)
    return marked.replace(":", ":\u200b").replace("www.", "www\u200b.").replace("@", "@\u200b")
