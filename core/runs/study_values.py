"""What the store takes and returns of studies: frozen values. What a study trains is text here (`core.studies`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np


@dataclass(frozen=True, eq=False)
class KeptMember:
    """A run of a study as it stands.

    Attributes:
        member: what it trains, as JSON, where the plan does not say so; else "".
        status: as in `core.messages.updates`.
        rows: of its history, float32 (epochs, columns), columns in the order of `menus.HISTORY`.
        surface: uint8, as in `core.studies.results.MemberResult`; or None.
    """

    status: str
    message: str
    seconds: float
    rows: np.ndarray
    surface: np.ndarray | None
    member: str = ""


@dataclass(frozen=True)
class StudyLine:
    """A study without its runs.

    Attributes:
        key: 32 hexadecimal digits that name it.
        plan: as `core.studies.plans.plan_to_json` writes it.
        created_at, deleted_at: in seconds since 1970.
        best: the highest last figure of its `ended` runs; None where there is none.
    """

    key: str
    name: str
    kind: str
    plan: str
    status: str
    message: str
    created_at: float
    deleted_at: float | None
    seconds: float
    total: int
    ended: int
    best: float | None


@dataclass(frozen=True, eq=False)
class KeptStudy:
    """A study with those of its runs that have begun, by their places."""

    line: StudyLine
    members: Mapping[int, KeptMember]


@dataclass(frozen=True, eq=False)
class StudyChange:
    """What is to be written about a study: how it stands, and the runs that have changed.

    Attributes:
        owner: the browser whose study it is.
        is_live: whether this server trains it.
    """

    owner: str
    line: StudyLine
    is_live: bool
    members: Mapping[int, KeptMember]

    @property
    def key(self) -> str:
        """The study's."""
        return self.line.key

    @property
    def is_urgent(self) -> bool:
        """Whether it is to be written at once."""
        return not self.is_live

    @property
    def heavy_bytes(self) -> int:
        """How many bytes of it are given up first where too much waits to be written."""
        return sum(one.surface.nbytes for one in self.members.values() if one.surface is not None)

    def lightened(self) -> StudyChange:
        """Return it without these."""
        members = {place: replace(one, surface=None) for place, one in self.members.items()}
        return replace(self, members=members)

    def then(self, newer: StudyChange) -> StudyChange:
        """Return one change that says what this one and a newer one say."""
        return replace(newer, members={**self.members, **newer.members})
