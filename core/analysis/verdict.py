"""What the scores and the history of a run mean, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.analysis.scores import ClassScores, NumberScores

_GAP = 0.03  # smallest difference of two accuracies that is worth mentioning
_RATIO = 1.1  # smallest ratio of two errors that is worth mentioning
_FALL = 0.01  # relative fall of the mean loss between two windows that counts as falling
_LEAST_FALL = 1e-4  # … and absolute
_RISE = 1.1  # ratio of the recent loss to its best that counts as past the best
_LEAST_RISE = 0.005  # … and absolute, so that a loss near zero is not mentioned
_WINDOW = 5  # fewest epochs in a mean

History = Mapping[str, Sequence[float]]


@dataclass(frozen=True)
class Finding:
    """One conclusion: a headline and the sentence that supports it, both plain text."""

    headline: str
    sentence: str


def class_findings(
    history: History, training: ClassScores, held_out: ClassScores | None, held_out_name: str
) -> tuple[Finding, ...]:
    """Return the conclusions for a network that predicts classes.

    Args:
        history: the columns of `menus.HISTORY`, up to the epoch whose weights were scored.
        training: the scores of the training rows.
        held_out: the scores of the held-out rows; None where every row trains.
        held_out_name: the name of these rows.
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
    """Return the conclusions for a network that predicts numbers; see `class_findings`."""
    if not np.isfinite(training.rmse):
        return (_NO_NUMBERS,)
    findings = [_mean_guessing(held_out or training, held_out_name if held_out else "training")]
    findings.append(_ALL_TRAIN if held_out is None else _number_gap(training, held_out, held_out_name))
    return (*filter(None, findings), *_trend(history, held_out is not None, held_out_name))


_NO_NUMBERS = Finding(
    "Diverged", "The network's outputs are NaN or infinite: training has diverged. Try a lower learning rate."
)
_ALL_TRAIN = Finding(
    "Not tested", "No rows are held out, so nothing here shows how the network does on rows it has not seen."
)


def _guessing(scores: ClassScores, name: str) -> Finding | None:
    always = f"always predicting the most common class would be right for {scores.commonest:.1%} of the {name} rows"
    if scores.accuracy <= scores.commonest:
        return Finding(
            "No better than guessing", f"{_capitalized(always)}, and the network is right for {scores.accuracy:.1%}."
        )
    if scores.low <= scores.commonest:
        return Finding(
            "Possibly no better than guessing",
            f"{_capitalized(always)}, which is within the confidence interval of the network's accuracy, "
            f"{scores.low:.1%} to {scores.high:.1%}.",
        )
    return None


def _class_gap(history: History, training: ClassScores, held_out: ClassScores, name: str) -> Finding:
    gap = training.accuracy - held_out.accuracy
    if abs(gap) < _GAP:
        return Finding(
            f"{_capitalized(name)} rows do as well as training rows",
            f"Accuracy is {held_out.accuracy:.3f} on {name} rows and {training.accuracy:.3f} on training rows.",
        )
    if held_out.low <= training.accuracy <= held_out.high:
        way = "below" if gap > 0 else "above"
        return Finding(
            "Too few rows to tell",
            f"{_capitalized(name)} accuracy is {abs(gap):.2f} {way} training accuracy, but with "
            f"{held_out.rows:,} rows that can be chance.",
        )
    if gap < 0:
        return Finding(
            f"{_capitalized(name)} rows do better than training rows",
            f"Accuracy is {held_out.accuracy:.3f} on {name} rows and {training.accuracy:.3f} on training rows: "
            f"the {name} rows are easier.",
        )
    since = _since(np.asarray(history["accuracy"]) - np.asarray(history["val_accuracy"]) >= _GAP)
    return Finding(
        "Overfitting",
        f"Training accuracy is {training.accuracy:.3f} and {name} accuracy {held_out.accuracy:.3f}: a gap of {gap:.2f}"
        + (f", and of at least {_GAP} in every epoch since epoch {since}." if since else "."),
    )


def _since(holds: np.ndarray) -> int | None:
    """Return the epoch (1 is the first) from which something holds in every epoch; None where those are few."""
    before = np.flatnonzero(~holds)
    since = int(before[-1]) + 2 if len(before) else 1
    return since if len(holds) - since + 1 >= _WINDOW else None


def _mean_guessing(scores: NumberScores, name: str) -> Finding | None:
    if scores.r2 > 0 or np.isnan(scores.r2):
        return None
    return Finding(
        "No better than guessing",
        f"Always predicting the mean of the {name} rows would be at least as good: R² is {scores.r2:.3f}.",
    )


def _number_gap(training: NumberScores, held_out: NumberScores, name: str) -> Finding:
    ratio = held_out.rmse / training.rmse if training.rmse else np.inf if held_out.rmse else 1.0
    both = f"RMSE is {held_out.rmse:.4g} on {name} rows and {training.rmse:.4g} on training rows"
    if 1 / _RATIO < ratio < _RATIO:
        return Finding(f"{_capitalized(name)} rows do as well as training rows", f"{both}.")
    # The relative standard error of the RMSE of n normal errors is 1 / sqrt(2 n).
    if abs(ratio - 1) <= 2 / np.sqrt(held_out.rows):
        return Finding(
            "Too few rows to tell",
            f"Errors on {name} rows are {ratio:.2f} times those on training rows, but with {held_out.rows:,} rows "
            "that can be chance.",
        )
    if ratio < 1:
        return Finding(f"{_capitalized(name)} rows do better than training rows", f"{both}.")
    return Finding("Overfitting", f"Errors on {name} rows are {ratio:.2f} times those on training rows: {both}.")


def _trend(history: History, held_out: bool, name: str) -> tuple[Finding, ...]:
    """Return whether the loss is past its best, still falling, or neither."""
    losses = np.asarray(history["val_loss" if held_out else "loss"], np.float64)
    name = name if held_out else "training"
    window = max(_WINDOW, len(losses) // 10)
    if len(losses) < 2 * window or not np.isfinite(losses).all():
        return ()
    recent, before = losses[-window:].mean(), losses[-2 * window : -window].mean()
    best = int(losses.argmin())
    around = losses[max(0, best - _WINDOW // 2) : best + _WINDOW // 2 + 1].mean()
    if best < len(losses) - window and recent > max(_RISE * around, around + _LEAST_RISE):
        return (
            Finding(
                "Past its best",
                f"The {name} loss was lowest after epoch {best + 1}, {losses[best]:.4f}; its mean over the last "
                f"{window} epochs is {recent:.4f}. Early stopping would have caught this.",
            ),
        )
    if before - recent > max(_FALL * before, _LEAST_FALL):
        return (
            Finding(
                "Loss is still falling",
                f"The mean {name} loss of the last {window} epochs is {1 - recent / before:.0%} below that of the "
                f"{window} epochs before: more epochs may help.",
            ),
        )
    return ()


def _capitalized(text: str) -> str:
    return text[:1].upper() + text[1:]
