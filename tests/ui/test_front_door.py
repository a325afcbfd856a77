"""Names and origins that are refused, and the headers of every answer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect
from streamlit import config

from ui.front_door import FrontDoor, is_own_origin

BASE = "http://localhost:8501"
_SOCKET = "ws://localhost:8501/socket"


async def _greet(_: Request) -> PlainTextResponse:
    return PlainTextResponse("hello", headers={"Referrer-Policy": "no-referrer"})


async def _talk(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text("hello")
    await socket.close()


def _client(base: str = BASE) -> TestClient:
    routes = [
        Route("/", _greet, methods=["GET", "POST", "PUT", "DELETE"]),
        Route("/_stcore/metrics", _greet),
        Route("/lab/_stcore/metrics", _greet),
        WebSocketRoute("/socket", _talk),
    ]
    return TestClient(Starlette(routes=routes, middleware=[Middleware(FrontDoor)]), base_url=base)


@pytest.fixture
def _options() -> Iterator[None]:
    names = ("server.allowedHosts", "server.baseUrlPath", "server.corsAllowedOrigins")
    before = {name: config.get_option(name) for name in names}
    yield
    for name, value in before.items():
        config.set_option(name, value)


def test_by_default_only_this_machine_asks_and_listens() -> None:
    assert config.get_option("server.address") == "localhost"
    for base in (BASE, "http://127.0.0.1:8501", "http://[::1]:8501", "https://localhost"):
        assert _client(base).get("/").text == "hello"
    for base in ("http://evil.example", "http://localhost.evil.example:8501", "http://10.0.0.1:8501"):
        answer = _client(base).get("/")
        assert answer.status_code == 403
        assert "make run HOSTS=NAME" in answer.text
    assert _client().get("/", headers={"host": "<b>x</b>"}).status_code == 403
    assert "<b>x" not in _client().get("/", headers={"host": "<b>x</b>"}).text


@pytest.mark.usefixtures("_options")
def test_a_class_asks_under_the_names_that_are_set() -> None:
    config.set_option("server.allowedHosts", ["lab.school.example", "*.lab.example"])
    for host in ("lab.school.example", "LAB.school.example:8501", "a.lab.example"):
        assert _client(f"http://{host}").get("/").status_code == 200
    assert _client().get("/").status_code == 403


def test_a_page_of_another_site_sends_nothing() -> None:
    client = _client()
    for method in ("POST", "PUT", "DELETE"):
        assert client.request(method, "/", headers={"origin": BASE}).status_code == 200
        assert client.request(method, "/").status_code == 200  # no page
        for origin in (
            "http://evil.example",
            "null",
            "http://localhost.evil.example:8501",
            "https://evil.example/localhost",
        ):
            assert client.request(method, "/", headers={"origin": origin}).status_code == 403
    assert client.get("/", headers={"origin": "http://evil.example"}).status_code == 200  # a link


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({"origin": BASE}, True),
        ({}, True),
        ({"origin": "http://evil.example"}, False),
        ({"origin": "http://evil.example", "host": "evil.example"}, False),
    ],
)
def test_a_page_of_another_site_opens_no_socket(headers: dict[str, str], allowed: bool) -> None:
    client = _client()
    if allowed:
        with client.websocket_connect(_SOCKET, headers=headers) as socket:
            assert socket.receive_text() == "hello"
    else:
        with pytest.raises(WebSocketDisconnect) as refused, client.websocket_connect(_SOCKET, headers=headers):
            pass
        assert refused.value.code == 1008


@pytest.mark.usefixtures("_options")
def test_a_proxy_may_ask_under_another_name() -> None:
    assert not is_own_origin("https://lab.school.example", "localhost:8501")
    config.set_option("server.corsAllowedOrigins", ["https://lab.school.example"])
    assert is_own_origin("https://lab.school.example", "localhost:8501")
    assert not is_own_origin("https://evil.example", "localhost:8501")


def test_every_answer_says_what_a_browser_may_do_with_it() -> None:
    for answer in (_client().get("/"), _client().get("/nowhere"), _client("http://evil.example").get("/")):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'self'" in answer.headers["content-security-policy"]
        assert "object-src 'none'" in answer.headers["content-security-policy"]
        assert "unsafe-eval" not in answer.headers["content-security-policy"]
    assert "ws://localhost:8501" in _client().get("/").headers["content-security-policy"]
    assert "wss://localhost" in _client("https://localhost").get("/").headers["content-security-policy"]
    assert _client().get("/nowhere").headers["referrer-policy"] == "same-origin"
    assert _client().get("/").headers["referrer-policy"] == "no-referrer"  # its own is stricter


@pytest.mark.usefixtures("_options")
def test_streamlits_metrics_are_closed() -> None:
    assert _client().get("/_stcore/metrics").status_code == 404
    assert _client().get("/_stcore/metrics/").status_code == 404
    config.set_option("server.baseUrlPath", "/lab/")
    assert _client().get("/lab/_stcore/metrics").status_code == 404


def test_only_a_page_that_asks_for_it_may_be_embedded_by_another_site() -> None:
    answer = _client().get("/?data=moons&embed=true")
    assert "frame-ancestors *" in answer.headers["content-security-policy"]
    assert "x-frame-options" not in answer.headers
    for query in ("", "embed=false", "embed=", "embedded=true", "x=embed=true", "embed_options=true", "embed=TRUE"):
        answer = _client().get(f"/?{query}")
        assert "frame-ancestors 'self'" in answer.headers["content-security-policy"], query
        assert answer.headers["x-frame-options"] == "SAMEORIGIN", query
