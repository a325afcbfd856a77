"""Who may ask this server, and what every answer tells the browser."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, MutableMapping
from html import escape
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from streamlit import config
from streamlit.web.server.starlette.starlette_websocket import is_host_allowed

_READS = ("GET", "HEAD", "OPTIONS")
_POLICY_VIOLATION = 1008  # why a WebSocket is closed
_CLOSED = ("/_stcore/metrics",)  # what Streamlit tells about memory and people is nobody's business

# What a page may load and do. Streamlit has a script of its own in its page, runs components from blobs and writes its
# styles into the page. Nothing here turns text into code: of Plotly, only figures in WebGL would, and there are none.
_CONTENT_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' blob:",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "media-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self' data: blob: {sockets}",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors {ancestors}",
    )
)
_PLAIN_HOST = re.compile(r"[A-Za-z0-9.:\[\]-]+")
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # an address holds the experiment, and which file it is about
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
}


class FrontDoor:
    """ASGI middleware: refuses names and origins that are not this server's, and sets the headers of all answers.

    The names are Streamlit's `server.allowedHosts`, which Streamlit itself compares for WebSockets only. A page of
    another site could otherwise let its own name lead to this server, and read what this server knows.
    """

    def __init__(self, app: Callable[..., Awaitable[None]]) -> None:
        self._app = app

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refusal = _refusal(scope, headers)
        if refusal is None:
            answer: Callable[..., Awaitable[None]] = self._app
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
            return
        else:
            answer = refusal
        if scope["type"] == "websocket":  # its answer has no headers
            await answer(scope, receive, send)
            return

        async def send_with_headers(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                set_headers = MutableHeaders(raw=list(message["headers"]))
                for name, value in _headers(scope, headers).items():
                    set_headers.setdefault(name, value)
                message["headers"] = set_headers.raw
            await send(message)

        await answer(scope, receive, send_with_headers)


def is_own_origin(origin: str | None, host: str | None) -> bool:
    """Return whether a request comes from a page of this server, or from no page at all.

    Also allowed are Streamlit's `browser.serverAddress` and `server.corsAllowedOrigins`, for a proxy that asks under
    another name. Streamlit's own rule would ask a foreign host for this machine's addresses, and wait for the answer.
    """
    if origin is None:
        return True
    parts = urlsplit(origin)
    if host and parts.netloc == host:
        return True
    own = [urlsplit(allowed).hostname for allowed in config.get_option("server.corsAllowedOrigins")]
    if config.is_manually_set("browser.serverAddress"):
        own.append(config.get_option("browser.serverAddress"))
    return parts.hostname is not None and parts.hostname in own


def _refusal(scope: MutableMapping[str, Any], headers: Headers) -> Response | None:
    """Return the answer to a request that is refused, or None."""
    host, origin = headers.get("host"), headers.get("origin")
    if not is_host_allowed(host):
        return HTMLResponse(
            f"<p>This server does not answer to the name <b>{escape(repr(host)[:100])}</b>.</p><p>Whoever runs it can "
            "allow it: <code>make run HOSTS=NAME</code>, or Streamlit's <code>server.allowedHosts</code>.</p>",
            403,
        )
    is_read = scope["type"] == "http" and scope["method"] in _READS
    if not is_read and not is_own_origin(origin, host):
        return PlainTextResponse("Pages of other sites may not send anything to this server.", 403)
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    path = scope["path"].rstrip("/")
    if any(path in (closed, f"/{base}{closed}") for closed in _CLOSED):
        return PlainTextResponse("Not found.", 404)
    return None


def _headers(scope: MutableMapping[str, Any], headers: Headers) -> dict[str, str]:
    policy = {"Content-Security-Policy": _content_policy(scope, headers)}
    return _HEADERS | policy | ({} if _asks_to_be_embedded(scope) else {"X-Frame-Options": "SAMEORIGIN"})


def _asks_to_be_embedded(scope: MutableMapping[str, Any]) -> bool:
    """Return whether a page may be embedded by any site: such a page knows nobody (`ui.session.run.owner`).

    What counts here must count for Streamlit's page too, which reads the same from its address.
    """
    return ("embed", "true") in parse_qsl(scope["query_string"].decode("latin-1"))


def _content_policy(scope: MutableMapping[str, Any], headers: Headers) -> str:
    # Older browsers do not count WebSockets of the same host as 'self'.
    host = headers.get("host", "")
    scheme = "wss" if scope["scheme"] == "https" else "ws"
    return _CONTENT_POLICY.format(
        sockets=f"{scheme}://{host}" if _PLAIN_HOST.fullmatch(host) else "",
        ancestors="*" if _asks_to_be_embedded(scope) else "'self'",
    )
