"""The route that carries frames, and the one that serves assets."""

import asyncio
import threading

import httpx
import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from core.experiment import read_query
from core.jobs import jobs as jobs_module
from core.jobs import stream
from core.jobs.browser_names import BrowserNames
from core.jobs.stream import BROWSER_COOKIE, TICKET_HEADER, live_routes
from tests.core.jobs.hand_fed import BROWSER, SITE, ask, feed, follow, make_app, make_client, same_site, waiting
from tests.waiting import PATIENCE, wait_until


def test_a_page_that_still_asks_for_a_forgotten_run_is_told_nothing_for_a_while(fed_jobs, client, fed_job, monkeypatch):
    monkeypatch.setattr(stream, "WAIT_SECONDS", 0.05)
    fed_jobs.forget(fed_job)
    assert client.get(f"/live/{fed_job.token}/frames").status_code == 204
    stranger = make_client(make_app(fed_jobs), "another browser")
    assert stranger.get(f"/live/{fed_job.token}/frames").status_code == 404
    monkeypatch.setattr(jobs_module, "TOMBSTONE_SECONDS", 0.0)
    assert client.get(f"/live/{fed_job.token}/frames").status_code == 404


def test_a_tab_whose_browser_has_got_another_cookie_claims_its_runs_for_that(fed_jobs, fed_job):
    names = BrowserNames()
    app = Starlette(routes=live_routes(lambda: fed_jobs, same_site, {}, names=names))
    client, stranger = make_client(app, "the later cookie"), make_client(app, "a stranger")
    older = fed_jobs.start(BROWSER, fed_job.experiment, None)
    mine = fed_jobs.start("the later cookie", fed_job.experiment, None)
    frames, claim = f"/live/{fed_job.token}/frames", f"/live/{fed_job.token}/claim"
    ticket = {TICKET_HEADER: names.ticket(fed_job.token)}
    assert client.get(frames).status_code == 404
    for wrong in ({}, {TICKET_HEADER: names.ticket(older.token)}, {TICKET_HEADER: "é".encode()}):
        assert client.post(claim, headers=wrong).status_code == 404
    assert client.post(claim, headers=ticket | {"origin": "https://evil.example"}).status_code == 403
    assert client.get(claim, headers=ticket).status_code == 405
    assert client.get(frames).status_code == 404

    assert client.post(claim, headers=ticket).status_code == 204
    assert client.get(frames).status_code == 200
    assert {job.owner for job in (fed_job, older, mine)} == {"the later cookie"}
    assert names.present(BROWSER) == "the later cookie"  # what the tab starts from now on is that browser's too
    assert names.present("a stranger") == "a stranger"
    assert make_client(app).get(frames).status_code == 200  # under either name
    assert stranger.get(frames).status_code == 404
    assert client.post(claim, headers=ticket).status_code == 204  # the other parts of the page claim too


def test_a_tab_whose_browser_has_lost_its_cookie_gets_one_with_its_run(fed_jobs, fed_job):
    names = BrowserNames()
    app = Starlette(routes=live_routes(lambda: fed_jobs, same_site, {}, names=names))
    client, claim = TestClient(app, base_url=SITE), f"/live/{fed_job.token}/claim"
    assert client.post(claim).status_code == 404
    assert not client.cookies
    assert client.post(claim, headers={TICKET_HEADER: names.ticket(fed_job.token)}).status_code == 204
    assert fed_job.owner == client.cookies[BROWSER_COOKIE]
    assert client.get(f"/live/{fed_job.token}/frames").status_code == 200


def test_the_first_frame_holds_everything(client, fed_job):
    feed(fed_job, 0, 3, boundary=np.full((2, 4, 4), 9, np.uint8))
    frame = ask(client, fed_job)
    assert (frame.status, frame.epoch, frame.epochs, frame.first_row) == ("running", 3, 100, 0)
    assert frame.arrays["loss"].tolist() == [0, 1, 2]
    assert frame.arrays["val_accuracy"].tolist() == [0.75, 1.75, 2.75]
    assert (frame.arrays["boundary"] == 9).all()


def test_a_slow_client_skips_frames_but_no_rows(client, fed_job):
    feed(fed_job, 0, 2, boundary=np.zeros((2, 4, 4), np.uint8))
    frame = ask(client, fed_job)
    for row in range(2, 30):
        feed(fed_job, row, 1, boundary=np.full((2, 4, 4), row, np.uint8))
    latest = follow(client, fed_job, frame, rows=2)
    assert latest.seq == frame.seq + 28
    assert latest.first_row == 2
    assert latest.arrays["loss"].tolist() == list(range(2, 30))
    assert (latest.arrays["boundary"] == 29).all()


def test_a_client_that_comes_back_gets_the_rest(client, fed_job):
    feed(fed_job, 0, 20)
    frame = ask(client, fed_job, seq=0, generation=0, rows=0)
    feed(fed_job, 20, 5)
    back = ask(client, fed_job, seq=frame.seq, generation=0, rows=15)  # the last rows were lost on the way
    assert (back.first_row, back.arrays["loss"].tolist()) == (15, list(range(15, 25)))


def test_a_new_generation_sends_all_of_it(client, fed_job):
    feed(fed_job, 0, 20)
    frame = ask(client, fed_job)
    feed(fed_job, 0, 4, generation=1)
    new = follow(client, fed_job, frame, rows=20)
    assert (new.generation, new.first_row) == (1, 0)
    assert new.arrays["loss"].tolist() == [1000, 1001, 1002, 1003]


