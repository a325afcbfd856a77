"""The members of a study, and what no study may be."""

import pytest

from core.errors import ExperimentError
from core.experiment import read_query, to_params
from core.studies.study import BOTH, DATA, KINDS, Study
from core.studies.varied import Varied, with_settings

BASE = read_query("data=moons&points=60&data_seed=7&seed=3&layers=tanh-3&epochs=5")


def seeds_of(study: Study) -> list[tuple[int, int, int]]:
    """Return the seed of every member, and those of its weights and its data."""
    return [
        (member.seed, member.experiment.training.seed, member.experiment.data.seed or 0) for member in study.members
    ]


def test_luck_begins_with_the_base_experiment_and_changes_the_seeds_that_are_asked_for():
    assert Study(BASE).members[0].experiment == BASE
    assert len(Study(BASE).members) == 20
    assert seeds_of(Study(BASE, seeds=3)) == [(3, 3, 7), (4, 4, 7), (5, 5, 7)]
    assert seeds_of(Study(BASE, seeds=3, luck=DATA)) == [(7, 3, 7), (8, 3, 8), (9, 3, 9)]
    assert seeds_of(Study(BASE, seeds=3, luck=BOTH)) == [(3, 3, 7), (4, 4, 8), (5, 5, 9)]


def test_seeds_go_on_from_0_after_the_highest():
    study = Study(read_query("seed=2147483647"), seeds=2)
    assert [member.seed for member in study.members] == [2147483647, 0]


def test_one_setting_has_every_value_with_every_seed():
    study = Study(BASE, (Varied.parse("lr=0.1,0.01"),), seeds=2)
    assert [(member.settings, member.seed) for member in study.members] == [
        ((("lr", "0.1"),), 3),
        ((("lr", "0.1"),), 4),
        ((("lr", "0.01"),), 3),
        ((("lr", "0.01"),), 4),
    ]
    assert [member.experiment.training.learning_rate for member in study.members] == [0.1, 0.1, 0.01, 0.01]
    assert (study.kind, Study(BASE).kind) == ("one setting", "luck")


def test_two_settings_have_every_combination():
    study = Study(BASE, (Varied.parse("lr=0.1,0.01"), Varied.parse("layers=tanh-3;tanh-4,tanh-2")), seeds=1)
    assert study.kind == KINDS[2]
    found = [
        (member.experiment.training.learning_rate, [layer.units for layer in member.experiment.network.layers])
        for member in study.members
    ]
    assert found == [(0.1, [3]), (0.1, [4, 2]), (0.01, [3]), (0.01, [4, 2])]


def test_width_and_depth_stand_for_all_hidden_layers():
    study = Study(
        read_query("layers=tanh-3,relu-5"), (Varied.parse("width=2,4"), Varied.parse("depth=1..3:3")), seeds=1
    )
    assert [to_params(member.experiment)["layers"] for member in study.members] == [
        *("tanh-2", "tanh-2,relu-2", "tanh-2,relu-2,relu-2"),
        *("tanh-4", "tanh-4,relu-4", "tanh-4,relu-4,relu-4"),
    ]
    assert not with_settings(BASE, {"depth": "0"}).network.layers
    assert (
        to_params(with_settings(read_query("layers=none"), {"depth": "2", "width": "7"}))["layers"] == "tanh-7,tanh-7"
    )
    for wrong in ({"width": "0"}, {"depth": "7"}, {"depth": "0", "width": "3"}):
        with pytest.raises(ExperimentError):
            with_settings(BASE, wrong)


def test_settings_that_another_value_does_not_have_take_their_defaults():
    base = read_query("optimizer=sgd&momentum=0.9&nesterov=yes&loss=focal&gamma=3&l2=0.1")
    adam = with_settings(base, {"optimizer": "adam"})
    assert (adam.training.optimizer, adam.training.momentum, adam.network.l2) == ("adam", None, 0.1)
    assert adam.training.gamma == 3
    regression = with_settings(base, {"data": "plane"})
    assert (regression.training.loss, regression.training.gamma) == ("squared_error", None)
    assert with_settings(base, {}) == base


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("lr=0.001,0.01", ("0.001", "0.01")),
        ("layers=tanh-4,tanh-2", ("tanh-4", "tanh-2")),
        ("layers=tanh-4;tanh-4,tanh-2;none", ("tanh-4", "tanh-4,tanh-2", "none")),
        ("lr=0.1..0.2:3", ("0.1", "0.15", "0.2")),
        ("lr=0.001..0.1:3:log", ("0.001", "0.01", "0.1")),
        ("batch=8..32:4", ("8", "16", "24", "32")),
        ("batch=8..32:2:log", ("8", "32")),
        ("dropout=0..1:3", ("0", "0.5", "1")),  # as many values as whole numbers would not be even
        ("lr=1e-4..1e-2:3:log", ("0.0001", "0.001", "0.01")),
    ],
)
def test_values_and_ranges(text, values):
    assert Varied.parse(text).values == values


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("lr", "`vary` must be KEY=VALUE,VALUE"),
        ("lr=", "`vary` must be KEY=VALUE,VALUE"),
        ("rate=1,2", "`vary` must be the key of a setting"),
        ("seed=1,2", "seeds are varied in every study"),
        ("recipe=moons,circles", "`vary` must be the key of a setting"),
        ("lr=0.1", "`lr` must be given 2 to 50 values"),
        ("lr=" + ",".join(map(str, range(1, 52))), "`lr` must be given 2 to 50 values"),
        ("lr=0.1..0.2", "`lr` must be KEY=VALUE,VALUE"),
        ("lr=0.2..0.1:3", "`lr` must be a range from a lower to a higher number"),
        ("lr=0..0.1:3:log", "above 0 with :log"),
        ("lr=0.1..0.2:51", "with 2 to 50 values"),
        ("lr=1..1e999:3", "`lr` must be a range"),
        ("lr=1..nan:3", "`lr` must be KEY=VALUE"),
    ],
)
def test_wrong_values_are_named(text, message):
    with pytest.raises(ExperimentError) as caught:
        Varied.parse(text)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("varied", "options", "message"),
    [
        ((), {"seeds": 1}, "`seeds` must be a whole number from 2 to 100"),
        ((), {"seeds": 101}, "`seeds` must be a whole number from 2 to 100"),
        (("lr=0.1,0.2",), {"seeds": 0}, "`seeds` must be a whole number from 1 to 100"),
        ((), {"luck": "good"}, "`luck` must be one of weights, data, both"),
        (("lr=0.1,20",), {}, "`lr` must be a number from 1e-05 to 10"),
        (("momentum=0.1,0.2",), {}, "`momentum` must be left out: optimizer adam has no such setting"),
        (("lr=0.1,0.10",), {}, "two of them are the same experiment. Received: 'lr=0.1 and lr=0.10'"),
        (("train_rows=10,20",), {}, "two of them are the same experiment"),  # not with this split
        (("lr=0.1,0.2", "lr=0.3,0.4"), {}, "`grid` must be of two different settings"),
        (("lr=0.1,0.2", "l2=0.3,0.4", "l1=0.3,0.4"), {}, "`grid` must be of two settings"),
        (("lr=1..2:50", "l2=0..1:50"), {"seeds": 1}, "`study` must be of at most 2000 runs. Received: 2500"),
    ],
)
def test_no_study_of_this(varied, options, message):
    with pytest.raises(ExperimentError) as caught:
        Study(BASE, tuple(map(Varied.parse, varied)), **options)
    assert message in str(caught.value)
