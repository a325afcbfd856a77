"""What one browser may take of the server."""

from __future__ import annotations

import asyncio
import contextlib
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect
from streamlit import runtime

from core.jobs.stream import BROWSER_COOKIE
from ui import client_limits, held_uploads
from ui.client_limits import ClientLimits
from ui.held_uploads import HeldUploads

UPLOAD = "/_stcore/upload_file/session-{}/file-{}"
PAGE = {"accept": "text/html,*/*"}


async def _page(_: Request) -> HTMLResponse:
    return HTMLResponse("<p>lab")


async def _size(request: Request) -> PlainTextResponse:
    return PlainTextResponse(str(len(await request.body())))


async def _talk(socket: WebSocket) -> None:
    await socket.accept()
    with contextlib.suppress(WebSocketDisconnect):
        await socket.receive_text()


def _app(**options: Any) -> Starlette:
    routes = [
        Route("/", _page),
        Route("/size", _size, methods=["PUT"]),
        Route(UPLOAD.format("{session}", "{file}"), _size, methods=["PUT"]),
        WebSocketRoute("/stream", _talk),
    ]
    return Starlette(routes=routes, middleware=[Middleware(ClientLimits, held=HeldUploads(), **options)])


def _browser(app: Starlette, name: str = "") -> TestClient:
    return TestClient(app, cookies={BROWSER_COOKIE: name} if name else None)


def test_a_browser_opens_only_so_many_tabs_and_is_told_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_limits, "TABS_MOST", 3)
    app = _app()
    mine = _browser(app, "me")
    with contextlib.ExitStack() as tabs:
        for _ in range(3):
            assert mine.get("/", headers=PAGE).status_code == 200
            tabs.enter_context(mine.websocket_connect("/stream"))
        answer = mine.get("/", headers=PAGE)
        assert answer.status_code == 429
        assert "3 tabs of this browser show Hidden Layers. Close some" in answer.text
        with pytest.raises(WebSocketDisconnect), mine.websocket_connect("/stream"):
            pass
        assert _browser(app, "you").get("/", headers=PAGE).status_code == 200
        with _browser(app).websocket_connect("/stream"), _browser(app).websocket_connect("/stream"):
            pass  # browsers without cookies, as behind one address of a school
    assert mine.get("/", headers=PAGE).status_code == 200


def test_a_server_with_few_handles_says_that_it_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_limits, "TABS_MOST", 2)
    app = _app(handles=310)
    with _browser(app, "a").websocket_connect("/stream"), _browser(app, "b").websocket_connect("/stream"):
        answer = _browser(app, "c").get("/", headers=PAGE)
        assert (answer.status_code, "Too many people use this server" in answer.text) == (429, True)
    assert _browser(app, "c").get("/", headers=PAGE).status_code == 200


def test_a_browser_has_only_so_many_requests_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_limits, "REQUESTS_MOST", 0)
    app = _app()
    assert _browser(app, "me").get("/").status_code == 429
    assert _browser(app).get("/").status_code == 200


async def _put(app: Starlette, *messages: dict[str, Any]) -> list[dict[str, Any]]:
    """Send parts of a body and then nothing more; return what the server sends."""
    parts = list(messages)
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        if parts:
            return parts.pop(0)
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    headers = [(b"content-length", b"4")]
    scope = {"type": "http", "method": "PUT", "path": "/size", "headers": headers, "query_string": b"", "client": None}
    await app(scope, receive, send)
    return sent


def test_a_request_that_is_half_sent_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_limits, "BODY_SECONDS", 0.05)
    half = {"type": "http.request", "body": b"ab", "more_body": True}
    start, _ = asyncio.run(_put(_app(), half))
    assert (start["status"], (b"connection", b"close") in start["headers"]) == (408, True)
    start, body = asyncio.run(_put(_app(), half, {"type": "http.request", "body": b"cd", "more_body": False}))
    assert (start["status"], body["body"]) == (200, b"4")
    # A browser that has left is no error.
    assert asyncio.run(_put(_app(), half, {"type": "http.disconnect"})) == []


class _Streamlit:
    """Stands in for Streamlit's runtime: the uploads that it holds, and the files that widgets show."""

    def __init__(self) -> None:
        self.uploaded_file_mgr = self._session_mgr = self
        self.file_storage: dict[str, dict[str, Any]] = {}
        self.shown: dict[str, list[str]] = {}

    def put(self, session: str, file: str, size: int) -> None:
        self.file_storage.setdefault(session, {})[file] = SimpleNamespace(data=bytes(size))

    def remove_file(self, session: str, file: str) -> None:
        del self.file_storage[session][file]

    def list_active_sessions(self) -> list[Any]:
        def widget(file: str) -> Any:
            info = [SimpleNamespace(file_id=file)]
            return SimpleNamespace(file_uploader_state_value=SimpleNamespace(uploaded_file_info=info))

        return [
            SimpleNamespace(
                session=SimpleNamespace(
                    id=session,
                    _client_state=SimpleNamespace(widget_states=SimpleNamespace(widgets=list(map(widget, files)))),
                )
            )
            for session, files in self.shown.items()
        ]


@pytest.fixture
def streamlit(monkeypatch: pytest.MonkeyPatch) -> _Streamlit:
    stand_in = _Streamlit()
    monkeypatch.setattr(runtime, "exists", lambda: True)
    monkeypatch.setattr(runtime, "get_instance", lambda: stand_in)
    return stand_in


def test_a_browser_uploads_only_so_much(streamlit: _Streamlit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held_uploads, "BROWSER_MOST_BYTES", 10_000_000)
    monkeypatch.setattr(held_uploads, "ALL_MOST_BYTES", 25_000_000)
    app = _app()
    mine, yours = _browser(app, "me"), _browser(app, "you")

    def put(client: TestClient, session: int, file: int, size: int) -> int:
        status = client.put(UPLOAD.format(session, file), content=bytes(size)).status_code
        if status == 200:
            streamlit.put(f"session-{session}", f"file-{file}", size)
        return status

    assert put(mine, 1, 1, 6_000_000) == 200
    assert put(mine, 2, 1, 6_000_000) == 413  # another tab of the same browser
    assert "hold 10 MB of uploads" in mine.put(UPLOAD.format(1, 2), content=bytes(6_000_000)).text
    assert put(mine, 2, 1, 4_000_000) == 200
    assert [put(yours, 3, file, 5_000_000) for file in (1, 2)] == [200, 200]
    assert put(_browser(app), 4, 1, 6_000_000) == 413  # together they hold 20 MB
    assert put(_browser(app), 4, 1, 5_000_000) == 200
    assert mine.put(UPLOAD.format(1, 3), content=iter([b"x"])).status_code == 411


def test_uploads_that_no_widget_uses_go_after_a_while(streamlit: _Streamlit, monkeypatch: pytest.MonkeyPatch) -> None:
    held = HeldUploads()
    for session, file in (("open", "shown"), ("open", "unused"), ("gone", "left"), ("gone", "never noted")):
        if file != "never noted":
            held.note("me", session, file)
        streamlit.put(session, file, 10)
    held.note("me", "open", "on its way")
    streamlit.shown = {"open": ["shown"]}
    held.tidy()
    assert sum(map(len, streamlit.file_storage.values())) == 4  # all are young
    monkeypatch.setattr(held_uploads, "UNUSED_SECONDS", 0.0)
    held.tidy()
    assert streamlit.file_storage == {"open": {"shown": streamlit.file_storage["open"]["shown"]}, "gone": {}}
