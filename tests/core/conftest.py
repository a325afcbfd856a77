import itertools
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.engine import kept_programs
from core.engine.compiler import COMPILER, LOADER
from core.engine.programs import Programs
from core.jobs.jobs import Jobs
from core.messages.commands import Command
from core.training import frame_contents as contents_module
from core.training import update_publisher as publisher_module
from core.training.trainer import Trainer
from tests.core.training.record import Record
from tests.core.training.runs import EPOCHS, QUICK, train
from tests.core.workers.worker_processes import Starter

_owners = map(str, itertools.count())


@pytest.fixture(scope="session")
def programs() -> Programs:
    """The compiled programs that tests share; a structure is compiled by the first test that trains it."""
    return Programs(most=100)


@pytest.fixture(scope="module")
def whole(programs: Programs) -> Record:
    """The run of QUICK that nobody disturbs; from here on QUICK is compiled."""
    return train(f"{QUICK}&epochs={EPOCHS}", programs)


@pytest.fixture
def nothing_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing was compiled by other tests: a structure is new unless its program is in this process."""
    monkeypatch.setattr(kept_programs, "_folder", lambda: tmp_path / "compiled" / "version")


@pytest.fixture
def every_epoch(monkeypatch):
    """Publish every epoch, with everything."""
    monkeypatch.setattr(publisher_module, "_FRAME_SECONDS", 0)
    monkeypatch.setattr(publisher_module, "_PREVIEW_FRAME_SECONDS", 0)
    monkeypatch.setattr(contents_module, "_HELD_OUT_SECONDS", 0)


@pytest.fixture
def held_out_once(monkeypatch):
    """Publish every epoch; what is computed for held-out rows only with the first one and when the run is at rest."""
    monkeypatch.setattr(publisher_module, "_FRAME_SECONDS", 0)
    monkeypatch.setattr(publisher_module, "_PREVIEW_FRAME_SECONDS", 0)
    monkeypatch.setattr(contents_module, "_HELD_OUT_SECONDS", 3600)


@pytest.fixture
def attending():
    """Attend to a run on another thread."""
    attended = []

    def attend(trainer: Trainer) -> threading.Thread:
        thread = threading.Thread(target=trainer.attend)
        thread.start()
        attended.append((trainer, thread))
        return thread

    yield attend
    for trainer, thread in attended:
        trainer.send(Command("stop"))
        thread.join(60)
        assert not thread.is_alive()


@pytest.fixture
def busy_compiler() -> Iterator[Callable[[bool], None]]:
    """Keep the compiler busy with something else; called with False it is done with that, with True busy again."""
    held: list[threading.Event] = []

    def hold(busy: bool) -> None:
        if busy:
            held.append(threading.Event())
            for executor in (COMPILER, LOADER):
                executor.submit(held[-1].wait)
        else:
            held[-1].set()

    hold(True)
    yield hold
    hold(False)
    drain_compiler()


def drain_compiler() -> None:
    """Wait until the compiler has done everything that was asked of it so far."""
    for executor in (COMPILER, LOADER):
        executor.submit(lambda: None).result()


@pytest.fixture
def owner() -> str:
    """A browser that no other test knows."""
    return f"browser {next(_owners)}"


@pytest.fixture
def begin(jobs: Jobs, owner: str) -> Iterator[Starter]:
    """Start jobs of this test's browser; they are forgotten when it is over."""
    starter = Starter(jobs, owner)
    yield starter
    starter.forget_all()
