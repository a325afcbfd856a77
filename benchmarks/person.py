"""A person without a browser, since eight real browsers would use up the machine that is being measured.

It does what a tab does, with Streamlit's own messages: fetches the page and its cookie, opens the WebSocket, runs the
script, presses buttons, and follows the live stream of its run, asking again when a frame would be painted.
"""

from __future__ import annotations

import re
import threading
import time
import urllib.request
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from core.messages.frames import decode
from ui.session.speed import COOKIE

FRAME_SECONDS = 1 / 30  # a browser paints no faster here
ANSWER_SECONDS = 60.0
_STREAM = re.compile(rb"/live/[\w-]+/frames")


@dataclass(frozen=True)
class Seen:
    """The state in a frame, and when it arrived (`time.monotonic`)."""

    at: float
    epoch: int
    generation: int
    status: str


class Person:
    """One visitor with a cookie and a session of their own, who trains fast. Use it as a context manager.

    Args:
        base: where the app is served.
        query: the experiment that the address says.
        patience: seconds to wait for a page.
    """

    def __init__(self, base: str, query: str = "", patience: float = ANSWER_SECONDS) -> None:
        self._patience = patience
        self._host = urlsplit(base).netloc
        self._query = query
        self._buttons: dict[str, str] = {}  # the ids of the buttons, by key
        self._stream = ""
        self._seen: list[Seen] = []
        self._watching: threading.Thread | None = None
        self._turn = threading.Lock()
        asked = urllib.request.Request(f"{base}/", headers={"Accept": "text/html"})
        with urllib.request.urlopen(asked, timeout=ANSWER_SECONDS) as page:
            cookies = page.headers.get_all("Set-Cookie") or []
        self._cookie = "; ".join([f"{COOKIE}=fast", *(cookie.partition(";")[0] for cookie in cookies)])
        self._socket = connect(
            f"ws://{self._host}/_stcore/stream",
            subprotocols=["streamlit"],  # type: ignore[list-item]
            additional_headers={"Cookie": self._cookie},
            max_size=None,
        )

    def __enter__(self) -> Person:
        self.rerun()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream = ""
        self._socket.close()
        if self._watching:
            self._watching.join()

    def open(self, query: str) -> None:
        """Go to another experiment by the address."""
        self._query = query
        self.rerun()

    def rerun(self, pressed: str = "") -> float:
        """Rerun the page, optionally pressing a button; return the seconds until it ends."""
        message = BackMsg()
        message.rerun_script.query_string = self._query
        if pressed:
            message.rerun_script.widget_states.widgets.add(id=self._buttons[pressed], trigger_value=True)
        with self._turn:
            started = time.perf_counter()
            self._socket.send(message.SerializeToString())
            while not self._take(self._socket.recv(self._patience)):
                pass
            return time.perf_counter() - started

    def train(self) -> None:
        """Press Train and follow the run."""
        self._leave()
        self.rerun("train")
        self._watching = threading.Thread(target=self._watch, args=(self._stream,))
        self._watching.start()

    def reset(self) -> None:
        """Press Reset, which ends the run."""
        self._leave()
        self.rerun("reset")

    @property
    def latest(self) -> Seen | None:
        """What the latest frame said."""
        return self._seen[-1] if self._seen else None

    @property
    def frames(self) -> list[Seen]:
        """What the frames of the present run have said so far."""
        return list(self._seen)

    def wait_for(self, epoch: int = 0, status: str = "") -> Seen:
        """Wait for an epoch to be done, or for a status, and return the first frame that says so."""
        end = time.monotonic() + ANSWER_SECONDS
        while time.monotonic() < end:
            for seen in self._seen:
                if seen.status == status if status else seen.epoch >= epoch:
                    return seen
            if self.latest and self.latest.status in ("failed", "interrupted"):
                break
            time.sleep(0.005)
        raise RuntimeError(f"A run did not come to {status or f'epoch {epoch}'}: {self.latest}.")

    def epochs_between(self, since: float, until: float) -> float:
        """Return the epochs that were done between two times of `time.monotonic`."""
        return self._epoch_at(until) - self._epoch_at(since)

    def _epoch_at(self, moment: float) -> float:
        """Return the epochs done at a moment, in a line between the frames around it."""
        before = max((seen for seen in self._seen if seen.at <= moment), key=lambda seen: seen.at, default=None)
        behind = min((seen for seen in self._seen if seen.at > moment), key=lambda seen: seen.at, default=before)
        if before is None or behind is None:
            raise RuntimeError("There was no frame yet at this moment.")
        share = (moment - before.at) / (behind.at - before.at) if behind is not before else 0.0
        return before.epoch + share * (behind.epoch - before.epoch)

    def _take(self, data: str | bytes) -> bool:
        """Take in a message of the server; returns whether the script has come to its end."""
        assert isinstance(data, bytes)
        message = ForwardMsg.FromString(data)
        kind = message.WhichOneof("type")
        if kind == "page_info_changed":
            self._query = message.page_info_changed.query_string
        elif kind == "delta":
            element = message.delta.new_element
            if element.HasField("exception"):
                raise RuntimeError(f"The page failed: {element.exception.message}")
            if element.HasField("button"):
                self._buttons[element.button.id.split("-", 2)[2]] = element.button.id  # $$ID-HASH-KEY
            streams = _STREAM.findall(data)
            if streams:
                self._stream = streams[-1].decode()
        return kind == "script_finished" and message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY

    def _leave(self) -> None:
        """Follow the present run no more."""
        self._stream = ""
        if self._watching:
            self._watching.join()
        self._seen = []

    def _watch(self, stream: str) -> None:
        """Ask for frames until the run is left."""
        address = f"ws://{self._host}{stream.removesuffix('/frames')}/socket"
        seq = generation = rows = 0
        with (
            connect(address, additional_headers={"Cookie": self._cookie}, max_size=None) as socket,
            suppress(ConnectionClosed),
        ):
            while self._stream == stream:
                asked = time.monotonic()
                socket.send(f"seq={seq}&generation={generation}&rows={rows}")
                data = socket.recv(ANSWER_SECONDS)
                assert isinstance(data, bytes)
                if data:
                    frame = decode(data)
                    seq, generation = frame.seq, frame.generation
                    rows = frame.first_row + len(frame.arrays["loss"])
                    self._seen.append(Seen(time.monotonic(), frame.epoch, generation, frame.status))
                time.sleep(max(0.0, asked + FRAME_SECONDS - time.monotonic()))
