"""Which run stands for a value of a setting."""

from __future__ import annotations

import numpy as np
import pytest

from core.experiment import read_query
from core.messages.updates import FAILED, FINISHED, STOPPED
from core.studies.results import MemberResult, Summary
from core.studies.study import Member
from ui.studies.varied_views import middle_run

_SURFACE = np.zeros((2, 4, 4), np.uint8)


def run(seed: int, status: str, score: float | None, surface: np.ndarray | None = None) -> MemberResult:
    member = Member((), seed, read_query(f"data=xor&seed={seed}"))
    values = [] if score is None else [score]
    names = ("loss", "val_loss", "accuracy", "val_accuracy")
    return MemberResult(member, status, {name: np.array(values, np.float32) for name in names}, surface=surface)


@pytest.mark.parametrize(
    ("runs", "seed"),
    [
        ([run(0, FINISHED, 0.5), run(1, FINISHED, 0.9), run(2, FINISHED, 0.75)], 2),
        ([run(0, STOPPED, None), run(1, STOPPED, None, _SURFACE)], 1),
        ([run(3, STOPPED, None), run(4, STOPPED, None)], 3),
        ([run(5, FAILED, 0.5), run(6, FAILED, 0.5)], 5),
    ],
)
def test_a_value_is_shown_by_its_median_run_or_the_first_that_there_is(runs: list[MemberResult], seed: int) -> None:
    assert middle_run(Summary.of((), runs)).member.seed == seed
