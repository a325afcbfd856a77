"""Trials that nobody trained: their scores are a formula of their settings."""

import math
from dataclasses import replace

import numpy as np

from core.experiment import Experiment, menus
from core.messages.updates import FAILED, FINISHED, RUNNING
from core.studies.proposing import Proposer
from core.studies.results import MemberResult
from core.studies.search import OneOf, Range, Search
from core.studies.study import Member

EPOCHS = 20
BASE = replace(Experiment(), training=replace(Experiment().training, epochs=EPOCHS))
SPACE = (
    Range("lr", 0.0001, 1.0, log=True),
    Range("width", 1, 16, log=True),
    OneOf("activation", ("relu", "tanh")),
)


def score_of(member: Member) -> float:
    """A bowl in the learning rate, whose top of 1 is at 0.01."""
    rate = member.experiment.training.learning_rate
    return 1 - (math.log10(rate) + 2) ** 2 / 8


def result_of(member: Member, score: float, epochs: int = EPOCHS) -> MemberResult:
    """A run whose score rises evenly to `score` at the last epoch; not finished where it has fewer."""
    scores = (score * np.arange(1, epochs + 1) / EPOCHS).astype(np.float32)
    history = {name: 1 - scores if "loss" in name else scores for name in menus.HISTORY[menus.CLASSES]}
    status = FAILED if math.isnan(score) else FINISHED if epochs == EPOCHS else RUNNING
    return MemberResult(member, status, history)


def run(proposer: Proposer, count: int) -> list[MemberResult]:
    """Go on until there are `count` trials; return those that were made here."""
    results = []
    while proposer.count < count:
        number = proposer.count
        member = proposer.propose()
        results.append(result_of(member, score_of(member)))
        proposer.tell(number, results[-1], 10)
    return results


def search(**values: object) -> Search:
    return Search(**{"base": BASE, "dimensions": SPACE, "trials": 40, **values})
