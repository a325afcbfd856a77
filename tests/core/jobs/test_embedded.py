"""A page that is embedded in one of another site has no cookie: the ticket of its run takes its place."""

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from core.jobs.browser_names import BrowserNames
from core.jobs.embedded import is_embedded, new_embedded_name
from core.jobs.stream import TICKET_HEADER, live_routes
from core.messages.frames import decode
from tests.core.jobs.hand_fed import BROWSER, SITE, feed, make_client, same_site


@pytest.fixture
def names():
    return BrowserNames()


@pytest.fixture
def app(fed_jobs, names):
    return Starlette(routes=live_routes(lambda: fed_jobs, same_site, {}, names=names))


@pytest.fixture
def embedded_job(fed_jobs, fed_job):
    job = fed_jobs.start(new_embedded_name(), fed_job.experiment, None)
    feed(job, 0, 3)
    return job


def test_the_ticket_is_all_that_an_embedded_page_needs(app, names, embedded_job):
    client, url = TestClient(app, base_url=SITE), f"/live/{embedded_job.token}"
    ticket = names.ticket(embedded_job.token)
    assert client.get(f"{url}/frames", headers={TICKET_HEADER: ticket}).status_code == 200
    assert client.post(f"{url}/pace?speed=slow", headers={TICKET_HEADER: ticket}).status_code == 204
    with client.websocket_connect(f"{url}/socket") as socket:
        socket.send_text(f"seq=0&generation=0&rows=0&ticket={ticket}")
        assert decode(socket.receive_bytes()).epoch == 3
    assert not client.cookies


def test_without_its_ticket_nobody_watches_an_embedded_run(fed_jobs, app, names, embedded_job, fed_job):
    url = f"/live/{embedded_job.token}"
    for client in (TestClient(app, base_url=SITE), make_client(app)):
        for wrong in ({}, {TICKET_HEADER: names.ticket(fed_job.token)}, {TICKET_HEADER: "é".encode()}):
            assert client.get(f"{url}/frames", headers=wrong).status_code == 404
        # In an address it would be in logs.
        assert client.get(f"{url}/frames?ticket={names.ticket(embedded_job.token)}").status_code == 404
        with client.websocket_connect(f"{url}/socket") as socket:
            socket.send_text("ticket=x")
            with pytest.raises(WebSocketDisconnect):
                socket.receive_bytes()
    headers = {TICKET_HEADER: names.ticket(embedded_job.token), "origin": "https://evil.example"}
    assert TestClient(app, base_url=SITE).get(f"{url}/frames", headers=headers).status_code == 403


def test_a_ticket_does_not_take_the_place_of_a_browsers_cookie(app, names, fed_job):
    feed(fed_job, 0, 3)
    ticket = {TICKET_HEADER: names.ticket(fed_job.token)}
    frames = f"/live/{fed_job.token}/frames"
    assert TestClient(app, base_url=SITE).get(frames, headers=ticket).status_code == 404
    assert make_client(app).get(frames).status_code == 200


def test_every_embedded_page_has_a_name_of_its_own():
    first, second = new_embedded_name(), new_embedded_name()
    assert first != second
    assert is_embedded(first)
    assert not is_embedded(BROWSER)
