"""`python -m core study`."""

import json
import os
import signal

import pytest

from core.__main__ import main
from core.commands import study as command
from core.experiment import from_json, read_query
from core.studies import training

QUICK = "data=moons&points=60&layers=tanh-3&batch=16&epochs=4"


def test_luck_prints_a_table_and_a_sentence(capsys):
    assert main(["study", QUICK, "--seeds", "3"]) == 0
    out, err = capsys.readouterr()
    heading, line = out.splitlines()[2:4]
    assert heading.split("  ")[0].strip() == "runs"
    assert all(name in heading for name in ("mean", "deviation", "best", "worst"))
    assert line.split()[0] == "3"
    assert "one run tells" in out.splitlines()[-1]
    assert "3 runs" in err


def test_json_has_the_study_its_members_and_the_seconds(capsys):
    assert main(["study", f"{QUICK}&seed=5", "--vary", "lr=0.1,0.01", "--seeds", "2", "--json"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    found = json.loads(out)
    assert set(found) == {"study", "summaries", "members", "seconds"}
    assert (found["study"]["kind"], found["study"]["varied"]) == ("one setting", {"lr": ["0.1", "0.01"]})
    assert from_json(json.dumps(found["study"]["experiment"])) == read_query(f"{QUICK}&seed=5")
    assert found["seconds"] > 0
    members = found["members"]
    assert {"experiment", "seed", "best", "last", "epochs", "status"} <= set(members[0])
    assert [(member["settings"]["lr"], member["seed"]) for member in members] == [
        ("0.1", 5),
        ("0.1", 6),
        ("0.01", 5),
        ("0.01", 6),
    ]
    assert from_json(json.dumps(members[3]["experiment"])) == read_query(f"{QUICK}&seed=6&lr=0.01")
    assert {(member["epochs"], member["status"]) for member in members} == {(4, "finished")}
    last = [member["last"] for member in members]
    assert [summary["last"]["mean"] for summary in found["summaries"]] == pytest.approx(
        [(last[0] + last[1]) / 2, (last[2] + last[3]) / 2]
    )


@pytest.mark.parametrize("times", ["×", "*"])
def test_a_grid_has_a_line_for_every_combination(capsys, times):
    assert main(["study", QUICK, "--grid", f"lr=0.1,0.01{times}seed_of=1,2", "--seeds", "1"]) == 2
    assert main(["study", QUICK, "--grid", f"lr=0.1,0.01{times}layers=tanh-3;tanh-2,tanh-2", "--seeds", "1"]) == 0
    lines = capsys.readouterr().out.splitlines()[2:]
    assert lines[0].split()[:2] == ["lr", "layers"]
    assert [line.split()[:3] for line in lines[1:]] == [
        ["0.1", "tanh-3", "1"],
        ["0.1", "tanh-2,tanh-2", "1"],
        ["0.01", "tanh-3", "1"],
        ["0.01", "tanh-2,tanh-2", "1"],
    ]


def test_a_run_that_diverges_is_counted_and_the_status_is_1(capsys):
    query = "data=plane&points=60&layers=tanh-3&optimizer=sgd&batch=16&l2=1&epochs=50"
    assert main(["study", query, "--vary", "lr=0.001,10", "--seeds", "1"]) == 1
    fine, diverged = capsys.readouterr().out.splitlines()[3:5]
    assert fine.split()[-1] == "0"
    assert diverged.split() == ["10", "1", "-", "-", "-", "-", "-", "1"]
    assert main(["study", query, "--vary", "lr=0.001,10", "--seeds", "1", "--json"]) == 1
    member = json.loads(capsys.readouterr().out)["members"][1]
    assert (member["status"], member["last"]) == ("failed", None)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["date=moons"], "`date` must be a known key, such as dates, data"),
        ([QUICK, "--vary", "rate=0.1,0.2"], "`vary` must be the key of a setting"),
        ([QUICK, "--vary", "lr=0.1,fast"], "`lr` must be a number from 1e-05 to 10. Received: 'fast'."),
        ([QUICK, "--grid", "lr=0.1,0.2"], "`grid` must be two settings with their values"),
        ([QUICK, "--grid", "lr=1,2×l2=0,1×l1=0,1"], "`grid` must be two settings with their values"),
        ([QUICK, "--seeds", "1"], "`seeds` must be a whole number from 2 to 100. Received: 1."),
        ([QUICK, "--seeds", "many"], "`seeds` must be a whole number from 1 to 100. Received: 'many'."),
        ([QUICK, "--luck", "good"], "`luck` must be one of weights, data, both. Received: 'good'."),
    ],
)
def test_wrong_keys_and_values_are_told_in_one_line(capsys, arguments, message):
    assert main(["study", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert message in err


def test_one_interrupt_stops_the_study_and_prints_what_there_is(capsys, monkeypatch):
    def interrupt(progress: training.StudyProgress) -> None:
        if progress.epochs_done and not sent:
            sent.append(True)
            os.kill(os.getpid(), signal.SIGINT)

    sent: list[bool] = []
    before = signal.getsignal(signal.SIGINT)
    monkeypatch.setattr(command, "_draw_progress", interrupt)
    long = QUICK.replace("epochs=4", "epochs=2000")
    assert main(["study", long, "--seeds", "3", "--luck", "data"]) == 1
    assert "3 runs in" in capsys.readouterr().out
    assert signal.getsignal(signal.SIGINT) == before
