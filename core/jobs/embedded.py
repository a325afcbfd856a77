"""Who a page is that is embedded in one of another site.

Browsers withhold the cookie there. Such a page is somebody of its own, whose name only its session knows, and the
ticket of a run takes the place of the cookie.
"""

from __future__ import annotations

import secrets

_EMBEDDED = "embedded-"


def new_embedded_name() -> str:
    """Return a name for an embedded page; it cannot be guessed."""
    return f"{_EMBEDDED}{secrets.token_urlsafe(24)}"


def is_embedded(name: str) -> bool:
    """Return whether a name is that of an embedded page."""
    return name.startswith(_EMBEDDED)
