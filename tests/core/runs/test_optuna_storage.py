"""Optuna's storage in the database of the runs, on SQLite and PostgreSQL."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import optuna
from sqlalchemy import make_url

from core.studies import proposing
from core.studies.proposing import Proposer, forget_deleted, open_storage
from tests.core.runs.changes import ME, change
from tests.core.studies.trials import run, search


def test_a_search_goes_on_from_its_storage_as_it_would_have(url):
    whole = run(Proposer(search(), "whole"), 14)
    first = run(Proposer(search(), "parts", open_storage(make_url(url))), 8)
    proposer = Proposer(search(), "parts", open_storage(make_url(url)))
    assert [proposer.member(number) for number in range(8)] == [result.member for result in first]
    assert [result.member for result in first + run(proposer, 14)] == [result.member for result in whole]


def test_searches_and_runs_are_written_at_the_same_time(url, start_writer):
    writer = start_writer()
    assert writer.flush(60)

    def propose(name: str) -> int:
        return len(run(Proposer(search(), name, open_storage(make_url(url))), 10))

    with ThreadPoolExecutor(2) as pool:
        searches = [pool.submit(propose, f"search {number}") for number in range(2)]
        for number in range(60):
            writer.note(change(f"run {number}"))
            assert writer.flush(60)
    assert [one.result() for one in searches] == [10, 10]
    assert writer.problem == ""
    assert len(writer.store.runs(ME)) == 60


def test_searches_of_studies_that_were_deleted_go_after_a_day(url, monkeypatch):
    storage = open_storage(make_url(url))
    kept, gone, theirs = "a" * 32, "b" * 32, "somebody else's"
    for name in (kept, gone, theirs):
        run(Proposer(search(), name, storage), 1)
    forget_deleted(storage, {kept})
    assert set(optuna.get_all_study_names(storage)) == {kept, gone, theirs}
    monkeypatch.setattr(proposing, "_FORGET_AFTER", timedelta(seconds=-60))
    forget_deleted(storage, {kept})
    assert set(optuna.get_all_study_names(storage)) == {kept, theirs}
