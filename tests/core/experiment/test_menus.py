"""The menus: defaults are within their bounds, and equal to Keras's where Keras has them."""

import keras

from core.experiment import NORMALIZATION_PARAMETERS, DataSpec, TrainingSpec, menus
from core.experiment.keys import Real, Whole
from core.experiment.menus import Setting

# Keras's classes, and its names of settings where they differ.
OPTIMIZERS = {
    "sgd": keras.optimizers.SGD,
    "rmsprop": keras.optimizers.RMSprop,
    "adam": keras.optimizers.Adam,
    "adamw": keras.optimizers.AdamW,
    "adamax": keras.optimizers.Adamax,
    "nadam": keras.optimizers.Nadam,
    "adagrad": keras.optimizers.Adagrad,
    "adadelta": keras.optimizers.Adadelta,
    "adafactor": keras.optimizers.Adafactor,
    "lion": keras.optimizers.Lion,
    "lamb": keras.optimizers.Lamb,
    "muon": keras.optimizers.Muon,
}
KERAS_NAMES = {"accumulator": "initial_accumulator_value"}


def _check(name: str, setting: Setting) -> None:
    assert setting.key.name == name
    assert setting.key.check(setting.default) == setting.default
    if isinstance(setting.key, Whole | Real):
        assert setting.key.low < setting.key.high
        assert 0 < setting.step <= setting.key.high - setting.key.low


def test_menu_defaults_are_inside_their_bounds() -> None:
    for name in menus.DATA:
        choice = menus.DATA[name]
        data = DataSpec(name)
        assert (data.seed, data.scaling, data.train_rows) == (choice.seed, choice.scaling, choice.train_rows)
        menus.DATA_SEED.check(choice.seed)
        menus.SCALING.check(choice.scaling)
        menus.TRAIN_ROWS.check(choice.train_rows)
        assert choice.group in {"points", "tables", "images", "files"}
        for field, setting in choice.settings.items():
            _check(field, setting)
            assert getattr(data, field) == setting.default


METHODS = [(choice, name) for choice, methods in menus.METHODS.items() for name in methods]


def test_method_takes_its_defaults_and_nothing_else() -> None:
    for choice, name in METHODS:
        settings = menus.METHODS[choice][name].settings
        training = TrainingSpec(**{choice: name})
        for other in menus.setting_names(menus.METHODS[choice]):
            assert getattr(training, other) == (settings[other].default if other in settings else None)
        for field, setting in settings.items():
            _check(field, setting)


def test_no_two_choices_share_a_setting() -> None:
    names = [name for methods in menus.METHODS.values() for name in menus.setting_names(methods)]
    assert len(names) == len(set(names))


def test_optimizer_has_the_defaults_of_keras() -> None:
    for name in menus.OPTIMIZERS:
        config = OPTIMIZERS[name]().get_config()
        for field, setting in menus.OPTIMIZERS[name].settings.items():
            assert setting.default == (config[KERAS_NAMES.get(field, field)] or 0)


def test_loss_has_the_defaults_of_keras() -> None:
    for loss in (keras.losses.BinaryFocalCrossentropy(), keras.losses.CategoricalFocalCrossentropy()):
        focal = TrainingSpec(loss="focal")
        config = loss.get_config()
        assert (focal.gamma, focal.label_smoothing) == (config["gamma"], config["label_smoothing"])
    huber = TrainingSpec(loss="huber")
    assert keras.losses.Huber()([[0.0]], [[3.0]]) == keras.losses.Huber(delta=huber.delta)([[0.0]], [[3.0]])


def test_normalization_is_counted_as_keras_counts() -> None:
    for name, layer in (("batch", keras.layers.BatchNormalization), ("layer", keras.layers.LayerNormalization)):
        built = layer()
        built.build((None, 7))
        assert built.count_params() == 7 * NORMALIZATION_PARAMETERS[name]


def test_every_normalization_is_counted() -> None:
    assert set(NORMALIZATION_PARAMETERS) == set(menus.NORMALIZATIONS)
    assert NORMALIZATION_PARAMETERS["none"] == 0


def test_every_task_has_losses_and_a_history() -> None:
    tasks = {choice.task for choice in menus.DATA.values()}
    assert tasks == set(menus.LOSSES) == set(menus.HISTORY)
    assert all(losses.items() <= menus.ALL_LOSSES.items() for losses in menus.LOSSES.values())


def test_menus_hold_what_a_person_can_choose() -> None:
    assert (menus.UNITS.low, menus.UNITS.high, menus.LAYERS_MOST) == (1, 512, 6)
    assert {"relu", "tanh", "sigmoid"} <= set(menus.ACTIVATIONS)
    assert set(menus.OPTIMIZERS) == set(OPTIMIZERS)
    assert {"linear", "moons", "circles", "sine", "spiral", "blobs", "digits", "penguins"} <= set(menus.DATA)
