"""How much of this server one browser may take: tabs, requests at a time, uploads, and time for a request."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import contextmanager, suppress
from typing import Any

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, HTTPConnection
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from core.jobs.stream import BROWSER_COOKIE, carries_frames
from ui.held_uploads import HeldUploads

TABS_MOST = 40  # of one browser
ALL_TABS_MOST = 2000
REQUESTS_MOST = 120  # of one browser, at a time; every tab has one or a WebSocket that waits for news
BODY_SECONDS = 30.0  # without a byte of a request's body
_HANDLES_PER_TAB = 7
_HANDLES_BESIDE = 300  # of workers, files and libraries
_TRY_AGAIN = 1013  # why a WebSocket is closed
_UPLOAD = re.compile(r"/_stcore/upload_file/(?P<session>[^/]+)/(?P<file>[^/]+)$")


class ClientLimits:
    """ASGI middleware: refuses what is too much for one browser, or for this server, and says why.

    A browser is known by its cookie. What has none may take what is left: behind one address there may be a school.

    Args:
        app: what answers the requests that are within the limits.
        held: the uploads that are in memory.
        handles: how many files and connections this process may have open; None for any number.
    """

    def __init__(self, app: Callable[..., Awaitable[None]], held: HeldUploads, handles: int | None = None) -> None:
        self._app = app
        self._held = held
        room = ALL_TABS_MOST if handles is None else (handles - _HANDLES_BESIDE) // _HANDLES_PER_TAB
        self._all_tabs_most = max(TABS_MOST, min(ALL_TABS_MOST, room))
        # Both are used on the event loop only.
        self._tabs: Counter[str] = Counter()
        self._requests: Counter[str] = Counter()

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        browser = _browser(scope) if scope["type"] in ("http", "websocket") else ""
        if carries_frames(scope):
            if browser and self._requests[browser] >= REQUESTS_MOST:
                await send({"type": "websocket.close", "code": _TRY_AGAIN})
                return
            with _counted(self._requests, browser):
                await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            if self._too_many_tabs(browser):
                await send({"type": "websocket.close", "code": _TRY_AGAIN})
                return
            with _counted(self._tabs, browser):
                await self._app(scope, receive, send)
        elif scope["type"] == "http":
            refusal = self._refusal(scope, browser)
            if refusal is not None:
                await refusal(scope, receive, send)
                return
            with _counted(self._requests, browser):
                await self._answer(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _too_many_tabs(self, browser: str) -> str:
        """Return why a browser may not open another tab; "" if it may."""
        if browser and self._tabs[browser] >= TABS_MOST:
            return f"{TABS_MOST} tabs of this browser show Hidden Layers. Close some of them, then reload this page."
        if self._tabs.total() >= self._all_tabs_most:
            return "Too many people use this server at the moment. Reload this page in a few minutes."
        return ""

    def _refusal(self, scope: MutableMapping[str, Any], browser: str) -> Response | None:
        """Return the answer to a request that is too much, or None."""
        headers = Headers(scope=scope)
        if browser and self._requests[browser] >= REQUESTS_MOST:
            return PlainTextResponse(f"At most {REQUESTS_MOST} requests of a browser are answered at a time.", 429)
        is_page = scope["method"] == "GET" and "text/html" in headers.get("accept", "")
        if is_page and (why := self._too_many_tabs(browser)):
            return HTMLResponse(f"<p>{why}</p>", 429, {"Cache-Control": "no-store"})
        upload = _UPLOAD.search(scope["path"]) if scope["method"] == "PUT" else None
        if upload is not None:
            size = headers.get("content-length", "")
            if not (size.isascii() and size.isdigit()):
                return PlainTextResponse("An upload must say its size (Content-Length).", 411)
            if why := self._held.refusal(browser, int(size[:20])):
                return PlainTextResponse(why, 413)
            self._held.note(browser, upload["session"], upload["file"])
        return None

    async def _answer(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        """Answer a request whose body must keep coming."""
        if not _has_body(scope):
            await self._app(scope, receive, send)
            return
        is_late, has_all = False, False

        async def receive_in_time() -> Any:
            nonlocal is_late, has_all
            if has_all:  # what comes now is that the browser leaves, and that may take its time
                return await receive()
            try:
                message = await asyncio.wait_for(receive(), BODY_SECONDS)
            except TimeoutError:
                is_late = True
                return {"type": "http.disconnect"}
            has_all = not message.get("more_body", False)
            return message

        async def send_if_not_late(message: MutableMapping[str, Any]) -> None:
            if not is_late:
                await send(message)

        with suppress(ClientDisconnect):  # the browser has left, or sends nothing more: nothing that a log should tell
            await self._app(scope, receive_in_time, send_if_not_late)
        if is_late:
            late = PlainTextResponse("The request was not finished in time.", 408, {"Connection": "close"})
            await late(scope, receive, send)


def _has_body(scope: MutableMapping[str, Any]) -> bool:
    headers = Headers(scope=scope)
    return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers


def _browser(scope: MutableMapping[str, Any]) -> str:
    """Return the name of a browser, "" if it has none."""
    return HTTPConnection(scope).cookies.get(BROWSER_COOKIE, "")


@contextmanager
def _counted(counter: Counter[str], name: str) -> Iterator[None]:
    counter[name] += 1
    try:
        yield
    finally:
        counter[name] -= 1
        if not counter[name]:
            del counter[name]
