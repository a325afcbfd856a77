"""A run as it was after an earlier epoch, on the way from its worker to the server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Past:
    """What is drawn of a network as it was after an earlier epoch.

    Attributes:
        epoch: how many epochs were done then.
        generation: of the present history, as in `Update`.
        arrays: by name, as in `core.messages.frames`.
    """

    epoch: int
    generation: int
    arrays: Mapping[str, np.ndarray]
