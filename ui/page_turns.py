"""Drop requests of a page that the browser is leaving."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from google.protobuf.message import DecodeError
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from core.jobs.stream import carries_frames


class PageTurns:
    """ASGI middleware that drops a fragment's request once the browser has asked for another page.

    A click, a component or a timer may send one at that moment. Streamlit (1.67) would run the fragment on the old
    page, and the browser would clear the new one, which then stays blank.
    """

    def __init__(self, app: Callable[..., Awaitable[None]]) -> None:
        self._app = app

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "websocket" or carries_frames(scope):
            await self._app(scope, receive, send)
            return
        page = ""  # Streamlit's hash of the page that the browser last asked for or was sent

        async def receive_of_page() -> Any:
            nonlocal page
            while True:
                message = await receive()
                asked = _read(BackMsg, message)
                if asked is None or asked.WhichOneof("type") != "rerun_script":
                    return message
                sender = asked.rerun_script.page_script_hash
                if not asked.rerun_script.fragment_id:
                    page = sender
                elif sender != page and page:
                    continue
                return message

        async def send_page(message: Any) -> None:
            nonlocal page
            sent = _read(ForwardMsg, message)
            kind = sent.WhichOneof("type") if sent is not None else None
            if kind in ("new_session", "navigation"):
                page = getattr(sent, kind).page_script_hash
            await send(message)

        await self._app(scope, receive_of_page, send_page)


def _read(kind: Any, message: MutableMapping[str, Any]) -> Any:
    """Return the Streamlit message in a WebSocket message, or None if there is none."""
    data = message.get("bytes")
    if not data:
        return None
    try:
        return kind.FromString(data)
    except DecodeError:
        return None