def test_no_news_is_no_content(client, fed_job, monkeypatch):
    monkeypatch.setattr(stream, "WAIT_SECONDS", 0.05)
    response = client.get(f"/live/{fed_job.token}/frames", params={"seq": ask(client, fed_job).seq})
    assert (response.status_code, response.content) == (204, b"")
    assert response.headers["cache-control"] == "no-store"


def test_an_update_wakes_those_who_wait(client, fed_job, monkeypatch):
    monkeypatch.setattr(stream, "WAIT_SECONDS", PATIENCE)
    frame = ask(client, fed_job)

    def feed_when_it_waits() -> None:
        wait_until(lambda: waiting(fed_job))
        feed(fed_job, 0, 2)

    thread = threading.Thread(target=feed_when_it_waits)
    thread.start()
    assert follow(client, fed_job, frame, rows=0).epoch == 2  # after WAIT_SECONDS there would be no frame
    thread.join()


def test_a_waiting_client_holds_nobody_up(fed_jobs, fed_job, monkeypatch):
    monkeypatch.setattr(stream, "WAIT_SECONDS", PATIENCE)
    other = fed_jobs.start("other browser", read_query("data=moons"), None)

    async def watch() -> None:
        transport = httpx.ASGITransport(make_app(fed_jobs))
        async with (
            httpx.AsyncClient(transport=transport, base_url=SITE, cookies={BROWSER_COOKIE: BROWSER}) as mine,
            httpx.AsyncClient(transport=transport, base_url=SITE, cookies={BROWSER_COOKIE: "other browser"}) as others,
        ):
            requests = [asyncio.create_task(mine.get(f"/live/{fed_job.token}/frames?seq=1")) for _ in range(20)]
            await asyncio.to_thread(wait_until, lambda: waiting(fed_job) == 20)
            assert (await others.get(f"/live/{other.token}/frames")).status_code == 200
            assert not any(task.done() for task in requests)
            threading.Thread(target=feed, args=(fed_job, 0, 1)).start()
            answers = await asyncio.gather(*requests)
            assert {answer.status_code for answer in answers} == {200}

    asyncio.run(watch())


@pytest.mark.parametrize("name", ["", "another browser", "my browse", "ich, der Jörg"])
def test_a_job_is_shown_to_its_own_browser_only(name, fed_jobs, fed_job):
    headers = {"cookie": f"{BROWSER_COOKIE}={name}".encode("latin-1")} if name else {}
    response = TestClient(make_app(fed_jobs), base_url=SITE).get(f"/live/{fed_job.token}/frames", headers=headers)
    assert response.status_code == 404
    assert response.text == "There is no such run, or it was started by another browser."


def test_an_unknown_token_is_told_nothing_else(client, fed_job):
    for token in ("x", fed_job.token[:-1], fed_job.run, "%00", "é"):
        response = client.get(f"/live/{token}/frames")
        assert response.status_code == 404
        assert response.text == "There is no such run, or it was started by another browser."


@pytest.mark.parametrize("origin", ["http://elsewhere.example", "null", "https://lab.example", ""])
def test_pages_of_other_sites_are_refused(origin, client, fed_job):
    response = client.get(f"/live/{fed_job.token}/frames", headers={"origin": origin})
    assert response.status_code == 403


def test_pages_of_this_site_are_not(client, fed_job):
    assert client.get(f"/live/{fed_job.token}/frames", headers={"origin": SITE}).status_code == 200


@pytest.mark.parametrize("name", ["seq", "generation", "rows"])
@pytest.mark.parametrize(
    "value", ["-1", "1.5", "", "x", " 1", "+1", "1_0", "٣", "²", str(2**53 + 1), "9" * 5000, "0x10", "1e3"]
)
def test_counts_are_whole_numbers(name, value, client, fed_job):
    response = client.get(f"/live/{fed_job.token}/frames", params={name: value})
    assert response.status_code == 400
    assert response.text.startswith(f"`{name}` must be a whole number from 0.")
    assert len(response.text) < 200


def test_counts_may_be_as_large_as_javascript_counts(client, fed_job):
    assert ask(client, fed_job, seq=2**53, generation=2**53, rows=2**53).first_row == 0


def test_watching_is_noted(client, fed_job):
    fed_job._watchers.seen_at -= 100
    ask(client, fed_job)
    assert fed_job.unwatched_seconds() < 50


def test_routes_lie_under_the_base_path(fed_jobs, fed_job):
    client = make_client(make_app(fed_jobs, base="/lab"))
    assert client.get(f"/lab/live/{fed_job.token}/frames").status_code == 200
    assert client.get(f"/live/{fed_job.token}/frames").status_code == 404


# Assets


@pytest.fixture
def asset_client(fed_jobs, tmp_path) -> TestClient:
    (tmp_path / "panel.js").write_text("export default 1")
    (tmp_path / "secret.txt").write_text("secret")
    return TestClient(make_app(fed_jobs, {"panel.js": tmp_path / "panel.js"}), base_url=SITE)


def test_assets_are_served_once_and_for_all(asset_client):
    response = asset_client.get("/live/assets/1.2.3/panel.js")
    assert (response.status_code, response.text) == (200, "export default 1")
    assert response.headers["content-type"].startswith("text/javascript")
    assert response.headers["cache-control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize("name", ["secret.txt", "other.js", "..%2Fsecret.txt", "%2Fetc%2Fpasswd", "panel.js%00"])
def test_nothing_else_is_served(name, asset_client):
    assert asset_client.get(f"/live/assets/1/{name}").status_code == 404
