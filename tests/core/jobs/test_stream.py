"""The routes that carry frames, and the cookie that says whose browser it is."""

import asyncio
import threading
import time
from http.cookies import SimpleCookie
from pathlib import Path

import httpx
import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from core.analysis.axes import Axes
from core.errors import WorkersError
from core.experiment import read_query
from core.jobs import jobs as jobs_module
from core.jobs import stream
from core.jobs.job import Job
from core.jobs.jobs import Jobs
from core.jobs.stream import BROWSER_COOKIE, BrowserCookie, live_routes
from core.messages.frames import Frame, decode
from core.messages.past import Past
from core.messages.updates import INTERRUPTED, RUNNING, Update

SITE = "http://lab.example"


class NoCluster:
    """Stands where the workers are: the jobs here are fed by hand."""

    ready = True

    def __init__(self, *_: object) -> None:
        pass

    def open(self, *_: object) -> None:
        pass

    ask = close = open

    def send(self, run: str, name: str, value: object = None) -> None:
        self.sent = [*getattr(self, "sent", []), (name, value)]

    def ask_run(self, take, run, call, *arguments) -> None:
        threading.Thread(target=take, args=self.answer(*arguments)).start()


@pytest.fixture
def jobs(monkeypatch) -> Jobs:
    monkeypatch.setattr(jobs_module, "Cluster", NoCluster)
    return Jobs()


@pytest.fixture
def job(jobs) -> Job:
    return jobs.start("my browser", read_query("data=moons&epochs=100"), Axes(0, 1))


async def same_site(origin: str | None, host: str | None) -> bool:
    return origin is None or origin == f"http://{host}"


def make_app(jobs: Jobs, assets: dict[str, Path] | None = None, base: str = "") -> Starlette:
    return Starlette(routes=live_routes(lambda: jobs, same_site, assets or {}, base))


@pytest.fixture
def client(jobs) -> TestClient:
    return TestClient(make_app(jobs), base_url=SITE, cookies={BROWSER_COOKIE: "my browser"})


