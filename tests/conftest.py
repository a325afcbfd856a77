"""What all tests share."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from core.training.jobs import Jobs

# A busy machine is slow, not wrong. Everything else stays as Hypothesis has it, which under CI is one fixed seed.
settings.register_profile("patient", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

# As the training workers have it, so that this process computes what they compute, to the last bit.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")


@pytest.fixture(scope="session")
def jobs() -> Iterator[Jobs]:
    """The jobs of a server with one real worker process, which takes some ten seconds to load Keras."""
    jobs = Jobs(workers=1)
    yield jobs
    jobs.close()
