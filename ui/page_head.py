"""Put scripts of ours into the head of the page, before Streamlit's own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any

from starlette.datastructures import Headers, MutableHeaders

_VALIDATORS = (b"if-none-match", b"if-modified-since")
_HEAD_ENDS = b"</head>"


class PageHead:
    """ASGI middleware that adds scripts to the head of every HTML page.

    Streamlit (1.67) has no setting for that, and a component's script comes too late: by then the browser has received
    the page's first address.

    Args:
        scripts: returns the addresses of the scripts.
    """

    def __init__(self, app: Callable[..., Awaitable[None]], scripts: Callable[[], Sequence[str]]) -> None:
        self._app = app
        self._scripts = scripts

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        start: MutableMapping[str, Any] | None = None  # of a page, held back until its length is known
        body = b""

        async def send_with_scripts(message: MutableMapping[str, Any]) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start" and _is_plain_page(message):
                start = message
            elif start is None or message["type"] != "http.response.body":
                await send(message)
            else:
                body += message.get("body", b"")
                if not message.get("more_body", False):
                    await _send_page(start, self._with_scripts(body), send)

        await self._app(_asking_for_the_body(scope), receive, send_with_scripts)

    def _with_scripts(self, body: bytes) -> bytes:
        """Return a page with the scripts. Streamlit's are modules, which run when all of the page has been read."""
        tags = "".join(f'<script src="{script}"></script>' for script in self._scripts()).encode()
        return body.replace(_HEAD_ENDS, tags + _HEAD_ENDS, 1)


def _asking_for_the_body(scope: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Return a request for a page without validators: a browser may have kept a page that has no scripts."""
    if "text/html" not in Headers(scope=scope).get("accept", ""):
        return scope
    headers = [(name, value) for name, value in scope["headers"] if name.lower() not in _VALIDATORS]
    return {**scope, "headers": headers}


def _is_plain_page(start: MutableMapping[str, Any]) -> bool:
    headers = Headers(raw=start["headers"])
    return headers.get("content-type", "").startswith("text/html") and "content-encoding" not in headers


async def _send_page(start: MutableMapping[str, Any], body: bytes, send: Any) -> None:
    headers = MutableHeaders(raw=list(start["headers"]))
    headers["content-length"] = str(len(body))
    for name in ("etag", "last-modified"):
        del headers[name]
    await send({**start, "headers": headers.raw})
    await send({"type": "http.response.body", "body": body})
