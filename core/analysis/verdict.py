"""What the figures of a run say, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.analysis.scores import ClassScores, NumberScores

_GAP = 0.03  # between two accuracies, from which on it is worth a word
_RATIO = 1.1  # between two errors, likewise
_FALL = 0.01  # of the loss from one stretch of epochs to the next
_LEAST_FALL = 1e-4
_RISE = 1.1  # of the loss over its best
_LEAST_RISE = 0.005  # so that nothing is said of a loss that is all but zero
_STRETCH = 5  # epochs at least that a mean is taken over

History = Mapping[str, Sequence[float]]


@dataclass(frozen=True)
class Finding:
    """One thing that the figures say: a headline and the sentence that bears it out, both plain text."""

    headline: str
    sentence: str


def class_findings(
    history: History, training: ClassScores, held_out: ClassScores | None, held_out_name: str
) -> tuple[Finding, ...]:
    """Return what is to be said of a network that predicts classes.

    Args:
        history: the columns of `menus.HISTORY`, up to the epoch whose weights were scored.
        training: the scores of the training rows.
        held_out: those of the rows it was validated on; None where every row trains.
        held_out_name: what these rows are called.
    """
    if not np.isfinite(training.loss):
        return (_NO_NUMBERS,)
    findings = [_guessing(held_out or training, held_out_name if held_out else "training")]
    if held_out is None:
        findings.append(_ALL_TRAIN)
    else:
        findings.append(_class_gap(history, training, held_out, held_out_name))
    return (*filter(None, findings), *_trend(history, held_out is not None, held_out_name))


def number_findings(
    history: History, training: NumberScores, held_out: NumberScores | None, held_out_name: str
) -> tuple[Finding, ...]:
    """Return what is to be said of a network that predicts numbers; see `class_findings`."""
    if not np.isfinite(training.rmse):
        return (_NO_NUMBERS,)
    findings = [_mean_guessing(held_out or training, held_out_name if held_out else "training")]
    findings.append(_ALL_TRAIN if held_out is None else _number_gap(training, held_out, held_out_name))
    return (*filter(None, findings), *_trend(history, held_out is not None, held_out_name))


_NO_NUMBERS = Finding(
    "No numbers", "The network's answers are not numbers: training has run away. Try a lower learning rate."
)
_ALL_TRAIN = Finding(
    "Not tested", "Every row trains, so nothing here says how the network does on rows it has not seen."
)


def _guessing(scores: ClassScores, name: str) -> Finding | None:
    always = f"always naming the commonest class would be right in {scores.commonest:.1%} of the {name} rows"
    if scores.accuracy <= scores.commonest:
        return Finding(
            "No better than guessing", f"{_capitalized(always)}, and the network is right in {scores.accuracy:.1%}."
        )
    if scores.low <= scores.commonest:
        return Finding(
            "Perhaps no better than guessing",
            f"{_capitalized(always)}, which lies within the interval of the network's own accuracy, "
            f"{scores.low:.1%} to {scores.high:.1%}.",
        )
    return None


def _class_gap(history: History, training: ClassScores, held_out: ClassScores, name: str) -> Finding:
    gap = training.accuracy - held_out.accuracy
    if abs(gap) < _GAP:
        return Finding(
            f"{_capitalized(name)} rows do as well as training rows",
            f"Accuracy is {held_out.accuracy:.3f} on the one and {training.accuracy:.3f} on the other.",
        )
    if held_out.low <= training.accuracy <= held_out.high:
        way = "below" if gap > 0 else "above"
        return Finding(
            "Too few rows to tell",
            f"{_capitalized(name)} accuracy is {abs(gap):.2f} {way} training accuracy, but of "
            f"{held_out.rows:,} rows chance alone makes as much.",
        )
    if gap < 0:
        return Finding(
            f"{_capitalized(name)} rows do better than training rows",
            f"Accuracy is {held_out.accuracy:.3f} on the one and {training.accuracy:.3f} on the other: "
            f"the {name} rows are easier.",
        )
    since = _since(np.asarray(history["accuracy"]) - np.asarray(history["val_accuracy"]) >= _GAP)
    return Finding(
        "Memorizing",
        f"{gap:.2f} between training and {name} accuracy, {training.accuracy:.3f} and {held_out.accuracy:.3f}"
        + (f": at least {_GAP} in every epoch since epoch {since}." if since else "."),
    )


def _since(parted: np.ndarray) -> int | None:
    """Return the epoch (1 is the first) from which on something is so in every one, None where those are very few."""
    before = np.flatnonzero(~parted)
    since = int(before[-1]) + 2 if len(before) else 1
    return since if len(parted) - since + 1 >= _STRETCH else None


def _mean_guessing(scores: NumberScores, name: str) -> Finding | None:
    if scores.r2 > 0 or np.isnan(scores.r2):
        return None
    return Finding(
        "No better than guessing",
        f"To answer every one of the {name} rows with the mean of them all would be at least as good: "
        f"R² is {scores.r2:.3f}.",
    )


def _number_gap(training: NumberScores, held_out: NumberScores, name: str) -> Finding:
    ratio = held_out.rmse / training.rmse if training.rmse else np.inf if held_out.rmse else 1.0
    both = f"RMSE is {held_out.rmse:.4g} on the one and {training.rmse:.4g} on the other"
    if 1 / _RATIO < ratio < _RATIO:
        return Finding(f"{_capitalized(name)} rows do as well as training rows", f"{both}.")
    # Of n normal errors, the root of their mean square strays by a share of 1 / sqrt(2 n).
    if abs(ratio - 1) <= 2 / np.sqrt(held_out.rows):
        return Finding(
            "Too few rows to tell",
            f"Errors on {name} rows are {ratio:.2f} times those on training rows, but of {held_out.rows:,} rows "
            "chance alone can make as much.",
        )
    if ratio < 1:
        return Finding(f"{_capitalized(name)} rows do better than training rows", f"{both}.")
    return Finding("Memorizing", f"Errors on {name} rows are {ratio:.2f} times those on training rows: {both}.")


def _trend(history: History, held_out: bool, name: str) -> tuple[Finding, ...]:
    """Return what the loss has been doing: past its best, still falling, or neither."""
    losses = np.asarray(history["val_loss" if held_out else "loss"], np.float64)
    name = name if held_out else "training"
    stretch = max(_STRETCH, len(losses) // 10)
    if len(losses) < 2 * stretch or not np.isfinite(losses).all():
        return ()
    recent, before = losses[-stretch:].mean(), losses[-2 * stretch : -stretch].mean()
    best = int(losses.argmin())
    around = losses[max(0, best - _STRETCH // 2) : best + _STRETCH // 2 + 1].mean()
    if best < len(losses) - stretch and recent > max(_RISE * around, around + _LEAST_RISE):
        return (
            Finding(
                "Past its best",
                f"The {name} loss was lowest after epoch {best + 1}, {losses[best]:.4f}, and over the last "
                f"{stretch} epochs its mean is {recent:.4f}. Patience would have stopped in time.",
            ),
        )
    if before - recent > max(_FALL * before, _LEAST_FALL):
        return (
            Finding(
                "Still falling",
                f"The mean of the {name} loss over the last {stretch} epochs is {1 - recent / before:.0%} below that "
                f"of the {stretch} before: more epochs may help.",
            ),
        )
    return ()


def _capitalized(text: str) -> str:
    return text[:1].upper() + text[1:]
