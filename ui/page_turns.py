"""What a page that is being left still says is not heard."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from google.protobuf.message import DecodeError
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg


class PageTurns:
    """ASGI middleware: drops what a fragment of one page says once the browser has asked for another page.

    A click, a report of a component or a timer may be on its way just then. Streamlit (1.67) would run the fragment as
    the page that is left, for which the browser throws the new page away: it stays blank.
    """

    def __init__(self, app: Callable[..., Awaitable[None]]) -> None:
        self._app = app

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "websocket":
            await self._app(scope, receive, send)
            return
        page = ""  # the one that the browser has asked for or was sent last, as Streamlit names it

        async def receive_of_page() -> Any:
            nonlocal page
            while True:
                message = await receive()
                asked = _read(BackMsg, message)
                if asked is None or asked.WhichOneof("type") != "rerun_script":
                    return message
                of = asked.rerun_script.page_script_hash
                if not asked.rerun_script.fragment_id:
                    page = of
                elif of != page and page:
                    continue
                return message

        async def send_page(message: Any) -> None:
            nonlocal page
            told = _read(ForwardMsg, message)
            kind = told.WhichOneof("type") if told is not None else None
            if kind in ("new_session", "navigation"):
                page = getattr(told, kind).page_script_hash
            await send(message)

        await self._app(scope, receive_of_page, send_page)


def _read(kind: Any, message: MutableMapping[str, Any]) -> Any:
    """Return what a message of a WebSocket says in Streamlit's words, or None where it is something else."""
    data = message.get("bytes")
    if not data:
        return None
    try:
        return kind.FromString(data)
    except DecodeError:
        return None
