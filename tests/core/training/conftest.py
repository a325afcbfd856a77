import threading
from collections.abc import Callable, Iterator

import pytest

from core.training import program as program_module
from core.training.programs import Programs


@pytest.fixture(scope="session")
def programs() -> Programs:
    """The compiled programs that tests share; a structure is compiled by the first test that trains it."""
    return Programs(most=100)


@pytest.fixture
def busy_compiler() -> Iterator[Callable[[bool], None]]:
    """Keep the compiler busy with something else; called with False it is done with that, with True busy again."""
    held: list[threading.Event] = []

    def hold(busy: bool) -> None:
        if busy:
            held.append(threading.Event())
            program_module._COMPILER.submit(held[-1].wait)
        else:
            held[-1].set()

    hold(True)
    yield hold
    hold(False)
    drain_compiler()


def drain_compiler() -> None:
    """Wait until the compiler has done everything that was asked of it so far."""
    program_module._COMPILER.submit(lambda: None).result()
