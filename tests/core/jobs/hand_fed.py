"""Jobs without workers, which their tests feed by hand, and clients that watch them."""

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from starlette.applications import Starlette
from starlette.testclient import TestClient

from core.jobs.job import Job
from core.jobs.jobs import Jobs
from core.jobs.stream import BROWSER_COOKIE, live_routes
from core.messages.frames import Frame, decode
from core.messages.updates import RUNNING, Update

SITE = "http://lab.example"
BROWSER = "my browser"


class NoCluster:
    """Stands in for the workers: notes what is sent to them, and answers questions with `answer`."""

    ready = True
    is_away = False

    def __init__(self, *_: object) -> None:
        self.sent: list[tuple[str, object]] = []
        self.closed: list[str] = []
        self.answer: Callable[..., tuple[Any, BaseException | None]] | None = None

    def open(self, *_: object) -> None:
        pass

    ask = tend = open

    def close(self, run: str) -> None:
        self.closed.append(run)

    def send(self, run: str, name: str, value: object = None) -> None:
        self.sent.append((name, value))

    def ask_run(self, on_result: Callable[..., None], run: str, call: object, *arguments: object) -> None:
        threading.Thread(target=on_result, args=self.answer(*arguments)).start()


async def same_site(origin: str | None, host: str | None) -> bool:
    return origin is None or origin == f"http://{host}"


def make_app(jobs: Jobs, assets: Mapping[str, Path] | None = None, base: str = "") -> Starlette:
    return Starlette(routes=live_routes(lambda: jobs, same_site, assets or {}, base))


def make_client(app: Starlette, browser: str = BROWSER) -> TestClient:
    return TestClient(app, base_url=SITE, cookies={BROWSER_COOKIE: browser})


def feed(job: Job, first_row: int, rows: int, generation: int = 0, status: str = RUNNING, **arrays: np.ndarray) -> None:
    """Let the job have rows whose loss is the row's number, and 1000 more a generation."""
    values = np.arange(first_row, first_row + rows)[:, None] + np.arange(4) / 4 + 1000 * generation
    job.apply(
        Update(
            status=status,
            generation=generation,
            epoch=first_row + rows,
            epochs=100,
            first_row=first_row,
            rows=values.astype(np.float32),
            learning_rate=0.01,
            ms_per_epoch=1.0,
            message="",
            test=None,
            arrays=arrays,
            arrays_epoch=first_row + rows,
        )
    )


def ask(client: TestClient, job: Job, **params: object) -> Frame:
    response = client.get(f"/live/{job.token}/frames", params=params)
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/octet-stream"
    assert response.headers["cache-control"] == "no-store"
    return decode(response.content)


def follow(client: TestClient, job: Job, frame: Frame, rows: int) -> Frame:
    """Ask as a client does that has taken in `frame` and now holds `rows` rows."""
    return ask(client, job, seq=frame.seq, generation=frame.generation, rows=rows)


def waiting(job: Job) -> int:
    """Return how many wait for news of a job."""
    return len(job._watchers._waiting)
