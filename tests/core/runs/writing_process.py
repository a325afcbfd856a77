"""A process that keeps runs as a server does, under load, until it is killed.

It prints a line for all that is certainly in the database: `kept KEY EPOCHS`, `done KEY`.
"""

from __future__ import annotations

import random
import sys
import time
import uuid
from dataclasses import replace

from core.messages.updates import FINISHED
from core.runs.values import RunChange
from core.runs.writer import RunWriter
from tests.core.runs.changes import ME, MOONS, change, rows, trained
from tests.waiting import PATIENCE

_AT_ONCE = 8
_EPOCHS = 60
_TRAINED = trained()  # prepared once


def work(seed: int) -> None:
    """Train eight runs at a time for ever, as far as the run store can tell."""
    writer, draw = RunWriter(), random.Random(seed)
    writer.start()
    going = [_new() for _ in range(_AT_ONCE)]
    for one in going:
        writer.note(one)
    while True:
        for place, one in enumerate(going):
            more = draw.randint(1, 5)
            first = one.epoch
            one = going[place] = replace(
                one, epoch=first + more, first_row=first, rows=rows(first, more), plan=None, edits=None
            )
            writer.note(one)
            if one.epoch >= _EPOCHS and draw.random() < 0.5:
                last = replace(one, status=FINISHED, first_row=one.epoch, rows=rows(0, 0), trained=_TRAINED)
                writer.note(last)
                writer.flush(PATIENCE)
                _say("done", last)
                going[place] = _new()
                writer.note(going[place])
        if draw.random() < 0.3:
            writer.flush(PATIENCE)
            for one in going:
                _say("kept", one)
        time.sleep(0.002)


def _new() -> RunChange:
    return replace(change("any", MOONS, count=1, owner=ME), key=uuid.uuid4().hex, created_at=time.time())


def _say(what: str, one: RunChange) -> None:
    sys.stdout.write(f"{what} {one.key} {one.epoch}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    work(int(sys.argv[1]))
