"""Which workers count as frozen."""

from core.workers.heartbeats import BUSY_SECONDS, SILENT_SECONDS, Heartbeats


def test_a_worker_that_sends_no_sign_of_life_for_ten_seconds_is_silent():
    heartbeats = Heartbeats()
    looks = [heartbeats.look({"frozen": 7.0, "alive": float(now)}, {}, now) for now in range(0, 14, 2)]
    assert looks == [set()] * 5 + [{"frozen"}] * 2  # at 10 and 12 seconds
    assert SILENT_SECONDS == 10
    assert heartbeats.quiet == {"frozen"}


def test_a_sign_of_life_starts_the_count_again():
    heartbeats = Heartbeats()
    for now in (0, 3, 6, 9):
        assert heartbeats.look({"a": 1.0}, {}, now) == set()
    for now in (12, 15, 18, 21):
        assert heartbeats.look({"a": 2.0}, {}, now) == set()
    assert heartbeats.look({"a": 2.0}, {}, 24) == {"a"}


def test_nobody_counts_as_silent_because_the_server_was_frozen_itself():
    heartbeats = Heartbeats()
    heartbeats.look({"a": 1.0}, {}, 0.0)
    assert heartbeats.look({"a": 1.0}, {}, 1000.0) == set()
    assert heartbeats.look({"a": 9.0}, {}, 1002.0) == set()


def test_a_new_worker_and_one_that_is_gone_are_not_silent():
    heartbeats = Heartbeats()
    for now in (0, 4, 8):
        heartbeats.look({"gone": 1.0}, {}, now)
    assert heartbeats.look({"new": 1.0}, {}, 12) == set()
    assert heartbeats.look({"gone": 1.0, "new": 2.0}, {}, 16) == set()


def test_a_worker_that_works_but_is_not_heard_is_given_a_minute():
    heartbeats = Heartbeats()
    looks = [heartbeats.look({"a": 1.0}, {"a": float(now)}, now) for now in range(0, 64, 3)]
    assert looks == [set()] * 20 + [{"a"}] * 2  # at 60 and 63 seconds
    assert BUSY_SECONDS == 60
