"""Small experiments with their rows and programs, and a set of them that covers every menu."""

from dataclasses import dataclass

import numpy as np

from core.datasets import Split, prepare
from core.engine.fitted_program import FittedProgram
from core.engine.program import State
from core.engine.programs import Programs
from core.engine.runtime_settings import runtime_settings
from core.engine.structure import RowTensors, Structure
from core.experiment import Experiment, read_query
from core.experiment.schedule import step_rates

# 56 rows train and 14 are held out. Batches of 14 fit both, and need half as long to compile as batches of 16.
TWO = "data=moons&points=70&noise=0.3&batch=14"
THREE = "data=blobs&points=70&classes=3&noise=0.3&batch=14"
NUMBERS = "data=plane&points=70&noise=0.3&batch=14&scaling=standard"

CASES = {
    "SGD, all penalties, max norm, smaller batches at the end": (
        "data=blobs&points=70&classes=3&noise=0.3&batch=16&layers=tanh-5,relu-4&optimizer=sgd&lr=0.05&max_norm=0.8"
        "&l1=0.01&l1_on=kernel,bias,activity&l2=0.02&l2_on=kernel,bias,activity"
    ),
    "SGD with all settings, hinge": (
        # 35 rows of one class and 21 of the other
        "data=xor&points=70&data_seed=25&batch=14&layers=elu-4,gelu-4-layer&loss=hinge&class_weight=balanced"
        "&clip=value&clip_at=0.05&optimizer=sgd&lr=0.1&momentum=0.8&nesterov=yes&weight_decay=0.02"
    ),
    "RMSprop, no hidden layer": f"{TWO}&layers=none&optimizer=rmsprop",
    "RMSprop with all settings, Huber": (
        f"{NUMBERS}&layers=tanh-5&l2=0.02&l2_on=bias,activity&loss=huber&delta=0.3"
        "&optimizer=rmsprop&momentum=0.5&rho=0.8&centered=yes&epsilon=0.001&weight_decay=0.1"
    ),
    "Adam, focal": (
        f"{TWO}&layers=selu-4,tanh-3&loss=focal&gamma=1.5&label_smoothing=0.1&clip=norm&clip_at=0.02"
        "&optimizer=adam&beta_1=0.8&beta_2=0.9&epsilon=0.001&amsgrad=yes&weight_decay=0.1"
    ),
    "AdamW, balanced": (
        "data=penguins&test=0.8&batch=33&layers=swish-5,mish-3&label_smoothing=0.2&class_weight=balanced"
        "&optimizer=adamw&beta_1=0.8&beta_2=0.9&epsilon=0.001&amsgrad=yes&weight_decay=0.1"
    ),
    "Adamax, hinge, layer normalization": (
        f"{THREE}&layers=leaky_relu-5-layer,softplus-3&l1=0.01&l1_on=activity&loss=hinge"
        "&optimizer=adamax&beta_1=0.8&beta_2=0.9&epsilon=0.001&weight_decay=0.1"
    ),
    "Nadam, squared error": (
        f"{TWO}&layers=softsign-9,hard_sigmoid-3&loss=squared_error&clip=global_norm&clip_at=0.05"
        "&optimizer=nadam&beta_1=0.8&beta_2=0.9&epsilon=0.001&weight_decay=0.1"
    ),
    "Adagrad, no hidden layer": (
        f"{THREE}&layers=none&loss=squared_error&optimizer=adagrad&lr=0.1&accumulator=0.5&epsilon=0.01&weight_decay=0.1"
    ),
    "Adadelta, nothing but a smaller batch": (
        "data=moons&points=70&noise=0.3&batch=4096&layers=sine-4,linear-3&label_smoothing=0.1"
        "&optimizer=adadelta&lr=2&rho=0.8&epsilon=0.001&weight_decay=0.1"
    ),
    "Adafactor, three parts": (
        "data=curve&points=75&validation=0.3&batch=14&scaling=minmax&layers=tanh-6"
        "&loss=absolute_error&optimizer=adafactor&weight_decay=0.1"
    ),
    "Lion, focal": f"{THREE}&layers=sigmoid-4&loss=focal&optimizer=lion&beta_1=0.8&beta_2=0.9&weight_decay=0.1",
    "LAMB": (
        f"{NUMBERS}&layers=tanh-5&l1=0.01&l2=0.01&l2_on=activity"
        "&optimizer=lamb&beta_1=0.8&beta_2=0.9&epsilon=0.001&weight_decay=0.1"
    ),
    "Muon, every row trains": (
        "data=blobs&points=70&classes=3&noise=0.3&split=all&batch=7&layers=tanh-5"
        "&optimizer=muon&momentum=0.8&nesterov=no&weight_decay=0.1"
    ),
    "batch normalization": f"{TWO}&layers=tanh-5-batch,relu-3&l2=0.01&l2_on=activity&optimizer=sgd&momentum=0.8&lr=0.1",
}


@dataclass(frozen=True)
class Case:
    """An experiment with its rows and its program."""

    experiment: Experiment
    split: Split
    program: FittedProgram
    rows: RowTensors

    @classmethod
    def of(cls, query: str, programs: Programs | None = None) -> "Case":
        """Open an experiment on the programs that tests share, or on a new one."""
        experiment = read_query(query)
        split = prepare(experiment.data)
        program = (Programs() if programs is None else programs).get(Structure.of(experiment, split))
        return cls(experiment, split, program, RowTensors.of(split, experiment.training.class_weight))

    def first(self, seed: int = 3) -> State:
        return self.program.first_state(self.experiment.network, seed)

    def values(self, state: State) -> list[np.ndarray]:
        """Return trainable variables, the model's others and the optimizer's, as Keras orders them."""
        return [value.numpy() for value in self.program.values(state)]

    def orders(self, epochs: int) -> list[np.ndarray]:
        random = np.random.default_rng(1)
        return [random.permutation(len(self.split.x_train)).astype(np.int32) for _ in range(epochs)]

    def run(
        self,
        state: State,
        orders: list[np.ndarray],
        compiled: bool = True,
        experiments: list[Experiment] | None = None,
    ) -> tuple[State, np.ndarray]:
        """Run epochs, with the learning rates and settings of an experiment for each epoch where those are given."""
        epoch = self.program.epoch if compiled else self.program.uncompiled_epoch
        history = []
        for number, order in enumerate(orders):
            now = experiments[number] if experiments else self.experiment
            rates = step_rates(now.training, number, self.program.structure.steps)
            state, metrics = epoch(state, self.rows, order, rates, runtime_settings(now))
            history.append(metrics)
        return state, np.array(history)


def assert_same(one: tuple[State, np.ndarray], other: tuple[State, np.ndarray]) -> None:
    """Compare what two calls of `Case.run` return bit for bit."""
    np.testing.assert_array_equal(one[1], other[1])
    for first, second in zip(one[0], other[0], strict=True):
        np.testing.assert_array_equal(first, second)
