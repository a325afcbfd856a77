"""Which servers write to a database, and which of them are dead."""

from __future__ import annotations

import os
import socket
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

import psutil
from sqlalchemy import Connection, Row, insert, select, text, update

from core.runs import tables
from core.runs.limits import LEASE_SECONDS

_SAME_START = 1.0  # seconds by which the system's word on when a process was started may differ


@dataclass(frozen=True)
class ThisServer:
    """This process, as the others see it in the database."""

    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    host: str = field(default_factory=socket.gethostname)
    pid: int = field(default_factory=os.getpid)
    started: float = field(default_factory=lambda: psutil.Process().create_time())

    def beat(self, connection: Connection) -> None:
        """Note that this server lives."""
        server, now = tables.server, _now(connection)
        if not connection.execute(update(server).where(server.c.id == self.id).values(seen_at=now)).rowcount:
            values = {"id": self.id, "host": self.host, "pid": self.pid, "started": self.started, "seen_at": now}
            connection.execute(insert(server).values(**values))

    def dead(self, connection: Connection) -> list[str]:
        """Return the servers that live no more: on this machine those without a process, elsewhere the silent ones."""
        now = _now(connection)
        others = connection.execute(select(tables.server).where(tables.server.c.id != self.id)).all()
        return [other.id for other in others if not self._lives(other, now)]

    def _lives(self, other: Row[Any], now: float) -> bool:
        if other.host != self.host:
            return bool(now - other.seen_at < LEASE_SECONDS)
        try:
            return bool(abs(psutil.Process(other.pid).create_time() - other.started) < _SAME_START)
        except psutil.NoSuchProcess:
            return False
        except psutil.Error:  # it is there, and not ours to look at
            return True


def _now(connection: Connection) -> float:
    """Return the database's time where servers of several machines share it."""
    if connection.dialect.name != "postgresql":
        return time.time()
    return float(connection.execute(text("SELECT extract(epoch FROM clock_timestamp())")).scalar_one())
