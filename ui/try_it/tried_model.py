"""The model that the page "Try it" tries: the lab's run, or an uploaded bundle."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from core.datasets import Split, prepare
from core.errors import DataError
from core.experiment import DataSpec
from core.jobs.job import Job
from core.trained.bundle import Bundle, fingerprint_of
from core.trained.preparation import Preparation


@dataclass(frozen=True, eq=False)
class TriedModel:
    """What is known about the model apart from its weights, which may change while its run trains.

    Attributes:
        name: a name that no other run or bundle has.
        data: the name of its data set.
        preparation: how its inputs are prepared.
        split: its rows, where they are on this server.
    """

    name: str
    data: str
    preparation: Preparation
    split: Split | None


def model_of_job(job: Job, split: Split) -> TriedModel:
    """Return the model of a run."""
    return TriedModel(job.token, job.experiment.data.name, preparation_of(job.experiment.data), split)


def model_of_bundle(file_name: str, bundle: Bundle) -> TriedModel:
    """Return the model in a bundle."""
    data: DataSpec = bundle.experiment.data
    return TriedModel(bundle_name(file_name, bundle), data.name, bundle.preparation, _rows_of(bundle))


def bundle_name(file_name: str, bundle: Bundle) -> str:
    """Return the name of a bundle's model; the same file uploaded twice gets two names."""
    return f"{file_name} {bundle.fingerprint} {id(bundle)}"


def _rows_of(bundle: Bundle) -> Split | None:
    """Return the rows that a bundle was trained on, where this server has exactly these."""
    data: DataSpec = bundle.experiment.data
    try:
        return prepare(data) if data_fingerprint(data) == bundle.fingerprint else None
    except DataError:
        return None


# Both read every row, and a page asks for them at every run; the same data always give the same answer.
@functools.lru_cache(maxsize=16)
def preparation_of(data: DataSpec) -> Preparation:
    """Return how the inputs of a data set are prepared."""
    return Preparation.of(prepare(data))


@functools.lru_cache(maxsize=16)
def data_fingerprint(data: DataSpec) -> str:
    """Return the fingerprint of a data set's rows."""
    return fingerprint_of(prepare(data))
