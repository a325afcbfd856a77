"""The cookie that names a browser."""

from http.cookies import SimpleCookie

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from core.jobs.stream import BROWSER_COOKIE, BrowserCookie


def page(request: Request) -> Response:
    return HTMLResponse("<p>page", status_code=int(request.query_params.get("status", 200)))


def cookie_client(scheme: str = "http") -> TestClient:
    async def unchanged(request: Request) -> Response:
        return Response(status_code=304)

    async def data(request: Request) -> Response:
        return JSONResponse({"browser": request.cookies.get(BROWSER_COOKIE)})

    async def text(request: Request) -> Response:
        return PlainTextResponse("text/html is only its text", headers={"X-Kind": "text/html"})

    routes = [Route("/", page), Route("/unchanged", unchanged), Route("/data", data), Route("/text", text)]
    app = Starlette(routes=routes, middleware=[Middleware(BrowserCookie)])
    return TestClient(app, base_url=f"{scheme}://lab.example", headers={"accept": "text/html,*/*;q=0.8"})


def cookie_of(response: httpx.Response) -> SimpleCookie:
    return SimpleCookie(response.headers["set-cookie"])


def test_a_browser_gets_a_name_of_its_own_once():
    client = cookie_client()
    morsel = cookie_of(client.get("/"))[BROWSER_COOKIE]
    assert len(morsel.value) >= 32
    assert (morsel["httponly"], morsel["samesite"], morsel["path"]) == (True, "Lax", "/")
    assert not morsel["secure"]
    assert 0 < int(morsel["max-age"]) <= 400 * 24 * 3600  # what browsers keep at most
    assert client.get("/data").json() == {"browser": morsel.value}
    again = cookie_of(client.get("/"))[BROWSER_COOKIE]  # renewed
    assert (again.value, again["max-age"], again["httponly"]) == (morsel.value, morsel["max-age"], True)
    assert cookie_of(cookie_client().get("/"))[BROWSER_COOKIE].value != morsel.value


def test_under_https_the_name_is_sent_under_https_only():
    assert cookie_of(cookie_client("https").get("/"))[BROWSER_COOKIE]["secure"] is True


@pytest.mark.parametrize("path", ["/data", "/text", "/nowhere"])
def test_only_pages_give_names(path):
    assert "set-cookie" not in cookie_client().get(path).headers


def test_a_page_in_the_place_of_an_icon_gives_no_name_and_brings_none_back():
    client = cookie_client()
    assert "set-cookie" not in client.get("/", headers={"accept": "image/avif,image/*,*/*;q=0.8"}).headers
    client.get("/")
    assert "set-cookie" not in client.get("/", headers={"accept": "image/avif,image/*,*/*;q=0.8"}).headers


def test_a_page_the_browser_has_kept_gives_a_name_too():
    client = cookie_client()
    assert "set-cookie" not in client.get("/unchanged", headers={"accept": "*/*"}).headers
    assert BROWSER_COOKIE in cookie_of(client.get("/unchanged"))


@pytest.mark.parametrize(
    "cookies",
    [
        f"{BROWSER_COOKIE}=mine",
        f"a=1; {BROWSER_COOKIE}=mine; b=2",
        f'prefs={{"theme": "dark"}}; {BROWSER_COOKIE}=mine',  # no valid cookie, but browsers send it
        f"bad name=1; {BROWSER_COOKIE}=mine",
        f"=; ;; {BROWSER_COOKIE}=mine",
    ],
)
def test_a_name_is_seen_among_other_cookies(cookies):
    client = cookie_client()
    assert cookie_of(client.get("/", headers={"cookie": cookies}))[BROWSER_COOKIE].value == "mine"
    assert client.get("/data", headers={"cookie": cookies}).json() == {"browser": "mine"}


@pytest.mark.parametrize("cookies", ["", "a=1", f"x{BROWSER_COOKIE}=mine", f"a={BROWSER_COOKIE}", "\xff=\xfe"])
def test_other_cookies_are_not_names(cookies):
    response = cookie_client().get("/", headers={"cookie": cookies.encode("latin-1")})
    assert BROWSER_COOKIE in cookie_of(response)


def test_a_name_that_we_never_gave_is_not_written_into_a_header():
    for name in ("a b", "a\xff", '"a; Path=/x"', "x" * 201):
        cookies = f"{BROWSER_COOKIE}={name}".encode("latin-1")
        assert "set-cookie" not in cookie_client().get("/", headers={"cookie": cookies}).headers
