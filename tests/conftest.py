"""What all tests share."""

import logging
import os
import re
from collections.abc import Iterator
from dataclasses import replace
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
from core.workers.connection import WorkerState
from core.workers.placement import WorkerMemory
from tests.seed_of_the_day import VARIABLE, seed_of_the_day

# A busy machine is slow, not wrong. Everything else stays as Hypothesis has it, which under CI is one fixed seed.
settings.register_profile("patient", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # 2 has a page of text for whatever is loaded from disk
set_environment()


# What shares something dear, in the order in which it is handed out: two halves of the journeys, about equally long,
# each with a server and a browser of its own; what needs a worker process that has loaded Keras; and what trains the
# same structures, which are compiled once in a process.
_TOGETHER = (
    ("journeys, first half", re.compile("tests/browser/test_[a-n]")),
    ("journeys, second half", re.compile("tests/browser/")),
    ("with a worker", re.compile("tests/(core/jobs|core/runs|core/workers|pages)/")),
    ("engine", re.compile("tests/core/engine/")),
    ("training", re.compile("tests/core/(training|studies)/")),
)


def _together(nodeid: str) -> tuple[int, str]:
    """Return the place and the name of what a test belongs to; all other tests come last, and have no name."""
    found = ((place, name) for place, (name, tests) in enumerate(_TOGETHER) if tests.match(nodeid))
    return next(found, (len(_TOGETHER), ""))


class FewServers(LoadFileScheduling):
    """Hands the tests of a file to one process, and all that belongs together."""

    def _split_scope(self, nodeid: str) -> str:
        return _together(nodeid)[1] or super()._split_scope(nodeid)


def pytest_report_header() -> list[str]:
    lines = [f"seed of the day: {seed_of_the_day()} ({VARIABLE}=… for another)"]
    if postgres_programs() is None:
        lines.append("run store: tested on SQLite alone, because PostgreSQL is not installed")
    return lines


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> FewServers:
    return FewServers(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: _together(item.nodeid)[0])  # what takes longest begins first


def pytest_runtest_call() -> None:
    # Dask silences the handlers of its logger when it starts workers. Pytest's are among them, for all later tests.
    for handler in logging.getLogger().handlers:
        handler.setLevel(logging.NOTSET)


@pytest.fixture(scope="session", autouse=True)
def small_pictures(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Stand-ins for what is downloaded: as many pixels, a few pictures of every class, told apart by a bright row.

    All processes of these tests have one home, where each finds what another has compiled.
    """
    folder = tmp_path_factory.getbasetemp()
    home = (folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder) / "home"
    home.mkdir(exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(HOME_VARIABLE, str(home))
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

    However much it grows over all tests, it is replaced by none that does not say so: it always seems small.
    """
    jobs = Jobs(workers=1)
    look = jobs.cluster._connection.look

    def seen_small() -> dict[str, WorkerState]:
        return {address: replace(state, memory=WorkerMemory(0, 0)) for address, state in look().items()}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jobs.cluster._connection, "look", seen_small)
        yield jobs
    jobs.close()
