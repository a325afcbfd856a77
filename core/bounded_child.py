"""The program of a bounded process: makes the calls that it reads from standard input; see `core.bounded_process`.

It ends by itself when nothing has been asked of it for a while, so that memory is not held for nobody.
"""

from __future__ import annotations

import importlib
import os
import pickle
import select
import sys
import traceback
from pathlib import Path
from typing import IO, Any

if __name__ == "__main__":  # run as a file: its folder must not be searched for modules, and its root must
    sys.path[0] = str(Path(__file__).parents[1])

from core.bounded_process import BUG, ERROR, LENGTH, MEMORY_ERROR, RESULT, SECONDS
from core.errors import HiddenLayersError

_IDLE_SECONDS = 30.0
_NICE = 5  # the pages of everybody else come first


def main() -> None:
    """Answer requests until there are no more."""
    requests = os.fdopen(os.dup(0), "rb", buffering=0)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints is no answer
    for name in sys.argv[1:]:
        importlib.import_module(name)
    os.nice(_NICE)
    while select.select([requests], [], [], _IDLE_SECONDS)[0]:
        request = _read(requests)
        if request is None:
            break
        _bound_time()
        _answer(answers, *_called(request))


def _called(request: bytes) -> tuple[str, bytes, list[pickle.PickleBuffer]]:
    """Make a call; return the kind of answer, the answer, and its arrays."""
    buffers: list[pickle.PickleBuffer] = []
    try:
        module, name, arguments, named = pickle.loads(request)
        function: Any = importlib.import_module(module)
        for part in name.split("."):
            function = getattr(function, part)
        result = function(*arguments, **named)
        return RESULT, pickle.dumps(result, protocol=5, buffer_callback=buffers.append), buffers
    except MemoryError:
        return MEMORY_ERROR, b"", []
    except HiddenLayersError as error:
        return ERROR, pickle.dumps(error.with_traceback(None)), []
    except Exception:  # noqa: BLE001 the process that asked logs it
        return BUG, traceback.format_exc().encode(errors="replace"), []


def _answer(answers: IO[bytes], kind: str, message: bytes, buffers: list[pickle.PickleBuffer]) -> None:
    arrays = [buffer.raw() for buffer in buffers]
    head = pickle.dumps((kind, message, [array.nbytes for array in arrays]))
    answers.write(LENGTH.pack(len(head)))
    answers.write(head)
    for array in arrays:
        answers.write(array)
    answers.flush()


def _read(requests: IO[bytes]) -> bytes | None:
    head = requests.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (length,) = LENGTH.unpack(head)
    parts = []
    while length:
        part = requests.read(length)
        if not part:
            return None
        parts.append(part)
        length -= len(part)
    return b"".join(parts)


def _bound_time() -> None:
    """Bound the processor time of the next call, in case that nobody is left who would end it."""
    try:
        import resource
    except ImportError:  # not on Windows
        return
    used = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (int(used + 2 * SECONDS) + 1, hard))


if __name__ == "__main__":
    main()
