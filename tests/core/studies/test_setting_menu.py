import pytest

from core.errors import ExperimentError
from core.experiment import Experiment, format_layers, read_query
from core.studies.setting_menu import settings_of, spread_values
from core.studies.setting_words import words_of
from core.studies.study import Study
from core.studies.varied import Varied

BASES = [
    "data=moons",
    "recipe=digits",
    "data=diabetes",
    "data=spiral&split=all",
    "data=moons&layers=none&optimizer=muon&schedule=step",
]


@pytest.mark.parametrize("query", BASES)
def test_every_setting_of_the_menu_can_be_varied_as_it_is_filled_in(query):
    base = read_query(query)
    for setting in settings_of(base).values():
        study = Study(base, (setting.varied(setting.first),), 1)
        assert len(study.members) == len(setting.first) >= 2, setting.name


def test_settings_that_do_not_apply_are_not_in_the_menu():
    plain, line = settings_of(Experiment()), settings_of(read_query("data=diabetes&layers=none&optimizer=sgd"))
    assert {"lr", "width", "depth", "activation", "batch", "noise", "beta_1", "test", "train_share"} <= plain.keys()
    assert "momentum" not in plain
    assert "train_rows" not in plain
    assert {"momentum", "depth"} <= line.keys()
    assert not {"noise", "width", "activation", "class_weight", "beta_1"} & line.keys()


def test_widths_depths_and_activations_change_all_hidden_layers():
    base = read_query("layers=relu-8,tanh-4")
    settings = settings_of(base)

    def layers(name: str, value: str) -> str:
        return format_layers(settings[name].applied(base, value).network.layers)

    assert layers("width", "16") == "relu-16,tanh-16"
    assert (layers("depth", "0"), layers("depth", "3")) == ("none", "relu-8,tanh-4,tanh-4")
    assert layers("activation", "sine") == "sine-8,sine-4"
    # Any two of them can be combined.
    both = Study(base, (settings["width"].varied(["2", "3"]), settings["activation"].varied(["relu", "sine"])), 1)
    assert [format_layers(member.experiment.network.layers) for member in both.members] == [
        "relu-2,relu-2", "sine-2,sine-2", "relu-3,relu-3", "sine-3,sine-3"]  # fmt: skip


def test_what_is_not_allowed_is_said_with_the_name_of_the_setting():
    settings = settings_of(Experiment())
    with pytest.raises(ExperimentError, match=r"Learning rate.*number from 1e-05 to 10.*fast"):
        settings["lr"].varied(["0.1", "fast"])
    with pytest.raises(ExperimentError, match="whole number from 1 to 512"):
        settings["width"].varied(["4", "1000"])
    assert settings["lr"].varied(["0.10", "0.1", "1e-2"]).values == ("0.1", "0.01")


def test_a_range_has_equal_steps_or_ratios_and_exact_ends():
    assert spread_values(0, 1, 5, equal_ratios=False, whole=False) == ("0", "0.25", "0.5", "0.75", "1")
    assert spread_values(1, 100, 3, equal_ratios=True, whole=True) == ("1", "10", "100")
    assert spread_values(1, 3, 5, equal_ratios=False, whole=True) == ("1", "2", "3")
    with pytest.raises(ExperimentError, match="lower to a higher"):
        spread_values(1, 1, 3, equal_ratios=False, whole=False)
    with pytest.raises(ExperimentError, match="above 0"):
        spread_values(0, 1, 3, equal_ratios=True, whole=False)


@pytest.mark.parametrize(
    ("key", "values", "label", "words", "numbers"),
    [
        ("lr", ("0.1", "0.01"), "learning rate", ("0.1", "0.01"), (0.1, 0.01)),
        ("width", ("4", "8"), "units in each layer", ("4", "8"), (4, 8)),
        ("optimizer", ("sgd", "adam"), "optimizer", ("SGD", "Adam"), (None, None)),
        ("layers", ("tanh-4,tanh-4", "tanh-8,tanh-8"), "units in each layer", ("4", "8"), (4, 8)),
        ("layers", ("tanh-4", "tanh-8"), "units", ("4", "8"), (4, 8)),
        ("layers", ("tanh-4,tanh-2", "tanh-8,tanh-2"), "units", ("4, 2", "8, 2"), (None, None)),
        ("layers", ("none", "relu-4", "relu-4,relu-4"), "hidden layers", ("0", "1", "2"), (0, 1, 2)),
        ("layers", ("relu-4,relu-2", "tanh-4,tanh-2"), "activation", ("ReLU", "tanh"), (None, None)),
        ("layers", ("relu-4", "tanh-8"), "layers", ("relu-4", "tanh-8"), (None, None)),
    ],
)
def test_a_setting_in_words(key, values, label, words, numbers):
    found = words_of(Varied(key, values))
    assert (found.label, found.values, found.numbers) == (label, words, numbers)
