"""The routes that carry frames to the browser, past the page's own reruns.

A browser asks for what it lacks and waits a few seconds for it: by a WebSocket that stays open while it watches, or by
a request each time where something between it and this server lets no WebSocket through. To watch a job it must send
two things: the job's token, which cannot be guessed, and the cookie of the browser that started the job. A tab whose
browser has got another cookie since claims its job for that one. Browsers withhold cookies from a page that is embedded
in one of another site: its jobs are watched with their ticket in the cookie's place, which only that page was given.
"""

from __future__ import annotations

import asyncio
import mimetypes
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from starlette.datastructures import Headers, QueryParams
from starlette.requests import HTTPConnection, Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from core.errors import WorkersError
from core.jobs.browser_names import BrowserNames
from core.jobs.embedded import is_embedded
from core.jobs.job import Job
from core.jobs.jobs import Jobs
from core.messages.frames import Frame, encode
from core.messages.pace import SPEEDS, Pace
from core.messages.updates import ENDED

BROWSER_COOKIE = "hidden_layers_browser"
TICKET_HEADER = "X-Hidden-Layers-Ticket"
WAIT_SECONDS = 3.0  # for news; a server that is stopped waits for these requests
_COOKIE_SECONDS = 400 * 24 * 3600  # a person's runs are found by it; browsers keep none for longer
_NO_STORE = {"Cache-Control": "no-store"}
_OTHER_SITE = "Pages of other sites may not use this address."
_NO_RUN = "There is no such run, or it was started by another browser."
_NAME = re.compile(r"[A-Za-z0-9._~-]{1,200}")  # of a browser, as it may stand in a header
_SOCKET = re.compile(r"/live/[^/]+/socket$")
_MAX_COUNT = 2**53  # the largest number up to which JavaScript counts
_ASK_MOST = 300  # characters that ask for a frame
_REFUSED = 1008  # why a WebSocket is closed

OriginRule = Callable[[str | None, str | None], Awaitable[bool]]


def live_routes(
    jobs: Callable[[], Jobs],
    origin_allowed: OriginRule,
    assets: Mapping[str, Path],
    base: str = "",
    names: BrowserNames | None = None,
    keep_speed: Callable[[str, str], Pace] = lambda _, name: SPEEDS[name],
) -> list[Route | WebSocketRoute]:
    """Return the routes under BASE/live.

    Args:
        jobs: returns the server's jobs.
        origin_allowed: whether a request with this Origin and Host header is allowed.
        assets: the files served under BASE/live/assets/VERSION/NAME, by name.
        base: the path the app is served under, "" or "/path".
        names: which cookies name the same browser.
        keep_speed: called with a browser and the name of the speed that it has chosen; returns the pace of its run.
    """
    known = names or BrowserNames()

    # Over 60 lines because ten small functions close over the arguments.
    async def is_allowed(connection: HTTPConnection) -> bool:
        return await origin_allowed(connection.headers.get("origin"), connection.headers.get("host"))

    def name_of(connection: HTTPConnection, ticket: str) -> str:
        """Return the name of who asks: of the embedded page that shows a ticket for its job, or of the browser."""
        token = connection.path_params["token"]
        owner = jobs().owner_of(token)
        if is_embedded(owner) and known.is_ticket(token, ticket):
            return owner
        return known.present(connection.cookies.get(BROWSER_COOKIE, ""))

    async def find_job(connection: HTTPConnection, ticket: str = "") -> Job | Response:
        """Return the job that somebody may watch, or the response if there is none.

        The ticket is in a header. A WebSocket has none that a page could set, and says it when it asks.
        """
        # The origin of a WebSocket was looked at when it was opened.
        if connection.scope["type"] == "http" and not await is_allowed(connection):
            return PlainTextResponse(_OTHER_SITE, 403)
        token = connection.path_params["token"]
        owner = name_of(connection, ticket or connection.headers.get(TICKET_HEADER, ""))
        job = jobs().get(token, owner)
        if job is None and jobs().was_forgotten(token, owner):
            await asyncio.sleep(WAIT_SECONDS)  # by then the page shows another run, or asks once more
            return Response(status_code=204, headers=_NO_STORE)
        return job or PlainTextResponse(_NO_RUN, 404)

    async def find_frame(connection: HTTPConnection, asked: QueryParams) -> Frame | Response:
        """Wait for what somebody lacks of a job and return it, or the response if there is nothing."""
        job = await find_job(connection, asked.get("ticket", ""))
        if isinstance(job, Response):
            return job
        try:
            seq, generation, rows = (_count(asked, name) for name in ("seq", "generation", "rows"))
            inside = _flag(asked, "inside")
        except ValueError as error:
            return PlainTextResponse(str(error), 400)
        if inside:
            jobs().look_inside(job)
        frame = await job.next_frame(seq, generation, rows, WAIT_SECONDS, inside)
        return Response(status_code=204, headers=_NO_STORE) if frame is None else frame

    async def frames(request: Request) -> Response:
        # A ticket in an address would be in logs.
        asked = QueryParams([pair for pair in request.query_params.multi_items() if pair[0] != "ticket"])
        found = await find_frame(request, asked)
        return _answer(found) if isinstance(found, Frame) else found

    async def socket(websocket: WebSocket) -> None:
        # A message asks in the words of the query of `frames`. It is answered by a frame, or by an empty message where
        # nothing is new. A browser that is refused is cut off, and finds out why by asking for `frames`.
        if not await is_allowed(websocket):
            await websocket.close(_REFUSED)
            return
        await websocket.accept()
        with suppress(WebSocketDisconnect):
            while (asked := await _receive_ask(websocket)) is not None:
                found = await find_frame(websocket, asked)
                if isinstance(found, Response) and found.status_code >= 400:
                    await websocket.close(_REFUSED)
                    return
                await websocket.send_bytes(encode(found) if isinstance(found, Frame) else b"")

    async def replay(request: Request) -> Response:
        job = await find_job(request)
        if isinstance(job, Response):
            return job
        try:
            epoch, inside = _count(request.query_params, "epoch"), _flag(request.query_params, "inside")
        except ValueError as error:
            return PlainTextResponse(str(error), 400)
        try:
            return _answer(await jobs().replay(job, epoch, inside))
        except TimeoutError:
            return PlainTextResponse("The training worker is busy. Try again in a moment.", 503)
        except WorkersError as error:
            return PlainTextResponse(str(error), 410)

    async def pace(request: Request) -> Response:
        # Not by way of the page, which would be drawn again: a run that somebody watches follows at once.
        job = await find_job(request)
        if isinstance(job, Response):
            return job
        name = request.query_params.get("speed", "")
        if name not in SPEEDS:
            return PlainTextResponse(f"`speed` must be one of {', '.join(SPEEDS)}. Received: {name[:40]!r}.", 400)
        jobs().set_pace(job, keep_speed(job.owner, name))
        return Response(status_code=204, headers=_NO_STORE)

    async def skip(request: Request) -> Response:
        job = await find_job(request)
        if isinstance(job, Response):
            return job
        if job.status not in ENDED:
            jobs().skip(job)
        return Response(status_code=204, headers=_NO_STORE)

    async def claim(request: Request) -> Response:
        if not await is_allowed(request):
            return PlainTextResponse(_OTHER_SITE, 403)
        ticket, present = request.headers.get(TICKET_HEADER, ""), request.cookies.get(BROWSER_COOKIE, "")
        name = present or secrets.token_urlsafe(24)  # the browser may have forgotten its cookie
        if not known.claim(jobs(), request.path_params["token"], ticket, name):
            return PlainTextResponse(_NO_RUN, 404)
        new = {} if present else {"Set-Cookie": _cookie(name, request.url.scheme)}
        return Response(status_code=204, headers=_NO_STORE | new)

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
        WebSocketRoute(f"{base}/live/{{token}}/socket", socket),
        Route(f"{base}/live/{{token}}/replay", replay),
        Route(f"{base}/live/{{token}}/pace", pace, methods=["POST"]),
        Route(f"{base}/live/{{token}}/skip", skip, methods=["POST"]),
        Route(f"{base}/live/{{token}}/claim", claim, methods=["POST"]),
    ]


