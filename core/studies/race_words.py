"""How a race stands, in sentences."""

from __future__ import annotations

from collections.abc import Sequence

from core.studies.race import Race
from core.studies.results import MemberResult
from core.studies.setting_words import settings_in_words


def racer_names(race: Race) -> list[str]:
    """Return what each racer is called: the settings in which it differs from others."""
    return [settings_in_words(member.settings) or f"racer {place}" for place, member in enumerate(race.members, 1)]


def lead_sentence(names: Sequence[str], results: Sequence[MemberResult]) -> str:
    """Say who has the highest score after the last epoch that all have done; "" before there is one.

    Racers that have diverged, or stopped early, count with what they had last.

    Args:
        names: of the racers.
        results: of them, in the same order.
    """
    scores = [result.last for result in results]
    known = [score for score in scores if score is not None]
    if not known:
        return ""
    best = max(known)
    leaders = [name for name, score in zip(names, scores, strict=True) if score == best]
    epoch = max(result.epochs for result in results)
    over = all(result.has_ended or result.status == "stopped" for result in results)
    if len(leaders) == len(results):
        return f"All {'ended' if over else 'are'} level at {best:.3f} after epoch {epoch}."
    verb = ("won" if len(leaders) == 1 else "tied") if over else ("is ahead" if len(leaders) == 1 else "are ahead")
    return f"{' and '.join(leaders)} {verb}: {best:.3f} after epoch {epoch}."


def target_sentence(race: Race, names: Sequence[str], results: Sequence[MemberResult]) -> str:
    """Say who reached the target first and after which epoch, then the others; "" where there is no target.

    Args:
        race: has the target.
        names: of the racers.
        results: of them, in the same order.
    """
    if race.target is None:
        return ""
    reached = sorted(
        (epoch, place) for place, result in enumerate(results) if (epoch := race.reached(result)) is not None
    )
    if not reached:
        return f"Nobody has reached {race.target:g} yet." if _go_on(results) else f"Nobody reached {race.target:g}."
    first = [names[place] for epoch, place in reached if epoch == reached[0][0]]
    later = [f"{names[place]} after epoch {epoch}" for epoch, place in reached if epoch > reached[0][0]]
    said = f"First to reach {race.target:g}: {' and '.join(first)}, after epoch {reached[0][0]}."
    return f"{said} Then {', '.join(later)}." if later else said


def _go_on(results: Sequence[MemberResult]) -> bool:
    return any(not result.has_ended for result in results)
