"""Every page has our scripts in its head; everything else passes unchanged."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from ui.page_head import PageHead

_PAGE = '<html><head><script type="module" src="app.js"></script></head><body></head> in text</body></html>'
_OURS = '<script src="/ours.js"></script><script src="/too.js"></script>'
_WITH_SCRIPTS = _PAGE.replace("</head>", f"{_OURS}</head>", 1)


async def _page(request: Request) -> Response:
    if request.headers.get("if-none-match") == '"kept"':
        return Response(status_code=304)
    return HTMLResponse(_PAGE, headers={"ETag": '"kept"', "Last-Modified": "Mon, 30 Nov 2026 18:00:00 GMT"})


async def _pieces(_request: Request) -> Response:
    return StreamingResponse((piece for piece in (_PAGE[:40], _PAGE[40:70], _PAGE[70:])), media_type="text/html")


async def _text(_request: Request) -> Response:
    return PlainTextResponse(_PAGE, headers={"ETag": '"kept"'})


def _client(*more: Middleware) -> TestClient:
    routes = [Route("/", _page), Route("/pieces", _pieces), Route("/text", _text)]
    head = Middleware(PageHead, scripts=lambda: ("/ours.js", "/too.js"))
    return TestClient(Starlette(routes=routes, middleware=[head, *more]))


def test_the_scripts_stand_in_the_head_of_a_page() -> None:
    for path in ("/", "/pieces"):
        answer = _client().get(path)
        assert answer.text == _WITH_SCRIPTS
        assert answer.headers["content-length"] == str(len(_WITH_SCRIPTS))


def test_a_browser_never_keeps_a_page_as_it_was_without_the_scripts() -> None:
    answer = _client().get("/", headers={"Accept": "text/html,*/*", "If-None-Match": '"kept"'})
    assert (answer.status_code, answer.text) == (200, _WITH_SCRIPTS)
    assert not {"etag", "last-modified"} & set(answer.headers)


def test_everything_else_passes_unchanged() -> None:
    answer = _client().get("/text", headers={"If-None-Match": '"kept"'})
    assert (answer.text, answer.headers["etag"]) == (_PAGE, '"kept"')
    assert _client().post("/").status_code == 405
    compressed = _client(Middleware(GZipMiddleware, minimum_size=1)).get("/", headers={"Accept-Encoding": "gzip"})
    assert compressed.text == _PAGE  # of a compressed page nothing is changed
