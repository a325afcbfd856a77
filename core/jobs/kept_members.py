"""The runs of a study, as the registry has them and as the store keeps them."""

from __future__ import annotations

import json
from dataclasses import asdict

import numpy as np

from core.errors import ExperimentError
from core.experiment import menus
from core.runs.study_values import KeptMember
from core.studies.plans import read_experiment
from core.studies.results import MemberResult
from core.studies.study import Member


def kept_member(result: MemberResult, is_told: bool) -> KeptMember:
    """Return a run as the store keeps it.

    Args:
        is_told: whether to tell what it trains, because the plan does not say so.
    """
    rows = np.stack(list(result.history.values()), axis=1) if result.epochs else np.empty((0, 0), np.float32)
    told = write_member(result.member) if is_told else ""
    return KeptMember(result.status, result.message, result.seconds, rows, result.surface, told)


def kept_result(member: Member, kept: KeptMember) -> MemberResult:
    """Return a run that was kept.

    Raises:
        ExperimentError: where its history is not that of such a run.
    """
    names = menus.HISTORY[member.experiment.data.task]
    if len(kept.rows) and kept.rows.shape[1] != len(names):
        raise ExperimentError("history", f"of {len(names)} columns", kept.rows.shape)
    empty = np.empty(0, np.float32)
    history = {name: kept.rows[:, column] if len(kept.rows) else empty for column, name in enumerate(names)}
    return MemberResult(member, kept.status, history, kept.seconds, kept.surface, kept.message)


def write_member(member: Member) -> str:
    """Return what a run trains, as JSON."""
    value = {"settings": member.settings, "seed": member.seed, "experiment": asdict(member.experiment)}
    return json.dumps(value)


def read_member(text: str) -> Member:
    """Return what `write_member` wrote.

    Raises:
        ExperimentError: where the text is anything else.
    """
    try:
        value = json.loads(text)
        settings = tuple((str(key), str(word)) for key, word in value["settings"])
        return Member(settings, int(value["seed"]), read_experiment(value["experiment"]))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ExperimentError("member", "the text of a run", text) from error
