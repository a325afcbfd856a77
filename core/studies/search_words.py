"""What a search has found, in words and in the order of the trials' scores."""

from __future__ import annotations

from collections.abc import Sequence

from core.experiment.keys import format_number
from core.studies.results import MemberResult
from core.studies.search import AT_BEST, PRUNED, Range, Search


def score_of(search: Search, result: MemberResult) -> float | None:
    """Return what a trial is judged by; None for one that has not ended by itself, or has led to nothing."""
    if not result.has_ended or result.last is None or result.message == PRUNED:
        return None
    return result.best if search.objective == AT_BEST else result.last


def trial_words(search: Search, result: MemberResult) -> str:
    """Return the settings of a trial, such as "learning rate 0.01, activation ReLU"."""
    parts = []
    for dimension, (name, text) in zip(search.dimensions, result.member.settings, strict=True):
        value = format_number(float(text)) if isinstance(dimension, Range) else search.words(name, text)
        parts.append(f"{search.label_in_a_sentence(name)} {value}")
    return ", ".join(parts)


def ranked(search: Search, results: Sequence[MemberResult]) -> list[int]:
    """Return the places of all trials: those with a score, the highest first, then the others."""
    scores = [score_of(search, result) for result in results]
    return sorted(range(len(results)), key=lambda place: (scores[place] is None, -(scores[place] or 0.0), place))


def search_sentence(search: Search, results: Sequence[MemberResult], score: str, is_over: bool) -> str:
    """Say which trial is the best, and how many ended early or failed; "" before there is one.

    Args:
        score: what the figures are called.
        is_over: whether there will be no more trials.
    """
    order = ranked(search, results)
    best = score_of(search, results[order[0]]) if order else None
    if best is None:
        return ""
    best_of = f"{f'Highest {score}' if search.price else 'Best'}{'' if is_over else ' so far'}"
    said = f"{best_of}: {trial_words(search, results[order[0]])}, with {score} {best:.3f} (trial {order[0] + 1})."
    pruned = sum(result.message == PRUNED for result in results)
    failed = sum(result.has_ended and result.last is None for result in results)
    if pruned:
        said += f" {pruned} trial{'s' * (pruned > 1)} ended early."
    if failed:
        said += f" {failed} led to nothing."
    return said
