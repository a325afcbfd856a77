"""The line for updates: what comes over it, in which order, and what becomes of them where there is none."""

import os
import socket
import stat
from pathlib import Path

import pytest

from core.messages.updates import FINISHED
from core.workers import update_line
from core.workers.update_line import UpdateLine
from tests.core.training.runs import QUICK
from tests.core.workers.worker_processes import wait_for
from tests.waiting import wait_until


class OtherWay:
    """Stands for a Dask worker: keeps what is told through it."""

    def __init__(self) -> None:
        self.told: list[tuple[str, object]] = []

    def log_event(self, topic: str, message: object) -> None:
        self.told.append((topic, message))


@pytest.fixture
def line():
    """The server's end, and what it has received."""
    received: list[object] = []
    opened = UpdateLine(received.append)
    yield opened, received
    opened.close()
    update_line._senders.clear()


def test_messages_come_in_their_order_whatever_their_size(line):
    opened, received = line
    update_line.connect(opened.address, "topic", OtherWay())
    sent = [{"number": number, "bytes": bytes(number * 997)} for number in range(300)]
    tell = update_line.teller("topic", OtherWay())
    for message in sent:
        tell(message)
    wait_until(lambda: len(received) == len(sent), "all messages")
    assert received == sent


def test_a_message_that_cannot_be_taken_in_is_logged_and_the_next_one_is_taken(caplog):
    taken = []

    def take(message):
        taken.append(2 // message["divisor"])

    opened = UpdateLine(take)
    update_line.connect(opened.address, "topic", OtherWay())
    tell = update_line.teller("topic", OtherWay())
    tell({"divisor": 0})
    tell({"divisor": 1})
    wait_until(lambda: taken == [2], "the message after")
    opened.close()
    update_line._senders.clear()
    assert "could not be taken in" in caplog.text


def test_what_cannot_be_sent_goes_the_other_way_and_all_after_it(line):
    opened, _ = line
    address, other = opened.address, OtherWay()
    opened.close()
    update_line.connect(address, "topic", other)
    tell = update_line.teller("topic", other)
    for number in range(3):
        tell(number)
    wait_until(lambda: len(other.told) == 3, "the messages")
    assert other.told == [("topic", number) for number in range(3)]


def test_a_line_that_breaks_is_left_and_nothing_is_lost(tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(tmp_path / "line"))
        listener.listen()
        other = OtherWay()
        update_line.connect(str(tmp_path / "line"), "topic", other)
        listener.accept()[0].close()
    tell = update_line.teller("topic", other)
    for number in range(3):
        tell(number)
    wait_until(lambda: len(other.told) == 3, "the messages")
    assert other.told == [("topic", number) for number in range(3)]
    update_line._senders.clear()


def test_a_topic_without_a_line_goes_the_other_way():
    other = OtherWay()
    update_line.teller("no line", other)("message")
    assert other.told == [("no line", "message")]


def test_half_a_message_is_dropped_and_other_workers_are_heard(line):
    opened, received = line
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as broken:
        broken.connect(opened.address)
        broken.sendall(b"\x00\x00\x01\x00half")
    update_line.connect(opened.address, "topic", OtherWay())
    update_line.teller("topic", OtherWay())("whole")
    wait_until(lambda: received, "a message")
    assert received == ["whole"]


def test_only_this_user_can_reach_it_and_nothing_of_it_stays(line):
    opened, _ = line
    folder = Path(opened.address).parent
    assert stat.S_IMODE(os.stat(folder).st_mode) == stat.S_IRWXU
    opened.close()
    assert not folder.exists()


def test_where_no_socket_can_be_made_there_is_no_line(monkeypatch, tmp_path):
    deep = tmp_path / ("d" * 120)  # a socket's path has 108 bytes at most
    deep.mkdir()
    monkeypatch.setattr(update_line.tempfile, "mkdtemp", lambda prefix: str(deep))
    assert UpdateLine(print).address == ""
    assert not deep.exists()


def test_updates_of_runs_come_over_the_line(jobs, begin, monkeypatch):
    over_the_line, through_dask = [], []
    line, connection = jobs.cluster._line, jobs.cluster._connection._connection
    (events,) = [one for one in connection.local.scheduler.plugins.values() if hasattr(one, "_receive")]
    take, receive = line._receive, events._receive
    monkeypatch.setattr(line, "_receive", lambda message: (over_the_line.append(message["run"]), take(message)))
    monkeypatch.setattr(events, "_receive", lambda event: (through_dask.append(event[1].get("run")), receive(event)))
    job = begin(f"{QUICK}&epochs=3")
    wait_for(job, FINISHED)
    assert job.run in over_the_line
    assert job.run not in through_dask
