"""Pictures with their classes, downloaded or uploaded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


# eq=False: arrays have no single truth value, so the generated == would raise.
@dataclass(frozen=True, eq=False)
class Pictures:
    """Pictures with their classes.

    Attributes:
        images: (pictures, height, width), or (…, 3) in colour: uint8 from 0 to 255 or float32 from 0 to 1.
        labels: int64 (pictures,), indices into the names.
        class_names: one name per class.
        damaged: the number of pictures that were left out because they cannot be read.
        warnings: sentences for the person who uploaded them.
        scale: the value that became white in those of more than 8 bits a pixel; None if there are none.
        depth: the number of folders, one in another, that hold the folders of the classes.
        encoding: the code page of the names of files, if it is not the one of zip archives.
    """

    images: NDArray[Any]
    labels: NDArray[np.int64]
    class_names: tuple[str, ...]
    damaged: int = 0
    warnings: tuple[str, ...] = ()
    scale: float | None = None
    depth: int = 0
    encoding: str | None = None
