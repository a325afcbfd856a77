"""The table of runs as CSV."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from core.experiment import format_layers, to_query
from core.runs.values import RunSummary
from core.tables.formulas import without_formulas


def runs_csv(runs: Iterable[RunSummary]) -> bytes:
    """Return the runs as CSV, one line each; no text in it is a formula for a spreadsheet program."""
    frame = pd.DataFrame([row_of(run) for run in runs], columns=list(_COLUMNS))
    return without_formulas(frame)[0].to_csv(index=False, lineterminator="\n").encode()


def row_of(run: RunSummary) -> dict[str, Any]:
    """Return a run as the values of a line, by the names of the columns."""
    values = (
        run.name,
        run.status,
        datetime.fromtimestamp(run.created_at, UTC).isoformat(timespec="seconds"),
        run.experiment.data.name,
        format_layers(run.experiment.network.layers),
        run.experiment.training.learning_rate,
        run.parameters,
        run.epoch,
        run.best_epoch,
        run.best_loss,
        run.best_score,
        run.last_loss,
        run.last_score,
        round(run.seconds, 3),
        run.starred,
        " ".join(run.tags),
        run.note,
        run.edit_count,
        to_query(run.experiment),
        run.key,
    )
    return dict(zip(_COLUMNS, values, strict=True))


_COLUMNS = (
    "name",
    "status",
    "started",
    "data",
    "layers",
    "learning_rate",
    "parameters",
    "epochs",
    "best_epoch",
    "best_val_loss",
    "best_val_score",
    "last_val_loss",
    "last_val_score",
    "seconds",
    "starred",
    "tags",
    "note",
    "changes_by_hand",
    "experiment",
    "key",
)