class BrowserCookie:
    """ASGI middleware: gives every browser that opens a page a name of its own that cannot be guessed.

    A browser that has one keeps it: every page renews it, so that it ends 400 days after the last visit.
    """

    def __init__(self, app: Callable[..., Awaitable[None]]) -> None:
        self._app = app

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # Parsed as the routes and Streamlit do it: Python's own parser stops at an invalid cookie.
        name = HTTPConnection(scope).cookies.get(BROWSER_COOKIE, "")

        async def send_with_cookie(message: MutableMapping[str, Any]) -> None:
            if (
                message["type"] == "http.response.start"
                and _is_page(scope, message)
                and (not name or _NAME.fullmatch(name))
            ):
                cookie = _cookie(name or secrets.token_urlsafe(24), scope["scheme"])
                message["headers"] = [*message["headers"], (b"set-cookie", cookie.encode())]
            await send(message)

        await self._app(scope, receive, send_with_cookie)


def _cookie(name: str, scheme: str) -> str:
    """Return the header that gives a browser a name."""
    secure = "; Secure" if scheme == "https" else ""
    return f"{BROWSER_COOKIE}={name}; Path=/; HttpOnly; SameSite=Lax; Max-Age={_COOKIE_SECONDS}{secure}"


def _is_page(scope: MutableMapping[str, Any], response: MutableMapping[str, Any]) -> bool:
    # Streamlit answers with its page whatever is not there, as an icon that the browser looks for. If that gave a name,
    # it could take the place of the one that the page itself got at the same moment.
    if "text/html" not in HTTPConnection(scope).headers.get("accept", ""):
        return False
    # For a page that the browser has cached the answer is 304, which has no content type.
    content_type = Headers(raw=response["headers"]).get("content-type", "")
    return response["status"] == 304 or content_type.startswith("text/html")


def _answer(frame: Frame) -> Response:
    return Response(encode(frame), media_type="application/octet-stream", headers=_NO_STORE)


def carries_frames(scope: Mapping[str, Any]) -> bool:
    """Return whether an ASGI connection is a WebSocket of these routes, and not one of a page."""
    return scope["type"] == "websocket" and _SOCKET.search(scope["path"]) is not None


async def _receive_ask(websocket: WebSocket) -> QueryParams | None:
    """Return what a browser asks for next, or None where it has left, or sends what is no ask and is cut off."""
    message = await websocket.receive()
    if message["type"] == "websocket.disconnect":
        return None
    text = message.get("text")
    if text is None or len(text) > _ASK_MOST:
        await websocket.close(_REFUSED)
        return None
    return QueryParams(text)


def _count(asked: QueryParams, name: str) -> int:
    text = asked.get(name, "0")
    if not (text.isascii() and text.isdigit() and len(text) < 17 and int(text) <= _MAX_COUNT):
        raise ValueError(f"`{name}` must be a whole number from 0. Received: {text[:40]!r}.")
    return int(text)


def _flag(asked: QueryParams, name: str) -> bool:
    text = asked.get(name, "0")
    if text not in ("0", "1"):
        raise ValueError(f"`{name}` must be 0 or 1. Received: {text[:40]!r}.")
    return text == "1"
