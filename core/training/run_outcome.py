"""What is kept of a run that has ended."""

from __future__ import annotations

import json

from core.runs.kept_weights import kept
from core.runs.values import Trained
from core.trained.bundle import fingerprint_of
from core.trained.preparation import Preparation
from core.training.trainer import Trainer


def trained_of(trainer: Trainer) -> Trained:
    """Return a run's plan, edits and weights as they are now; any thread may ask.

    The last epoch's weights are those with the edits that were made after it, also where people see the best epoch's.
    """
    progress = trainer.progress
    plan, best = progress.plan, progress.trained.best
    last = kept(progress.epoch, progress.segment.program.named_weights(progress.network.state))
    best_state = progress.trained.best_network.state
    return Trained(
        plan=plan.experiments,
        edits=plan.edits,
        parameters=trainer.parameters,
        last=last,
        best=kept(best.epoch, plan.at(best.epoch).program.named_weights(best_state)) if best.epoch else None,
        preparation=json.dumps(Preparation.of(trainer.split).to_json()),
        fingerprint=fingerprint_of(trainer.split),
    )
