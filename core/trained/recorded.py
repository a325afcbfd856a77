"""Which numbers of a run's record are the scores of its network, so that nobody computes them a second time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.experiment import Experiment


def recorded_losses(
    experiment: Experiment, parts: Sequence[str], history: Mapping[str, Sequence[float]], test: Sequence[float] | None
) -> dict[str, float]:
    """Return the mean cross-entropy of parts of the rows after the last epoch of a history, as training measured it.

    Training measures the rows that it does not train on after every epoch, and the test rows at the end. Where the loss
    is another one, is smoothed or has penalties, it is no cross-entropy of the predictions, and nothing is returned.
    Nor is it for training rows that others are held out from: the loss of those is a mean over the epoch.

    Args:
        parts: the names of the parts, training rows first; the only one where every row trains.
        history: the columns of `menus.HISTORY`, up to the epoch that the network's weights are of.
        test: the metrics of the test rows, loss first, where there are any.
    """
    training, network = experiment.training, experiment.network
    is_cross_entropy = training.loss == "crossentropy" and not training.label_smoothing
    if not is_cross_entropy or network.l1 or network.l2 or not history["val_loss"]:
        return {}
    losses = {parts[min(1, len(parts) - 1)]: history["val_loss"][-1]}
    return losses | {parts[2]: test[0]} if test is not None and len(parts) > 2 else losses
