"""What counts as damage of a file, and may as well be a mistake in this program."""

from __future__ import annotations

import logging

# Parsers raise these for damaged files too, so the person is told that; the log tells whoever looks after the server.
_SUSPICIOUS = (TypeError, AttributeError, MemoryError)

_log = logging.getLogger(__name__)


def log_suspicious(error: BaseException) -> None:
    """Log an error that is told as damage of a file, if it is of a kind that mistakes in a program have."""
    if isinstance(error, _SUSPICIOUS):
        _log.warning("An error counts as damage of a file: %s", type(error).__name__, exc_info=error)
