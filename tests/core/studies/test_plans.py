"""Plans of studies as text, and races."""

import json

import numpy as np
import pytest

from core.errors import ExperimentError, HiddenLayersError
from core.experiment import read_query
from core.messages.pace import FAST
from core.messages.updates import RUNNING
from core.studies.plans import plan_from_json, plan_to_json
from core.studies.portions import ALONE, IN_LOCKSTEP, TOGETHER, portions_of
from core.studies.race import Race
from core.studies.results import MemberResult
from core.studies.study import BOTH, Study
from core.studies.varied import Varied

MOONS = read_query("data=moons&layers=tanh-3&epochs=4")
RATES = Varied.parse("lr=0.01,0.1")
PLANS = (
    Study(MOONS, seeds=5, luck=BOTH),
    Study(MOONS, (RATES,), seeds=1),
    Study(MOONS, (RATES, Varied.parse("layers=tanh-4;tanh-4,tanh-2")), seeds=3),
    Race((MOONS, read_query("data=moons&layers=tanh-8&epochs=9&seed=7")), 0.9, FAST),
    Race((MOONS, read_query("data=circles&layers=tanh-3&epochs=4"))),
)


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.kind)
def test_a_plan_is_read_as_it_was_written(plan):
    assert plan_from_json(plan_to_json(plan)) == plan


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", "null", "[" * 100_000, '{"kind": "luck"}', '{"kind": ["luck"]}', '{"kind": "nothing"}'],
    ids=lambda text: text[:20],
)
def test_other_text_is_refused(text):
    with pytest.raises(ExperimentError):
        plan_from_json(text)


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.kind)
def test_a_plan_with_any_value_replaced_is_refused_or_read(plan):
    value = json.loads(plan_to_json(plan))
    for key in value:
        for wrong in (None, -1, "x", [], {}, [[]], 1e300):
            try:
                plan_from_json(json.dumps(value | {key: wrong}))
            except HiddenLayersError:
                continue


def test_racers_have_the_seeds_of_the_first_and_say_what_differs():
    race = Race((MOONS, read_query("data=moons&layers=tanh-3&epochs=4&lr=0.1&seed=7&data_seed=3")))
    assert [member.seed for member in race.members] == [MOONS.training.seed] * 2
    assert len({member.experiment.data for member in race.members}) == 1
    assert [dict(member.settings).get("lr") for member in race.members] == ["0.01", "0.1"]
    assert all(set(dict(member.settings)) == {"lr"} for member in race.members)


@pytest.mark.parametrize("count", [1, 5])
def test_a_race_has_two_to_four_different_experiments(count):
    with pytest.raises(ExperimentError, match="2 to 4"):
        Race(tuple(read_query(f"data=moons&lr={0.01 * (place + 1)}") for place in range(count)))
    with pytest.raises(ExperimentError, match="differ"):
        Race((MOONS, read_query("data=moons&layers=tanh-3&epochs=4&seed=9")))


def test_who_reaches_the_target_first_is_in_the_results():
    race = Race((MOONS, read_query("data=moons&layers=tanh-8&epochs=4")), target=0.9)

    def result(place: int, scores: list[float]) -> MemberResult:
        return MemberResult(race.members[place], RUNNING, {"val_accuracy": np.array(scores, np.float32)})

    first, second = result(0, [0.5, 0.9, 0.95]), result(1, [0.5, 0.8])
    assert (race.reached(first), race.reached(second)) == (2, None)
    assert race.first([first, second]) == (0,)
    assert race.first([first, result(1, [0.1, 0.9])]) == (0, 1)
    assert race.first([second, second]) == ()


def test_widths_train_in_one_program_as_wide_as_the_widest_of_a_portion():
    study = Study(MOONS, (Varied("width", ("3", "5", "9", "64", "65")),), seeds=1)
    portions = portions_of(study)
    assert [(portion.way, portion.places) for portion in portions] == [
        (TOGETHER, (0, 1)),
        (TOGETHER, (2, 3)),
        (ALONE, (4,)),
    ]
    widths = [[layer.units for layer in portion.shape.network.layers] for portion in portions]
    assert widths == [[8], [64], [65]]


def test_runs_of_one_structure_are_split_for_two_workers_and_never_more_than_ten():
    def sizes(plan: Study) -> list[tuple[str, int, int]]:
        return [(portion.way, portion.size, len(portion.places)) for portion in portions_of(plan)]

    assert sizes(Study(MOONS, seeds=20)) == [(TOGETHER, 10, 10)] * 2
    assert sizes(Study(MOONS, seeds=3)) == [(TOGETHER, 3, 3)]
    assert sizes(Study(MOONS, seeds=5)) == [(TOGETHER, 3, 3), (TOGETHER, 3, 2)]
    assert sizes(Study(MOONS, (RATES,), seeds=24)) == [(TOGETHER, 8, 8)] * 6
    assert sizes(Study(MOONS, (Varied.parse("batch=8,16"),), seeds=1)) == [(ALONE, 1, 1)] * 2
    (portion,) = portions_of(PLANS[3])
    assert (portion.way, portion.places) == (IN_LOCKSTEP, (0, 1))
    places = [place for portion in portions_of(PLANS[2]) for place in portion.places]
    assert sorted(places) == list(range(12))
