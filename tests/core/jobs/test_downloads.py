"""The downloads of a server: begun once, followed by what lies in the library's folder, and how they end."""

import pytest

from core.datasets.downloads import DOWNLOADS
from core.errors import DataError
from core.jobs.downloads import Downloads, Progress
from core.workers import worker
from tests.waiting import wait_until


@pytest.fixture
def asked():
    """What a worker was asked for: who takes the answer, and the call."""
    return []


@pytest.fixture
def downloads(asked, tmp_path, monkeypatch) -> Downloads:
    monkeypatch.setenv("SCIKIT_LEARN_DATA", str(tmp_path))
    return Downloads(lambda *request: asked.append(request))


def test_a_set_is_downloaded_once_however_many_ask(downloads, asked):
    assert downloads.progress("olivetti") is None
    downloads.start("olivetti")
    downloads.start("olivetti")
    ((_, call, name),) = asked
    assert (call, name) == (worker.fetch, "olivetti")
    assert downloads.progress("olivetti") == Progress(0.0)
    assert downloads.progress("lfw") is None


def test_progress_is_what_has_come_since(downloads, tmp_path):
    (tmp_path / "other.bin").write_bytes(bytes(1_000_000))
    downloads.start("olivetti")
    (tmp_path / "part.bin").write_bytes(bytes(1_000_000))
    assert downloads.progress("olivetti").share == pytest.approx(1 / DOWNLOADS["olivetti"].megabytes)
    (tmp_path / "part.bin").write_bytes(bytes(9_000_000))
    assert downloads.progress("olivetti").share == 1


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (DataError("put it there"), "put it there"),
        (ConnectionError("gone"), "Olivetti faces: the worker that downloaded it was lost. Try again."),
    ],
)
def test_a_failure_is_reported_until_somebody_tries_again(downloads, asked, error, failure):
    downloads.start("olivetti")
    asked[0][0](None, error)
    assert downloads.progress("olivetti") == Progress(failure=failure)
    downloads.start("olivetti")
    assert downloads.progress("olivetti") == Progress(0.0)
    assert len(asked) == 2


def test_when_it_is_here_there_is_no_progress(downloads, asked):
    downloads.start("olivetti")
    asked[0][0](None, None)
    assert downloads.progress("olivetti") is None


def test_a_worker_fetches(jobs):
    jobs.downloads.start("mnist")  # which the tests' own pictures stand in for
    wait_until(lambda: jobs.downloads.progress("mnist") is None)
