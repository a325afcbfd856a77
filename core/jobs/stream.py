"""The routes that carry frames to the browser, past the page's own reruns.

A browser asks for what it lacks and waits a few seconds for it. To watch a job it must send two things: the job's
token, which cannot be guessed, and the cookie of the browser that started the job.
"""

from __future__ import annotations

import asyncio
import mimetypes
import secrets
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from pathlib import Path
from typing import Any

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection, Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from core.errors import WorkersError
from core.jobs.job import Job
from core.jobs.jobs import Jobs
from core.messages.frames import Frame, encode

BROWSER_COOKIE = "hidden_layers_browser"
WAIT_SECONDS = 3.0  # for news; a server that is stopped waits for these requests
_COOKIE_SECONDS = 30 * 24 * 3600
_NO_STORE = {"Cache-Control": "no-store"}
_MAX_COUNT = 2**53  # the largest number up to which JavaScript counts

OriginRule = Callable[[str | None, str | None], Awaitable[bool]]


def live_routes(
    jobs: Callable[[], Jobs], origin_allowed: OriginRule, assets: Mapping[str, Path], base: str = ""
) -> list[Route]:
    """Return the routes under BASE/live.

    Args:
        jobs: returns the server's jobs.
        origin_allowed: whether a request with this Origin and Host header is allowed.
        assets: the files served under BASE/live/assets/VERSION/NAME, by name.
        base: the path the app is served under, "" or "/path".
    """

    # Over 60 lines because four small handlers close over the arguments.
    async def find_job(request: Request) -> Job | Response:
        """Return the job that a request may watch, or the response if there is none."""
        if not await origin_allowed(request.headers.get("origin"), request.headers.get("host")):
            return PlainTextResponse("Pages of other sites may not use this address.", 403)
        token, owner = request.path_params["token"], request.cookies.get(BROWSER_COOKIE, "")
        job = jobs().get(token, owner)
        if job is None and jobs().was_forgotten(token, owner):
            await asyncio.sleep(WAIT_SECONDS)  # by then the page shows another run, or asks once more
            return Response(status_code=204, headers=_NO_STORE)
        return job or PlainTextResponse("There is no such run, or it was started by another browser.", 404)

    async def frames(request: Request) -> Response:
        job = await find_job(request)
        if isinstance(job, Response):
            return job
        try:
            seq, generation, rows = (_count(request, name) for name in ("seq", "generation", "rows"))
            inside = _flag(request, "inside")
        except ValueError as error:
            return PlainTextResponse(str(error), 400)
        if inside:
            jobs().look_inside(job)
        frame = await job.next_frame(seq, generation, rows, WAIT_SECONDS, inside)
        return Response(status_code=204, headers=_NO_STORE) if frame is None else _answer(frame)

    async def replay(request: Request) -> Response:
        job = await find_job(request)
        if isinstance(job, Response):
            return job
        try:
            epoch, inside = _count(request, "epoch"), _flag(request, "inside")
        except ValueError as error:
            return PlainTextResponse(str(error), 400)
        try:
            return _answer(await jobs().replay(job, epoch, inside))
        except TimeoutError:
            return PlainTextResponse("The training worker is busy. Try again in a moment.", 503)
        except WorkersError as error:
            return PlainTextResponse(str(error), 410)

    async def asset(request: Request) -> Response:
        path = assets.get(request.path_params["name"])
        if path is None:
            return PlainTextResponse("There is no such file.", 404)
        # The address contains the file's version, so the file at one address never changes.
        headers = {"Cache-Control": "public, max-age=31536000, immutable"}
        kind = mimetypes.guess_type(path.name)[0]
        return FileResponse(path, headers=headers, media_type=kind)

    return [
        Route(f"{base}/live/assets/{{version}}/{{name}}", asset),
        Route(f"{base}/live/{{token}}/frames", frames),
        Route(f"{base}/live/{{token}}/replay", replay),
    ]


class BrowserCookie:
    """ASGI middleware: gives every browser that opens a page a name of its own that cannot be guessed."""

    def __init__(self, app: Callable[..., Awaitable[None]]) -> None:
        self._app = app

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        # Parsed as the routes and Streamlit do it: Python's own parser stops at an invalid cookie.
        if scope["type"] != "http" or BROWSER_COOKIE in HTTPConnection(scope).cookies:
            await self._app(scope, receive, send)
            return

        async def send_with_cookie(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start" and _is_page(scope, message):
                cookie = (
                    f"{BROWSER_COOKIE}={secrets.token_urlsafe(24)}; Path=/; HttpOnly; SameSite=Lax; "
                    f"Max-Age={_COOKIE_SECONDS}{'; Secure' if scope['scheme'] == 'https' else ''}"
                )
                message["headers"] = [*message["headers"], (b"set-cookie", cookie.encode())]
            await send(message)

        await self._app(scope, receive, send_with_cookie)


def _is_page(scope: MutableMapping[str, Any], response: MutableMapping[str, Any]) -> bool:
    # For a page that the browser has cached the answer is 304, which has no content type.
    if response["status"] == 304:
        return "text/html" in HTTPConnection(scope).headers.get("accept", "")
    return Headers(raw=response["headers"]).get("content-type", "").startswith("text/html")


def _answer(frame: Frame) -> Response:
    return Response(encode(frame), media_type="application/octet-stream", headers=_NO_STORE)


def _count(request: Request, name: str) -> int:
    text = request.query_params.get(name, "0")
    if not (text.isascii() and text.isdigit() and len(text) < 17 and int(text) <= _MAX_COUNT):
        raise ValueError(f"`{name}` must be a whole number from 0. Received: {text[:40]!r}.")
    return int(text)


def _flag(request: Request, name: str) -> bool:
    text = request.query_params.get(name, "0")
    if text not in ("0", "1"):
        raise ValueError(f"`{name}` must be 0 or 1. Received: {text[:40]!r}.")
    return text == "1"
