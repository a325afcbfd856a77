"""Connections to this server: how many there can be, how long one may be silent, and what is logged of them."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

HEADERS_SECONDS = 20.0  # until a request's headers are whole
HANDLES = 65_536  # that are asked for
_REPEATED_SECONDS = 60.0  # until the same line is logged again


def raise_handle_limit() -> int | None:
    """Let this process have as many files and connections open as it may, and return how many; None if unknown.

    Systems let a program have 1,024 at first, which a class with its tabs uses up.
    """
    try:
        import resource
    except ImportError:  # not on Windows
        return None
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = HANDLES if hard == resource.RLIM_INFINITY else min(HANDLES, hard)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return None if soft == resource.RLIM_INFINITY else soft
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    except (OSError, ValueError):  # a system with another bound
        return soft
    return wanted


def log_once() -> None:
    """Log a line about connections once a minute, however often it is said: without handles, thousands of times."""
    for name in ("asyncio", "uvicorn.error"):
        logging.getLogger(name).addFilter(OncePerMinute())


class OncePerMinute(logging.Filter):
    """Lets a message through that has not been logged in the last minute."""

    def __init__(self) -> None:
        super().__init__()
        self._logged: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether to log a record."""
        if record.levelno < logging.WARNING:
            return True
        now, line = time.monotonic(), str(record.msg).partition("\n")[0]
        self._logged = {known: at for known, at in self._logged.items() if now - at < _REPEATED_SECONDS}
        if line in self._logged:
            return False
        self._logged[line] = now
        return True


def end_half_sent_requests() -> None:
    """Make uvicorn end connections that do not send the headers of a request in time.

    It (0.54) waits for them for ever, so that a client holds any number of connections with a line in each.
    """
    made, received = H11Protocol.connection_made, H11Protocol.data_received

    def connection_made(self: Any, transport: asyncio.Transport) -> None:
        made(self, transport)
        self.headers_timer = asyncio.get_running_loop().call_later(HEADERS_SECONDS, _end_if_half_sent, self)

    def data_received(self: Any, data: bytes) -> None:
        received(self, data)
        if not _is_half_sent(self):
            self.headers_timer.cancel()
        elif self.headers_timer.cancelled():
            self.headers_timer = asyncio.get_running_loop().call_later(HEADERS_SECONDS, _end_if_half_sent, self)

    H11Protocol.connection_made = connection_made  # type: ignore[method-assign]
    H11Protocol.data_received = data_received  # type: ignore[method-assign]


def _is_half_sent(protocol: Any) -> bool:
    """Return whether a connection is one for HTTP, and no request on it is being answered."""
    is_upgraded = protocol.transport.get_protocol() is not protocol
    return not is_upgraded and (protocol.cycle is None or protocol.cycle.response_complete)


def _end_if_half_sent(protocol: Any) -> None:
    if _is_half_sent(protocol) and not protocol.transport.is_closing():
        protocol.transport.close()
