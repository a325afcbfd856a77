"""The shortest address of an experiment: for QR codes, and for people who copy it from a wall by hand."""

from __future__ import annotations

import functools
from urllib.parse import quote

from core.errors import ExperimentError
from core.experiment.address import read_query, to_params, to_query
from core.experiment.recipes import RECIPES
from core.experiment.specs import Experiment


@functools.lru_cache(maxsize=256)
def short_query(experiment: Experiment) -> str:
    """Return the shortest query of an experiment: what differs from the default one, or from a recipe.

    `read_query` returns the same experiment for it as for `to_query`.

    >>> short_query(Experiment())
    ''
    """
    written = to_params(experiment)
    queries = [to_query(experiment)]
    for start, params in _starts():
        changed = start | {key: text for key, text in written.items() if params.get(key) != text}
        queries.append("&".join(f"{key}={quote(text, safe=',')}" for key, text in changed.items()))
    return next(query for query in sorted(queries, key=len) if _reads_as(query, experiment))


def _reads_as(query: str, experiment: Experiment) -> bool:
    """Return whether a query is one of an experiment: a key that a recipe sets, and it leaves out, may be missing."""
    try:
        return read_query(query) == experiment
    except ExperimentError:  # a setting that is left out elsewhere
        return False


@functools.cache
def _starts() -> tuple[tuple[dict[str, str], dict[str, str]], ...]:
    """Return what may begin an address, with the texts that stand for what it leaves out."""
    recipes = [({"recipe": name}, to_params(read_query(f"recipe={name}"))) for name in RECIPES]
    return ({}, to_params(Experiment())), *recipes
