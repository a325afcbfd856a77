"""What a run was like behind one of its epochs, on the way from its worker to the server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Past:
    """What is drawn of a network as it was.

    Attributes:
        epoch: epochs that were done then.
        generation: of the history now, as in `Update`.
        arrays: by name, as in `core.messages.frames`.
    """

    epoch: int
    generation: int
    arrays: Mapping[str, np.ndarray]
