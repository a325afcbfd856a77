import pytest
from starlette.testclient import TestClient

from core.analysis.axes import Axes
from core.experiment import read_query
from core.jobs import jobs as jobs_module
from core.jobs.job import Job
from core.jobs.jobs import Jobs
from tests.core.jobs.hand_fed import BROWSER, NoCluster, make_app, make_client


@pytest.fixture
def fed_jobs(monkeypatch) -> Jobs:
    """The jobs of a server without workers."""
    monkeypatch.setattr(jobs_module, "Cluster", NoCluster)
    return Jobs()


@pytest.fixture
def fed_job(fed_jobs) -> Job:
    """A job that is fed by hand."""
    return fed_jobs.start(BROWSER, read_query("data=moons&epochs=100"), Axes(0, 1))


@pytest.fixture
def client(fed_jobs) -> TestClient:
    """The browser that has started `fed_job`."""
    return make_client(make_app(fed_jobs))
