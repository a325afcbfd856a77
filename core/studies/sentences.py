"""What a study has led to, in a sentence."""

from __future__ import annotations

import math
from collections.abc import Sequence

from core.experiment import Experiment, menus
from core.studies.results import Spread, Summary

_MINUTE, _HOUR = 60, 3600
_NAMES_MOST = 3


def score_word(experiment: Experiment) -> str:
    """Return what the figure of an experiment's runs is called."""
    return "accuracy" if experiment.data.task == menus.CLASSES else "R²"


def best_sentence(names: Sequence[str], summaries: Sequence[Summary], score: str) -> str:
    """Say which settings have the highest median, and whether the next best could be as good.

    Args:
        names: of the settings, such as "learning rate 0.1".
        summaries: of them, in the same order.
        score: what the figure is called.

    Such as "Best: learning rate 0.1, with a median accuracy of 0.98 (0.95 to 1.00)."
    """
    ranked: list[tuple[str, Spread]] = [
        (name, one.last) for name, one in zip(names, summaries, strict=True) if one.last is not None
    ]
    if not ranked:
        return "No run has led to a figure."
    ranked.sort(key=lambda pair: -pair[1].median)  # stable: the first of equals stays first
    best = ranked[0][1]
    equals = [name for name, one in ranked if round(one.median, 3) == round(best.median, 3)]
    if len(equals) > 1:
        return f"Best: {_joined(equals)}, each with {_figures(best, score, with_range=False)}."
    said = f"Best: {equals[0]}, with {_figures(best, score)}."
    if len(ranked) < 2:
        return said
    other, next_best = ranked[1]
    if best.count == 1 and next_best.count == 1:
        return f"{said} One run each: another seed may change the order."
    if next_best.high >= best.low:
        return f"{said} The runs of {other} overlap with it, so the difference may be luck."
    return f"{said} Even its worst run is better than all of {other}."


def _joined(names: Sequence[str]) -> str:
    if len(names) > _NAMES_MOST:
        return f"{', '.join(names[:_NAMES_MOST])} and {len(names) - _NAMES_MOST} more"
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _figures(spread: Spread, score: str, *, with_range: bool = True) -> str:
    if spread.count == 1:
        return f"an {score} of {spread.median:.3f}"
    median = f"a median {score} of {spread.median:.3f}"
    return f"{median} ({spread.low:.3f} to {spread.high:.3f})" if with_range else median


def time_words(seconds: float) -> str:
    """Return a time in words.

    >>> time_words(3.2), time_words(89), time_words(150), time_words(9000)
    ('about 4 seconds', 'about 2 minutes', 'about 3 minutes', 'about 3 hours')
    """
    for least, unit, name in ((_HOUR, _HOUR, "hour"), (_MINUTE, _MINUTE, "minute"), (0, 1, "second")):
        if seconds > least:
            count = math.ceil(seconds / unit)
            return f"about {count} {name}{'s' * (count > 1)}"
    return "a moment"
