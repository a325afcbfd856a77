"""The recipes, compared with the numbers of the tutorials."""

from core.experiment import (
    RECIPES,
    DataSpec,
    Experiment,
    LayerSpec,
    NetworkSpec,
    TrainingSpec,
    from_json,
    read_address,
    read_query,
    to_json,
    to_query,
)

ADAM = 0.001  # Adam's default rate
SMALL = NetworkSpec((LayerSpec(4, "tanh"), LayerSpec(2, "tanh")))
LINEAR = NetworkSpec(())


def _tanh(*units: int) -> NetworkSpec:
    return NetworkSpec(tuple(LayerSpec(count, "tanh") for count in units))


def _points(name: str, points: int, noise: float, seed: int = 0, split: str = "all", **setting: int) -> DataSpec:
    return DataSpec(name, points, noise, seed=seed, split=split, scaling="none", **setting)


MOONS = _points("moons", 1000, 0.05)
CIRCLES = _points("circles", 1000, 0.05)
SPIRAL = _points("spiral", 1500, 0.2, arms=3)

EXPECTED = {
    "linear": Experiment(_points("linear", 1000, 0.01, seed=7), LINEAR, TrainingSpec("adam", ADAM, 32, 50, seed=1)),
    "moons-linear": Experiment(MOONS, LINEAR, TrainingSpec("adam", ADAM, 32, 100, seed=5)),
    "moons": Experiment(MOONS, SMALL, TrainingSpec("adam", 0.01, 32, 100)),
    "circles-linear": Experiment(CIRCLES, LINEAR, TrainingSpec("adam", ADAM, 32, 100)),
    "circles": Experiment(CIRCLES, SMALL, TrainingSpec("adam", 0.01, 32, 50)),
    "sine": Experiment(_points("sine", 2400, 0.1), _tanh(64, 64, 64), TrainingSpec("adam", ADAM, 32, 50)),
    "spiral-linear": Experiment(SPIRAL, LINEAR, TrainingSpec("adam", ADAM, 32, 20)),
    "spiral": Experiment(SPIRAL, _tanh(64, 32, 16), TrainingSpec("adam", ADAM, 32, 50)),
    "four-blobs": Experiment(
        _points("blobs", 1000, 0.1, split="stratified", classes=4),
        NetworkSpec((LayerSpec(128, "relu"),)),
        TrainingSpec("adam", ADAM, 10, 40),
    ),
    "digits": Experiment(
        DataSpec("digits", seed=0, split="ordered", train_rows=1000, scaling="none"),
        NetworkSpec((LayerSpec(15, "sigmoid"),), l2=1e-4, l2_on=("kernel", "bias", "activity")),
        TrainingSpec("sgd", 0.1, 100, 50, momentum=0.9),
    ),
    "mnist": Experiment(
        DataSpec("mnist", seed=0, split="stratified", test=0.25, scaling="none"),
        NetworkSpec((LayerSpec(128, "sigmoid"), LayerSpec(64, "sigmoid"))),
        TrainingSpec("sgd", 0.01, 128, 100),
    ),
    "faces": Experiment(
        DataSpec("lfw", min_pictures=100, max_pictures=100, seed=0, split="stratified", test=0.2, scaling="none"),
        NetworkSpec((LayerSpec(512, "relu"),)),
        TrainingSpec("adam", ADAM, 25, 100),
    ),
    "penguins": Experiment(
        DataSpec("penguins", seed=0, split="stratified", test=0.2, scaling="none"),
        NetworkSpec((LayerSpec(10, "relu"),)),
        TrainingSpec("adam", ADAM, 32, 100),
    ),
}


def test_every_recipe_is_expected() -> None:
    assert list(RECIPES) == list(EXPECTED)


def test_recipe_is_the_tutorials() -> None:
    for name in RECIPES:
        assert read_query(f"recipe={name}") == EXPECTED[name]
        assert read_query(RECIPES[name].query) == EXPECTED[name]


def test_recipe_reads_back() -> None:
    for name in RECIPES:
        experiment = read_query(f"recipe={name}")
        assert read_query(to_query(experiment)) == experiment
        assert from_json(to_json(experiment)) == experiment


def test_recipe_says_all_that_it_decides() -> None:
    """A recipe's query has no keys that don't apply, and leaves only a few to their defaults."""
    for name in RECIPES:
        query = RECIPES[name].query
        written = dict(pair.split("=") for pair in query.split("&"))
        full = dict(pair.split("=") for pair in to_query(read_query(query)).split("&"))
        assert set(full) - set(written) <= {"l2", "dropout", "seed"}
        assert written.items() <= full.items()


def test_recipe_gives_way_to_further_keys() -> None:
    experiment = read_query("recipe=penguins&scaling=standard&layers=relu-20,relu-10&epochs=30&seed=3")
    assert experiment == Experiment(
        DataSpec("penguins", seed=0, split="stratified", test=0.2, scaling="standard"),
        NetworkSpec((LayerSpec(20, "relu"), LayerSpec(10, "relu"))),
        TrainingSpec("adam", ADAM, 32, 30, 3),
    )


def test_order_of_keys_makes_no_difference() -> None:
    for query in (
        "epochs=7&recipe=moons",
        "recipe=moons&epochs=7",
    ):
        assert read_query(query) == Experiment(MOONS, SMALL, TrainingSpec("adam", 0.01, 32, 7))


def test_recipe_takes_no_layers() -> None:
    assert read_query("recipe=spiral&layers=none") == Experiment(SPIRAL, LINEAR, TrainingSpec("adam", ADAM, 32, 50))


def test_recipe_on_other_data_keeps_network_and_training() -> None:
    experiment = read_query("recipe=digits&data=wine")
    assert experiment.data == DataSpec("wine")
    assert experiment.network == EXPECTED["digits"].network
    assert experiment.training == EXPECTED["digits"].training


def test_recipe_with_another_method_leaves_its_settings() -> None:
    assert read_query("recipe=digits&optimizer=sgd").training == EXPECTED["digits"].training
    assert read_query("recipe=digits&schedule=cosine").training.momentum == 0.9
    assert read_query("recipe=digits&momentum=0.5").training.momentum == 0.5
    for optimizer, momentum in (("rmsprop", 0.0), ("muon", 0.95), ("adam", None)):
        assert read_query(f"recipe=digits&optimizer={optimizer}").training.momentum == momentum


def test_recipe_on_numbers_takes_their_loss() -> None:
    experiment = read_query("recipe=digits&data=diabetes")
    assert experiment.training.loss == "squared_error"
    assert experiment.training.momentum == 0.9


def test_recipes_own_data_named_again_changes_nothing() -> None:
    assert read_query("recipe=digits&data=digits") == EXPECTED["digits"]


def test_recipe_stands_in_for_a_mistake() -> None:
    experiment, problems = read_address([("recipe", "spiral"), ("layers", "tanh-0"), ("lr", "fast"), ("arms", "9")])
    assert {problem.key for problem in problems} == {"layers", "lr", "arms"}
    assert experiment == EXPECTED["spiral"]


def test_unknown_recipe_is_the_default() -> None:
    experiment, (problem,) = read_address([("recipe", "imagenet"), ("epochs", "7")])
    assert problem.key == "recipe"
    assert experiment == read_query("epochs=7")
