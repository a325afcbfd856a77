"""What a worker tells of the runs of a portion, on the way to the server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np


# eq=False: arrays have no single truth value, so the generated == would raise.
@dataclass(frozen=True, eq=False)
class MemberNews:
    """What is new of a run.

    Attributes:
        place: of the run in its study.
        status: RUNNING, FINISHED, STOPPED or FAILED.
        first_row: where `rows` begin in the history; they replace everything from there on.
        rows: float32 (rows, columns), columns in the order of `menus.HISTORY`.
        seconds: that training has taken.
        surface: as in `MemberResult`; None where it is as it was.
        message: for the person; may be empty.
    """

    place: int
    status: str
    first_row: int
    rows: np.ndarray
    seconds: float
    surface: np.ndarray | None = None
    message: str = ""

    def then(self, newer: MemberNews) -> MemberNews:
        """Return one piece of news that says what this one and a newer one say."""
        surface = self.surface if newer.surface is None else newer.surface
        first_row = min(self.first_row, newer.first_row)
        rows = np.concatenate([self.rows[: newer.first_row - first_row], newer.rows])
        return replace(newer, first_row=first_row, rows=rows, surface=surface)

    def to_message(self) -> tuple[Any, ...]:
        """Return the news as plain values and bytes, which any message format can hold."""
        surface = None if self.surface is None else (self.surface.shape, self.surface.tobytes())
        rows = self.rows.shape, np.ascontiguousarray(self.rows, np.float32).tobytes()
        return self.place, self.status, self.first_row, rows, self.seconds, surface, self.message

    @classmethod
    def from_message(cls, message: tuple[Any, ...]) -> MemberNews:
        """Return the news that `to_message` was called on."""
        place, status, first_row, (shape, rows), seconds, surface, text = message
        painted = None if surface is None else np.frombuffer(surface[1], np.uint8).reshape(surface[0])
        return cls(place, status, first_row, np.frombuffer(rows, np.float32).reshape(shape), seconds, painted, text)


@dataclass(frozen=True, eq=False)
class PortionNews:
    """What is new of a portion.

    Attributes:
        members: the news of its runs.
        compiling: seconds until the first epoch began.
        training: seconds since.
        epochs: that all its runs have trained, together.
    """

    members: tuple[MemberNews, ...]
    compiling: float
    training: float
    epochs: int

    def to_message(self) -> Mapping[str, Any]:
        """Return the news as plain values and bytes."""
        members = [news.to_message() for news in self.members]
        return {"members": members, "seconds": (self.compiling, self.training), "epochs": self.epochs}

    @classmethod
    def from_message(cls, message: Mapping[str, Any]) -> PortionNews:
        """Return the news that `to_message` was called on."""
        members = tuple(MemberNews.from_message(news) for news in message["members"])
        compiling, training = message["seconds"]
        return cls(members, compiling, training, message["epochs"])