def feed(job: Job, first_row: int, rows: int, generation: int = 0, **arrays: np.ndarray) -> None:
    """Let the job have rows whose loss is the row's number, and 1000 more a generation."""
    values = np.arange(first_row, first_row + rows)[:, None] + np.arange(4) / 4 + 1000 * generation
    job.apply(
        Update(
            status=RUNNING,
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


def test_a_page_that_has_not_heard_that_its_run_is_forgotten_is_told_nothing_for_a_while(
    jobs, client, job, monkeypatch
):
    monkeypatch.setattr(stream, "WAIT_SECONDS", 0.05)
    jobs.forget(job)
    assert client.get(f"/live/{job.token}/frames").status_code == 204
    stranger = TestClient(make_app(jobs), base_url=SITE, cookies={BROWSER_COOKIE: "another browser"})
    assert stranger.get(f"/live/{job.token}/frames").status_code == 404
    monkeypatch.setattr(jobs_module, "FAREWELL_SECONDS", 0.0)
    assert client.get(f"/live/{job.token}/frames").status_code == 404


def test_the_first_frame_holds_everything(client, job):
    feed(job, 0, 3, boundary=np.full((2, 4, 4), 9, np.uint8))
    frame = ask(client, job)
    assert (frame.status, frame.epoch, frame.epochs, frame.first_row) == ("running", 3, 100, 0)
    assert frame.arrays["loss"].tolist() == [0, 1, 2]
    assert frame.arrays["val_accuracy"].tolist() == [0.75, 1.75, 2.75]
    assert (frame.arrays["boundary"] == 9).all()


def test_a_slow_client_skips_frames_but_no_rows(client, job):
    feed(job, 0, 2, boundary=np.zeros((2, 4, 4), np.uint8))
    frame = ask(client, job)
    for row in range(2, 30):
        feed(job, row, 1, boundary=np.full((2, 4, 4), row, np.uint8))
    latest = follow(client, job, frame, rows=2)
    assert latest.seq == frame.seq + 28
    assert latest.first_row == 2
    assert latest.arrays["loss"].tolist() == list(range(2, 30))
    assert (latest.arrays["boundary"] == 29).all()


def test_a_client_that_comes_back_gets_the_rest(client, job):
    feed(job, 0, 20)
    frame = ask(client, job, seq=0, generation=0, rows=0)
    feed(job, 20, 5)
    back = ask(client, job, seq=frame.seq, generation=0, rows=15)  # the last rows were lost on the way
    assert (back.first_row, back.arrays["loss"].tolist()) == (15, list(range(15, 25)))


def test_a_new_generation_sends_all_of_it(client, job):
    feed(job, 0, 20)
    frame = ask(client, job)
    feed(job, 0, 4, generation=1)
    new = follow(client, job, frame, rows=20)
    assert (new.generation, new.first_row) == (1, 0)
    assert new.arrays["loss"].tolist() == [1000, 1001, 1002, 1003]


def test_no_news_is_no_content(client, job, monkeypatch):
    monkeypatch.setattr(stream, "WAIT_SECONDS", 0.05)
    response = client.get(f"/live/{job.token}/frames", params={"seq": ask(client, job).seq})
    assert (response.status_code, response.content) == (204, b"")
    assert response.headers["cache-control"] == "no-store"


def test_an_update_wakes_those_who_wait(client, job, monkeypatch):
    monkeypatch.setattr(stream, "WAIT_SECONDS", 120.0)
    frame = ask(client, job)
    timer = threading.Timer(0.1, feed, (job, 0, 2))
    timer.start()
    started = time.monotonic()
    assert follow(client, job, frame, rows=0).epoch == 2
    assert time.monotonic() - started < 60
    timer.join()


def test_a_waiting_client_holds_nobody_up(jobs, job, monkeypatch):
    monkeypatch.setattr(stream, "WAIT_SECONDS", 60.0)
    other = jobs.start("other browser", read_query("data=moons"), None)

    async def watch() -> None:
        transport = httpx.ASGITransport(make_app(jobs))
        async with (
            httpx.AsyncClient(transport=transport, base_url=SITE, cookies={BROWSER_COOKIE: "my browser"}) as mine,
            httpx.AsyncClient(transport=transport, base_url=SITE, cookies={BROWSER_COOKIE: "other browser"}) as others,
        ):
            waiting = [asyncio.create_task(mine.get(f"/live/{job.token}/frames?seq=1")) for _ in range(20)]
            await asyncio.sleep(0.05)
            assert (await others.get(f"/live/{other.token}/frames")).status_code == 200
            assert not any(task.done() for task in waiting)
            threading.Thread(target=feed, args=(job, 0, 1)).start()
            answers = await asyncio.wait_for(asyncio.gather(*waiting), 50)
            assert {answer.status_code for answer in answers} == {200}

    asyncio.run(watch())


@pytest.mark.parametrize("name", ["", "another browser", "my browse", "ich, der Jörg"])
def test_a_job_is_shown_to_its_own_browser_only(name, jobs, job):
    headers = {"cookie": f"{BROWSER_COOKIE}={name}".encode("latin-1")} if name else {}
    response = TestClient(make_app(jobs), base_url=SITE).get(f"/live/{job.token}/frames", headers=headers)
    assert response.status_code == 404
    assert response.text == "There is no such run, or it was started by another browser."


def test_an_unknown_token_is_told_nothing_else(client, job):
    for token in ("x", job.token[:-1], job.run, "%00", "é"):
        response = client.get(f"/live/{token}/frames")
        assert response.status_code == 404
        assert response.text == "There is no such run, or it was started by another browser."


@pytest.mark.parametrize("origin", ["http://elsewhere.example", "null", "https://lab.example", ""])
def test_pages_of_other_sites_are_refused(origin, client, job):
    response = client.get(f"/live/{job.token}/frames", headers={"origin": origin})
    assert response.status_code == 403


def test_pages_of_this_site_are_not(client, job):
    assert client.get(f"/live/{job.token}/frames", headers={"origin": SITE}).status_code == 200


@pytest.mark.parametrize("name", ["seq", "generation", "rows"])
@pytest.mark.parametrize(
    "value", ["-1", "1.5", "", "x", " 1", "+1", "1_0", "٣", "²", str(2**53 + 1), "9" * 5000, "0x10", "1e3"]
)
def test_counts_are_whole_numbers(name, value, client, job):
    response = client.get(f"/live/{job.token}/frames", params={name: value})
    assert response.status_code == 400
    assert response.text.startswith(f"`{name}` must be a whole number from 0.")
    assert len(response.text) < 200


def test_counts_may_be_as_large_as_javascript_counts(client, job):
    assert ask(client, job, seq=2**53, generation=2**53, rows=2**53).first_row == 0


def test_watching_is_noted(client, job):
    job._watched_at -= 100
    ask(client, job)
    assert job.unwatched_for() < 50


def test_routes_lie_under_the_base_path(jobs, job):
    client = TestClient(make_app(jobs, base="/lab"), base_url=SITE, cookies={BROWSER_COOKIE: "my browser"})
    assert client.get(f"/lab/live/{job.token}/frames").status_code == 200
    assert client.get(f"/live/{job.token}/frames").status_code == 404


# Assets


@pytest.fixture
def asset_client(jobs, tmp_path) -> TestClient:
    (tmp_path / "panel.js").write_text("export default 1")
    (tmp_path / "secret.txt").write_text("secret")
    return TestClient(make_app(jobs, {"panel.js": tmp_path / "panel.js"}), base_url=SITE)


def test_assets_are_served_once_and_for_all(asset_client):
    response = asset_client.get("/live/assets/1.2.3/panel.js")
    assert (response.status_code, response.text) == (200, "export default 1")
    assert response.headers["content-type"].startswith("text/javascript")
    assert response.headers["cache-control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize("name", ["secret.txt", "other.js", "..%2Fsecret.txt", "%2Fetc%2Fpasswd", "panel.js%00"])
def test_nothing_else_is_served(name, asset_client):
    assert asset_client.get(f"/live/assets/1/{name}").status_code == 404


# The cookie


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
    return TestClient(
        Starlette(routes=routes, middleware=[Middleware(BrowserCookie)]), base_url=f"{scheme}://lab.example"
    )


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
    assert "set-cookie" not in client.get("/").headers
    assert cookie_of(cookie_client().get("/"))[BROWSER_COOKIE].value != morsel.value


def test_under_https_the_name_is_sent_under_https_only():
    assert cookie_of(cookie_client("https").get("/"))[BROWSER_COOKIE]["secure"] is True


@pytest.mark.parametrize("path", ["/data", "/text", "/nowhere"])
def test_only_pages_give_names(path):
    assert "set-cookie" not in cookie_client().get(path, headers={"accept": "*/*"}).headers


def test_a_page_the_browser_has_kept_gives_a_name_too():
    client = cookie_client()
    assert "set-cookie" not in client.get("/unchanged", headers={"accept": "*/*"}).headers
    assert BROWSER_COOKIE in cookie_of(client.get("/unchanged", headers={"accept": "text/html,*/*;q=0.8"}))


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
    assert "set-cookie" not in client.get("/", headers={"cookie": cookies}).headers
    assert client.get("/data", headers={"cookie": cookies}).json() == {"browser": "mine"}


@pytest.mark.parametrize("cookies", ["", "a=1", f"x{BROWSER_COOKIE}=mine", f"a={BROWSER_COOKIE}", "\xff=\xfe"])
def test_other_cookies_are_no_name(cookies):
    response = cookie_client().get("/", headers={"cookie": cookies.encode("latin-1")})
    assert BROWSER_COOKIE in cookie_of(response)


# Inside and replay


def test_who_asks_for_the_inside_gets_it_and_its_worker_is_told_once(jobs, client, job):
    assert "weights" not in ask(client, job, inside=0).arrays
    for _ in range(2):
        ask(client, job, inside=1)
    feed(job, 0, 2, weights=np.ones(5, np.uint16))
    assert "weights" in ask(client, job, inside=1).arrays
    assert "weights" not in ask(client, job).arrays
    assert jobs.cluster.sent == [("inside", True)]


def test_the_worker_is_told_when_nobody_looks_inside_any_more(jobs, client, job, monkeypatch):
    ask(client, job, inside=1)
    monkeypatch.setattr(jobs.cluster, "tend", lambda: None, raising=False)
    jobs.tend()
    job._looked_inside_at -= 11
    jobs.tend()
    jobs.tend()
    assert jobs.cluster.sent == [("inside", True), ("inside", False)]


def test_all_who_look_inside_are_given_the_same_arrays_made_once(jobs, client, job):
    """Whatever each has seen before: a frame costs the worker one look, however many there are."""
    tabs = [TestClient(make_app(jobs), base_url=SITE, cookies={BROWSER_COOKIE: "my browser"}) for _ in range(3)]
    seen = [ask(tab, job, inside=1) for tab in tabs]
    for rows in range(5):
        feed(job, rows, 1, weights=np.full(5, rows, np.uint16))
        seen[0] = ask(tabs[0], job, seq=seen[0].seq, rows=rows, inside=1)  # the others are slow
        assert seen[0].arrays["weights"].tolist() == [rows] * 5
    for tab, before in zip(tabs[1:], seen[1:], strict=True):
        latest = ask(tab, job, seq=before.seq, rows=0, inside=1)
        assert (latest.seq, latest.arrays["weights"].tolist()) == (seen[0].seq, [4] * 5)
        assert latest.arrays["loss"].tolist() == list(range(5))
    frames = [job.frame(before.seq - 1, 0, 0, inside=True) for before in seen]
    assert len({id(frame.arrays["weights"]) for frame in frames}) == 1
    assert jobs.cluster.sent == [("inside", True)]


def test_who_looks_inside_just_as_the_last_one_is_let_go_is_not_forgotten(jobs, job, monkeypatch):
    monkeypatch.setattr(jobs.cluster, "tend", lambda: None, raising=False)
    jobs.look_inside(job)
    job._looked_inside_at -= 11
    comes = threading.Thread(target=jobs.look_inside, args=(job,))
    leave_inside = job.leave_inside

    def leave_as_another_comes() -> bool:
        left = leave_inside()
        comes.start()
        comes.join(0.1)
        return left

    monkeypatch.setattr(job, "leave_inside", leave_as_another_comes)
    jobs.tend()
    comes.join()
    assert job.is_inside
    assert jobs.cluster.sent[-1] == ("inside", True)


def test_an_earlier_epoch_is_answered_with_one_frame(jobs, client, job):
    feed(job, 0, 9)
    asked = []

    def answer(epoch: int, inside: bool):
        asked.append((epoch, inside))
        return Past(epoch - 1, 0, {"boundary": np.full((2, 4, 4), epoch, np.uint8)}), None

    jobs.cluster.answer = answer
    response = client.get(f"/live/{job.token}/replay", params={"epoch": 5, "inside": 1})
    assert (response.status_code, response.headers["cache-control"]) == (200, "no-store")
    frame = decode(response.content)
    assert (frame.epoch, frame.epochs, list(frame.arrays)) == (4, 100, ["boundary"])
    assert client.get(f"/live/{job.token}/replay", params={"epoch": 7}).status_code == 200
    assert asked == [(5, True), (7, False)]


def test_a_replay_waits_for_a_run_that_is_trained_again_elsewhere(jobs, client, job):
    answers = [(None, None), (Past(3, 0, {}), None)]
    jobs.cluster.answer = lambda *_: answers.pop(0)
    assert decode(client.get(f"/live/{job.token}/replay?epoch=3").content).epoch == 3


@pytest.mark.parametrize("error", [WorkersError("It went with its worker."), RuntimeError("x")])
def test_what_is_lost_cannot_be_replayed(error, jobs, client, job):
    jobs.cluster.answer = lambda *_: (None, error)
    response = client.get(f"/live/{job.token}/replay?epoch=3")
    assert response.status_code == 410
    assert "worker" in response.text


def test_an_interrupted_run_says_so(jobs, client, job):
    jobs.cluster.answer = lambda *_: (None, None)
    job.end(INTERRUPTED, "The worker has died.")
    response = client.get(f"/live/{job.token}/replay?epoch=3")
    assert (response.status_code, response.text) == (410, "The worker has died.")


def test_a_worker_that_does_not_answer_is_busy(jobs, client, job, monkeypatch):
    monkeypatch.setattr(jobs_module, "REPLAY_SECONDS", 0.05)
    monkeypatch.setattr(jobs.cluster, "ask_run", lambda *_: None)
    assert client.get(f"/live/{job.token}/replay?epoch=3").status_code == 503


def test_a_replay_is_for_its_own_browser_and_site_alone(jobs, client, job):
    address = f"/live/{job.token}/replay?epoch=3"
    stranger = TestClient(make_app(jobs), base_url=SITE, cookies={BROWSER_COOKIE: "another browser"})
    assert stranger.get(address).status_code == 404
    assert client.get(address, headers={"origin": "http://elsewhere.example"}).status_code == 403


@pytest.mark.parametrize("query", ["epoch=-1", "epoch=x", "epoch=1&inside=2", "epoch=1&inside=yes"])
def test_what_is_asked_of_a_replay_is_checked(query, client, job):
    response = client.get(f"/live/{job.token}/replay?{query}")
    assert response.status_code == 400
    assert response.text.split("`")[1] in ("epoch", "inside")
