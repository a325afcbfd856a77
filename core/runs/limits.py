"""How much is kept of whose runs and for how long; the one place for these numbers."""

from __future__ import annotations

# A person
RUNS_MOST = 10_000  # runs of one person; beyond it the oldest without a star go first
BYTES_MOST = 500_000_000  # of the runs of one person; likewise
NEARLY_FULL = 0.9  # the share of either from which the page says so

STUDIES_MOST = 500  # of one person; beyond it the oldest go first
STUDY_BYTES_MOST = 200_000_000  # of the studies of one person; likewise

LESSON_STEPS_MOST = 2_000  # of one person; beyond it the ones that changed longest ago go first
PROGRESS_MOST_BYTES = 1_000_000  # of a file with somebody's progress

# A run
WEIGHTS_MOST_BYTES = 50_000_000  # of one epoch's weights; a larger network is kept without them
NAME_MOST = 120  # characters
NOTE_MOST = 4_000
TAG_MOST = 40
TAGS_MOST = 20

# All people together
STUDIES_TOTAL_MOST_BYTES = 5_000_000_000  # beyond it the oldest studies go first, whoever's they are
TOTAL_MOST_BYTES = 20_000_000_000  # beyond it the oldest runs without a star go first, whoever's they are
UNSEEN_DAYS = 400  # since a person's last run, after which their cookie has long ended and nobody can open the runs

# Time
WRITE_SECONDS = 1.0  # between two times that the history of runs that go on is written: at most this and a write lost
AGAIN_SECONDS = 5.0  # until a database that is away is tried again
UNDO_SECONDS = 3600.0  # for which a deleted run can be brought back
BEAT_SECONDS = 10.0  # between two signs of life of a server
LEASE_SECONDS = 60.0  # without one, until the runs of a server of another machine count as interrupted
LOCK_SECONDS = 5.0  # that a write waits for another process that is writing
ASK_SECONDS = 1.0  # that one page other than "Runs" waits for an answer; the others then wait no more
EDIT_SECONDS = 5.0  # that a page waits for its own change, such as a new name

# Memory, while the database is away
WAITING_MOST = 2_000  # runs with something to write; then the ones that have waited longest are given up
WAITING_MOST_BYTES = 256_000_000  # of weights to write; likewise
