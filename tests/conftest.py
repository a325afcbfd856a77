"""What all tests share."""

import logging
import os
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadFileScheduling

from benchmarks.postgres import postgres_programs
from core.datasets.downloads import HOME_VARIABLE, write_pictures
from core.datasets.pictures import Pictures
from core.engine.environment import set_environment
from core.jobs.jobs import Jobs
from tests.seed_of_the_day import VARIABLE, seed_of_the_day

# A busy machine is slow, not wrong. Everything else stays as Hypothesis has it, which under CI is one fixed seed.
settings.register_profile("patient", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
set_environment()


class JourneysInOneProcess(LoadFileScheduling):
    """Hands a file's tests to one process, and all journeys: they share a server and a browser."""

    def _split_scope(self, nodeid: str) -> str:
        return "tests/browser" if nodeid.startswith("tests/browser/") else super()._split_scope(nodeid)


def pytest_report_header() -> list[str]:
    lines = [f"seed of the day: {seed_of_the_day()} ({VARIABLE}=… for another)"]
    if postgres_programs() is None:
        lines.append("run store: tested on SQLite alone, because PostgreSQL is not installed")
    return lines


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> JourneysInOneProcess:
    return JourneysInOneProcess(config, log)


def pytest_runtest_call() -> None:
    # Dask silences the handlers of its logger when it starts workers. Pytest's are among them, for all later tests.
    for handler in logging.getLogger().handlers:
        handler.setLevel(logging.NOTSET)


@pytest.fixture(scope="session", autouse=True)
def small_pictures(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Stand-ins for what is downloaded: as many pixels, a few pictures of every class, told apart by a bright row."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(HOME_VARIABLE, str(tmp_path_factory.mktemp("pictures")))
        for name, classes, each, shape in (
            ("mnist", 10, 40, (28, 28)),
            ("fashion", 10, 40, (28, 28)),
            ("lfw", 4, 120, (62, 47)),
            ("olivetti", 40, 10, (64, 64)),
        ):
            labels = np.tile(np.arange(classes), each)
            images = np.random.default_rng(0).integers(0, 100, (len(labels), *shape), dtype=np.uint8)
            images[np.arange(len(labels)), labels] += 150
            if name in ("lfw", "olivetti"):
                images = images.astype(np.float32) / 255
            write_pictures(name, Pictures(images, labels, tuple(f"{name} {label}" for label in range(classes))))
        yield


@pytest.fixture(scope="session")
def jobs() -> Iterator[Jobs]:
    """The jobs of a server with one real worker process, which takes some ten seconds to load Keras.

    However much it grows over all tests, it is replaced by none that does not say so.
    """
    jobs = Jobs(workers=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jobs.cluster._placement, "_most_grown", lambda _: "")
        yield jobs
    jobs.close()
