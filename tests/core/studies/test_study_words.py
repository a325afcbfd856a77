"""What studies say in words, on results made by hand."""

from collections.abc import Sequence

import numpy as np
import pytest

from core.experiment import Experiment, read_query
from core.studies.published import recipe_of
from core.studies.race import Race
from core.studies.race_words import lead_sentence, racer_names, target_sentence
from core.studies.results import MemberResult, Summary
from core.studies.sentences import best_sentence
from core.studies.study import Member

BASE = Experiment()


def result(*scores: float, status: str = "finished") -> MemberResult:
    values = np.array(scores, np.float32)
    history = {"loss": 1 - values, "accuracy": values, "val_loss": 1 - values, "val_accuracy": values}
    return MemberResult(Member((), 0, BASE), status, history)


def of(*finals: float) -> Summary:
    return Summary.of((), [result(final) for final in finals])


@pytest.mark.parametrize(
    ("summaries", "said"),
    [
        (
            [of(0.5, 0.6), of(0.9, 0.95)],
            "Best: b, with a median accuracy of 0.925 (0.900 to 0.950). Even its worst run",
        ),
        ([of(0.5, 0.92), of(0.9, 0.95)], "The runs of a overlap with it, so the difference may be luck."),
        ([of(0.5), of(0.9)], "Best: b, with an accuracy of 0.900. One run each: another seed may change the order."),
        ([of(1.0, 1.0), of(1.0, 0.99, 1.0)], "Best: a and b, each with a median accuracy of 1.000."),
        ([of(), of(0.9)], "Best: b, with an accuracy of 0.900."),
        ([of(), of()], "No run has led to a figure."),
    ],
)
def test_the_best_setting_is_named_and_whether_it_is_sure(summaries: Sequence[Summary], said: str) -> None:
    assert said in best_sentence(["a", "b"], summaries, "accuracy")


RACE = Race((BASE, read_query("lr=0.5"), read_query("lr=0.001")), 0.9)
NAMES = racer_names(RACE)


def test_racers_are_called_by_what_differs() -> None:
    assert NAMES == ["learning rate 0.01", "learning rate 0.5", "learning rate 0.001"]


def test_a_race_says_who_is_ahead_and_who_was_first() -> None:
    on = [result(0.5, 0.8, status="running"), result(0.95, 0.7, status="running"), result(0.1, 0.2, status="running")]
    assert lead_sentence(NAMES, on) == "learning rate 0.01 is ahead: 0.800 after epoch 2."
    assert target_sentence(RACE, NAMES, on) == "First to reach 0.9: learning rate 0.5, after epoch 1."
    over = [result(0.5, 0.95), result(0.95, 0.7), result(0.1, 0.2)]
    assert lead_sentence(NAMES, over) == "learning rate 0.01 won: 0.950 after epoch 2."
    said = target_sentence(RACE, NAMES, over)
    assert said == "First to reach 0.9: learning rate 0.5, after epoch 1. Then learning rate 0.01 after epoch 2."
    level = [result(0.95), result(0.95), result(0.95)]
    assert lead_sentence(NAMES, level) == "All ended level at 0.950 after epoch 1."
    assert target_sentence(RACE, NAMES, level).count(" and ") == 2


def test_a_race_without_figures_or_target_says_little() -> None:
    assert lead_sentence(NAMES, [result(status="queued")] * 3) == ""
    assert target_sentence(RACE, NAMES, [result(0.1, status="running")] * 3) == "Nobody has reached 0.9 yet."
    assert target_sentence(RACE, NAMES, [result(0.1)] * 3) == "Nobody reached 0.9."
    assert target_sentence(Race(RACE.experiments), NAMES, [result(0.95)] * 3) == ""


def test_a_recipe_is_known_by_all_but_its_seeds() -> None:
    digits = recipe_of(read_query("recipe=digits&seed=3&data_seed=5"))
    assert digits is not None
    assert digits.published == (0.87, 0.93)
    assert recipe_of(read_query("recipe=digits&lr=0.2")) is None
