"""What a run does next."""

import pytest

from core.training.next_step import Next, next_step

IDLE = {"is_wanted": True, "is_training": False, "is_preview": False, "can_be_replayed": False, "is_early": False}


@pytest.mark.parametrize(
    ("situation", "expected"),
    [
        ({}, Next.SETTLE),
        ({"is_training": True}, Next.TRAIN),
        ({"is_training": True, "is_early": True}, Next.WAIT_FOR_PACE),
        ({"is_early": True}, Next.SETTLE),
        # A preview is trained while the compiler works, and replayed as soon as that is done, whatever the pace says.
        ({"is_training": True, "is_preview": True}, Next.TRAIN),
        ({"is_training": True, "is_preview": True, "is_early": True}, Next.WAIT_FOR_PACE),
        ({"is_preview": True}, Next.REST),
        ({"is_preview": True, "is_early": True}, Next.REST),
        ({"is_preview": True, "can_be_replayed": True}, Next.REPLAY),
        ({"is_training": True, "is_preview": True, "can_be_replayed": True, "is_early": True}, Next.REPLAY),
        # Nobody wants it any more.
        ({"is_wanted": False, "is_training": True}, Next.SETTLE),
        ({"is_wanted": False, "is_preview": True, "can_be_replayed": True}, Next.SETTLE),
    ],
)
def test_the_next_step_follows_from_the_situation(situation, expected):
    assert next_step(**IDLE | situation) is expected
