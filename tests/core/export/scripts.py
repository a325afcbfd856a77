"""Running what was written: a script up to a point, in this process."""

from typing import Any

import keras
import numpy as np

from core.experiment import Experiment
from core.export.script import script

_FIT = "keras.utils.set_random_seed"


def run(code: str) -> dict[str, Any]:
    """Run code as a script is run, and return its variables."""
    variables: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(code, "script.py", "exec"), variables)
    return variables


def run_untrained(experiment: Experiment, file_name: str = "data.csv") -> dict[str, Any]:
    """Run the script up to where it trains."""
    text = script(experiment, file_name)
    assert _FIT in text
    return run(text.partition(_FIT)[0])


def figures(variables: dict[str, Any], part: str) -> list[float]:
    """Return what the script's network says of a part of the rows: loss first."""
    return evaluate(variables["model"], variables[f"x{part}"], variables[f"y{part}"])


def evaluate(model: keras.Model, x: np.ndarray, y: np.ndarray) -> list[float]:
    """Return what `model.evaluate` says of rows in one batch, without the second that compiling takes."""
    model.run_eagerly = True
    found = [float(figure) for figure in model.evaluate(x, y, batch_size=len(x), verbose=0)]
    model.run_eagerly = False
    return found
