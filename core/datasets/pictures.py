"""Pictures with their classes, wherever they come from: fetched, or brought."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


# eq=False: arrays have no single truth value, so the generated == would raise.
@dataclass(frozen=True, eq=False)
class Pictures:
    """Pictures as they were fetched, or brought.

    Attributes:
        images: (pictures, height, width), or (…, 3) of red, green and blue: uint8 from 0 to 255 or float32 from
            0 to 1.
        labels: int64 (pictures,), an index into the names.
        class_names: one name a class.
        damaged: how many could not be read and are left out.
        warnings: what a person should know, one sentence each.
    """

    images: NDArray[Any]
    labels: NDArray[np.int64]
    class_names: tuple[str, ...]
    damaged: int = 0
    warnings: tuple[str, ...] = ()
