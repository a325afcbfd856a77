"""A line from the workers of this machine to the server: a socket beside Dask, whose messages cost the server more.

A message of Dask is encrypted, packed, read by its event loop and looked at by its scheduler, which for an update of a
run takes 0.7 ms of the server's time (decision 035). Here it is pickled into a socket that lies in a folder of this
user alone, so nobody else can speak to either end.

Updates of runs go this way. What must not come after the answer to a call, such as the news of a study, stays with
Dask, which keeps their order.
"""

from __future__ import annotations

import logging
import pickle
import queue
import shutil
import socket
import struct
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from distributed import Worker

logger = logging.getLogger(__name__)

Tell = Callable[[Any], None]  # takes a message, and returns at once

_HEAD = struct.Struct("!I")  # the number of bytes that follow
_FILE = "updates"


class UpdateLine:
    """The server's end. Messages of one worker come in their order, on a thread of that worker's own.

    Args:
        receive: gets every message. An error in it is logged, and the next message is taken all the same.
        is_wanted: whether there is to be a line; workers of other machines could not reach it.

    Attributes:
        address: the path of the socket; "" where there is none, so that everything goes through Dask.
    """

    def __init__(self, receive: Callable[[dict[str, Any]], None], is_wanted: bool = True) -> None:
        self._receive = receive
        self.address = ""
        if not is_wanted or not hasattr(socket, "AF_UNIX"):
            return
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            folder = tempfile.mkdtemp(prefix="hidden-layers-")  # for this user alone
            self.address = str(Path(folder, _FILE))
            self._listener.bind(self.address)
            self._listener.listen()
        except OSError as error:  # such as a path that is too long for a socket
            logger.warning("There is no line to the workers (%r): updates come through Dask", error)
            self.close()
        else:
            threading.Thread(target=self._accept, name="update-line", daemon=True).start()

    def close(self) -> None:
        """Let no worker connect any more."""
        if self.address:
            with suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits there
            self._listener.close()
            shutil.rmtree(Path(self.address).parent, ignore_errors=True)
            self.address = ""

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:  # closed
                return
            file = connection.makefile("rb")
            connection.close()  # the file keeps it open
            threading.Thread(target=self._read, args=(file,), name="worker-updates", daemon=True).start()

    def _read(self, file: BinaryIO) -> None:
        """Take messages until the worker is gone; one that it had not sent to its end is dropped."""
        with suppress(OSError), file:
            while len(head := file.read(_HEAD.size)) == _HEAD.size:
                (size,) = _HEAD.unpack(head)
                if len(data := file.read(size)) < size:
                    return
                try:
                    self._receive(pickle.loads(data))
                except Exception:
                    logger.exception("An update of a worker could not be taken in")


class _Sender:
    """A worker's end: a thread that sends what it is told, so that a run never waits for the server.

    Args:
        address: of the server's end.
        otherwise: takes the messages from when on there is no line.
    """

    def __init__(self, address: str, otherwise: Tell) -> None:
        self._otherwise = otherwise
        self._waiting: queue.SimpleQueue[Any] = queue.SimpleQueue()
        threading.Thread(target=self._send, args=(address,), name="update-line", daemon=True).start()

    def tell(self, message: Any) -> None:
        """Have a message sent."""
        self._waiting.put(message)

    def _send(self, address: str) -> None:
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
                line.connect(address)
                while True:
                    message = self._waiting.get()
                    data = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
                    try:
                        line.sendall(_HEAD.pack(len(data)) + data)
                    except OSError:
                        self._otherwise(message)
                        raise
        except OSError as error:
            logger.warning("There is no line to the server (%r): updates go through Dask", error)
        while True:
            self._otherwise(self._waiting.get())


# State of the process, as in `core.workers.worker`.
_senders: dict[str, _Sender] = {}  # by topic


def connect(address: str, topic: str, worker: Worker) -> None:
    """Send what this worker tells about a topic over a line from now on."""
    _senders[topic] = _Sender(address, partial(worker.log_event, topic))


def teller(topic: str, worker: Worker) -> Tell:
    """Return what tells the server of a topic what happens in this worker."""
    sender = _senders.get(topic)
    return partial(worker.log_event, topic) if sender is None else sender.tell
