"""Requests of a page that is being left do not reach Streamlit; everything else does, unchanged."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from ui.page_turns import PageTurns

Message = MutableMapping[str, Any]


def _says(page: str, fragment: str = "") -> Message:
    """What a browser sends to have a page drawn, or a fragment of it."""
    message = BackMsg()
    message.rerun_script.page_script_hash = page
    message.rerun_script.fragment_id = fragment
    return {"type": "websocket.receive", "bytes": message.SerializeToString()}


def _begins(page: str) -> Message:
    message = ForwardMsg()
    message.new_session.page_script_hash = page
    return {"type": "websocket.send", "bytes": message.SerializeToString()}


def _is_at(page: str) -> Message:
    message = ForwardMsg()
    message.navigation.page_script_hash = page
    return {"type": "websocket.send", "bytes": message.SerializeToString()}


def _heard(talk: list[Message], kind: str = "websocket") -> list[Message]:
    """Have a browser and a server say things to each other in this order; return what the server hears."""
    heard: list[Message] = []
    sent: list[Message] = []
    end = {"type": f"{kind}.disconnect"}
    turns = [*talk, end]
    say: Any = None

    async def server(_scope: Any, receive: Any, send: Any) -> None:
        nonlocal say
        say = send
        while not heard or heard[-1] is not end:
            heard.append(await receive())

    async def receive() -> Message:
        while turns[0]["type"].endswith(".send"):
            await say(turns.pop(0))
        return turns.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(PageTurns(server)({"type": kind, "path": "/_stcore/stream"}, receive, send))
    assert sent == [message for message in talk if message["type"].endswith(".send")]
    assert heard.pop() == end
    return heard


def test_a_fragment_of_the_page_that_is_left_is_dropped() -> None:
    to_data, late, on_data = _says("data"), _says("lab", "bench"), _says("data", "view")
    assert _heard([_says("lab"), to_data, late, _begins("data"), late, on_data]) == [_says("lab"), to_data, on_data]


def test_a_fragment_of_the_page_that_is_shown_passes() -> None:
    # At first the browser does not know what the page is called; a server may also turn it by itself.
    first, fragment = _says(""), _says("lab", "bench")
    assert _heard([first, _begins("main"), _is_at("lab"), fragment]) == [first, fragment]
    turned = [_says("lab"), _is_at("data"), _says("data", "view"), fragment]
    assert _heard(turned) == [_says("lab"), _says("data", "view")]


def test_a_fragment_passes_after_a_lost_connection() -> None:
    assert _heard([_says("lab", "bench")]) == [_says("lab", "bench")]


def test_all_other_messages_pass() -> None:
    other = BackMsg()
    other.stop_script = True
    odd: list[Message] = [
        {"type": "websocket.connect"},
        {"type": "websocket.receive", "text": "hello"},
        {"type": "websocket.receive", "bytes": b"\xff\xff not of Streamlit"},
        {"type": "websocket.receive", "bytes": other.SerializeToString()},
    ]
    assert _heard([_says("lab"), *odd]) == [_says("lab"), *odd]
    assert _heard([_says("lab"), _says("data", "view")], "http") == [_says("lab"), _says("data", "view")]
