"""Addresses in lessons: whole ones, or only what differs from the step's set-up."""

from __future__ import annotations

from urllib.parse import parse_qsl

from core.errors import ExperimentError
from core.experiment import Experiment, read_query
from core.studies.varied import with_settings

_WHOLE = ("data", "recipe")  # an address with one of these stands for itself


def read_setup(address: str, before: Experiment | None) -> Experiment:
    """Return the experiment of an address.

    Args:
        before: that an address which names no data set starts from; None for the app's default.

    Raises:
        ExperimentError: where a key or a value is not allowed, or the data are a person's file.

    >>> setup = read_setup("data=moons&layers=none&lr=0.1", None)
    >>> read_setup("layers=tanh-4", setup).training.learning_rate
    0.1
    """
    pairs = parse_qsl(address, keep_blank_values=True)
    if before is None or any(key in _WHOLE for key, _ in pairs):
        experiment = read_query(address)
    else:
        for key, text in pairs:
            if [other for other, _ in pairs].count(key) > 1:
                raise ExperimentError(key, "given once", text)
        experiment = with_settings(before, dict(pairs)) if pairs else before
    if experiment.data.table is not None:
        raise ExperimentError("data", "a data set that everybody has, not a file", experiment.data.name)
    return experiment
