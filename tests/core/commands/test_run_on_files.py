"""`run` on files: it prints everything that was decided, and does what is asked for by name."""

import json

import pytest

from core.__main__ import main


@pytest.fixture
def run(tmp_path, capsys):
    """Train on a file for a few epochs; return the JSON result."""

    def call(lines: list[str], query: str = "", *arguments: str) -> dict:
        path = tmp_path / "file.csv"
        path.write_text("\n".join(lines))
        full = "&".join(part for part in ("layers=relu-4&epochs=3", query) if part)
        assert main(["run", full, "--file", str(path), "--json", *arguments]) == 0
        return json.loads(capsys.readouterr().out)

    return call


def test_r2_is_never_above_1_however_far_the_target_is_from_0(run):
    lines = ["x,pressure", *(f"{row},{1_013_250 + row}" for row in range(60))]
    result = run(lines, "scaling=none&target=0.9")
    history = result["history"]
    assert max(history["r2"] + history["val_r2"]) <= 1
    assert min(history["r2"]) > -100
    assert any("learned as the difference from its mean" in note for note in result["notes"])


def test_an_identifier_that_is_asked_for_is_trained_on(run):
    lines = ["row,kind", *(f"{row},{'ab'[row // 30]}" for row in range(60))]
    assert (
        run(["x," + lines[0], *(f"{row % 7},{line}" for row, line in enumerate(lines[1:]))])["parameters"] == 4 + 4 + 5
    )
    assert run(lines, "", "--inputs", "row")["parameters"] == 4 + 4 + 5


def test_a_truth_table_trains_on_all_rows_unless_a_split_is_asked_for(run, tmp_path, capsys):
    lines = ["x1,x2,y", "0,0,0", "0,1,1", "1,0,1", "1,1,0"]
    result = run(lines)
    assert result["experiment"]["data"]["split"] == "all"
    assert sum(map(sum, result["confusion_matrix"])) == 4
    assert result["notes"][-1].startswith("All 4 rows train and none is held out")
    assert run(lines, "test=0.5")["experiment"]["data"]["split"] == "stratified"


def test_inputs_are_derived_from_two_columns_that_are_asked_for(run, tmp_path, capsys):
    lines = ["a,b,soil,kind", *(f"{row % 9},{row % 7},{'wd'[row % 2]},{'ab'[row // 30]}" for row in range(60))]
    result = run(lines, "inputs=x1,x1x1,x1x2", "--inputs", "b,a")
    assert result["parameters"] == 3 * 4 + 4 + 5
    assert "The network gets x₁, x₁², x₁x₂, where x₁ is 'b' and x₂ is 'a' before scaling." in result["notes"]
    assert main(["run", "inputs=x1x1", "--file", str(tmp_path / "file.csv")]) == 2
    assert "`inputs` are derived from exactly two columns of numbers" in capsys.readouterr().err


def test_everything_that_was_decided_is_printed_before_the_result(tmp_path, capsys):
    lines = [
        "id,price,soil,kind",
        *(f'{row * 7},"${row + 1},000",{["dry", "wet", "-"][row % 3]},{"ab"[row % 2]}' for row in range(60)),
    ]
    path = tmp_path / "file.csv"
    path.write_text("\n".join(lines))
    assert main(["run", "layers=none&epochs=2", "--file", str(path)]) == 0
    notes = [line for line in capsys.readouterr().out.splitlines() if line.startswith("note: ")]
    assert len(notes) == 4
    assert "'$1,000' is read as 1000" in notes[0]
    assert "'soil': 20 values count as missing: '-' (20)." in notes[1]
    assert "'id' (an identifier" in notes[2]
    assert "replaced by the most frequent category of the training rows: 'soil' (20)" in notes[3]
