"""A trained network as plain arrays with its forward pass in NumPy, so that the server predicts without Keras."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from core.errors import DataError
from core.experiment import Experiment, LayerSpec, NetworkSpec, menus, output_units

Floats = NDArray[np.float32]

_EPSILON = np.float32(0.001)  # Keras's default in both normalizations
_VALUES_AT_ONCE = 4_000_000  # rows times the widest layer: 16 MB an array
_NORMALIZATION_WEIGHTS = {
    "none": (),
    "batch": ("gamma", "beta", "moving_mean", "moving_variance"),
    "layer": ("gamma", "beta"),
}
_SELU_SCALE, _SELU_ALPHA = np.float32(1.0507009873554805), np.float32(1.6732632423543772)


@dataclass(frozen=True, eq=False)
class TrainedNetwork:
    """A network with its trained weights.

    Attributes:
        experiment: the experiment that trained it.
        weights: float32 arrays by the names of Keras's layers and variables, such as "hidden_1/kernel", in the order
            and the shapes of `weight_shapes`; read-only.

    Raises:
        DataError: where a weight is missing, unknown, not finite, or of another shape or dtype.
    """

    experiment: Experiment
    weights: Mapping[str, Floats]

    def __post_init__(self) -> None:
        inputs, classes = _ends(self.experiment, self.weights)
        shapes = weight_shapes(self.experiment.network, inputs, classes)
        foreign = sorted(set(self.weights) - set(shapes))
        if foreign:
            raise DataError(f"The weights must be {', '.join(shapes)}. Received in addition: {foreign[0][:100]!r}.")
        checked = {name: _checked(name, self.weights.get(name), shape) for name, shape in shapes.items()}
        object.__setattr__(self, "weights", MappingProxyType(checked))

    def __reduce__(self) -> tuple[type[TrainedNetwork], tuple[Experiment, dict[str, Floats]]]:
        return (TrainedNetwork, (self.experiment, dict(self.weights)))

    @property
    def inputs(self) -> int:
        """The number of inputs."""
        return _ends(self.experiment, self.weights)[0]

    @property
    def classes(self) -> int:
        """The number of classes; 0 for regression."""
        return _ends(self.experiment, self.weights)[1]

    def predict(self, inputs: Floats) -> Floats:
        """Return the predictions for scaled inputs float32 (rows, inputs).

        Returns:
            Probabilities float32 (rows, classes), from scores where the loss is hinge; for regression the scaled
            target (rows, 1).

        Raises:
            DataError: where the inputs are not (rows, inputs).
        """
        answers = [self._answer(batch) for batch in self._batches(inputs)]
        return np.concatenate(answers) if len(answers) > 1 else answers[0]

    def row_losses(self, inputs: Floats, labels: np.ndarray) -> NDArray[np.float64]:
        """Return the cross-entropy of every row in nats, float64 (rows,).

        It comes from the output layer's sums and not from the probabilities, as in training: one of those may be
        rounded to 0, where the loss would be infinite.

        Args:
            inputs: scaled, float32 (rows, inputs).
            labels: (rows,), from 0 to classes - 1.

        Raises:
            DataError: where the inputs are not (rows, inputs).
        """
        scores = np.concatenate([self._class_scores(batch) for batch in self._batches(inputs)])
        own = scores[np.arange(len(labels)), labels]
        losses: NDArray[np.float64] = np.logaddexp.reduce(scores, axis=1) - own
        return losses

    def layer_outputs(self, inputs: Floats) -> list[Floats]:
        """Return the outputs of every hidden layer, float32 (rows, units), and of the output layer.

        A hidden layer's outputs are those after normalization and activation. The output layer's are (rows, 1) or
        (rows, classes), before `probabilities`. All rows are computed at once, so memory grows with them.

        Raises:
            DataError: where the inputs are not (rows, inputs).
        """
        return list(self._layers(self._check_inputs(inputs)))

    def _answer(self, inputs: Floats) -> Floats:
        *_, outputs = self._layers(inputs)
        classes = self.classes
        return outputs if classes == 0 else probabilities(outputs, classes, str(self.experiment.training.loss))

    def _class_scores(self, inputs: Floats) -> NDArray[np.float64]:
        """Return what the softmax is taken of, float64 (rows, classes); of two classes, the first has 0."""
        *_, last = inputs, *self._hidden_layers(inputs)
        sums = self._sum("output", last).astype(np.float64)
        return np.concatenate([np.zeros_like(sums), sums], axis=1) if self.classes == 2 else sums

    def _layers(self, inputs: Floats) -> Iterator[Floats]:
        last = inputs
        for outputs in self._hidden_layers(inputs):
            yield outputs
            last = outputs
        activation = output_activation(self.classes, str(self.experiment.training.loss))
        yield _activate(activation, self._sum("output", last))

    def _hidden_layers(self, values: Floats) -> Iterator[Floats]:
        for place, layer in enumerate(self.experiment.network.layers, start=1):
            values = _activate(layer.activation, self._normalize(layer, place, self._sum(f"hidden_{place}", values)))
            yield values

    def _sum(self, name: str, values: Floats) -> Floats:
        summed: Floats = values @ self.weights[f"{name}/kernel"] + self.weights[f"{name}/bias"]
        return summed

    def _normalize(self, layer: LayerSpec, place: int, values: Floats) -> Floats:
        if layer.normalization == "none":
            return values
        parts = _NORMALIZATION_WEIGHTS[layer.normalization]
        gamma, beta, *moving = (self.weights[f"normalization_{place}/{part}"] for part in parts)
        mean, variance = moving or (values.mean(axis=1, keepdims=True), values.var(axis=1, keepdims=True))
        normalized: Floats = (values - mean) * (gamma / np.sqrt(variance + _EPSILON)) + beta
        return normalized

    def _batches(self, inputs: Floats) -> Iterator[Floats]:
        inputs = self._check_inputs(inputs)
        widest = max(kernel.shape[1] for name, kernel in self.weights.items() if name.endswith("/kernel"))
        rows = max(1, _VALUES_AT_ONCE // max(widest, self.inputs))
        yield inputs[:rows]
        for first in range(rows, len(inputs), rows):
            yield inputs[first : first + rows]

    def _check_inputs(self, inputs: Floats) -> Floats:
        if inputs.ndim != 2 or inputs.shape[1] != self.inputs:
            raise DataError(f"Inputs must be (rows, {self.inputs}). Received: {inputs.shape}.")
        return np.asarray(inputs, np.float32)


def weight_shapes(network: NetworkSpec, inputs: int, classes: int) -> dict[str, tuple[int, ...]]:
    """Return the shape of every weight by its name, input side first; 0 classes for regression.

    >>> weight_shapes(NetworkSpec((LayerSpec(3, "tanh"),)), inputs=2, classes=2)
    {'hidden_1/kernel': (2, 3), 'hidden_1/bias': (3,), 'output/kernel': (3, 1), 'output/bias': (1,)}
    """
    shapes: dict[str, tuple[int, ...]] = {}
    for place, layer in enumerate(network.layers, start=1):
        shapes |= {f"hidden_{place}/kernel": (inputs, layer.units), f"hidden_{place}/bias": (layer.units,)}
        parts = _NORMALIZATION_WEIGHTS[layer.normalization]
        shapes |= {f"normalization_{place}/{part}": (layer.units,) for part in parts}
        inputs = layer.units
    units = output_units(classes)
    return shapes | {"output/kernel": (inputs, units), "output/bias": (units,)}


def output_activation(classes: int, loss: str) -> str:
    """Return the activation of the output layer."""
    if classes == 0 or loss == "hinge":
        return "linear"
    return "sigmoid" if classes == 2 else "softmax"


def probabilities(outputs: Floats, classes: int, loss: str) -> Floats:
    """Return probabilities float32 (rows, classes) from the output layer's (rows, 1) or (rows, classes).

    The hinge loss trains scores; their sigmoid or softmax is used as probabilities.
    """
    if loss == "hinge":
        scores = np.concatenate([np.zeros_like(outputs), outputs], axis=1) if classes == 2 else outputs
        return _softmax(scores)
    return np.concatenate([1 - outputs, outputs], axis=1) if classes == 2 else outputs


def _ends(experiment: Experiment, weights: Mapping[str, Floats]) -> tuple[int, int]:
    """Return the numbers of inputs and classes, from the shapes of the first and the last weights."""
    first = weights.get("hidden_1/kernel" if experiment.network.layers else "output/kernel")
    last = weights.get("output/bias")
    if first is None or last is None or first.ndim != 2 or last.ndim != 1 or not len(last) or not len(first):
        raise DataError("The weights must include every layer's kernel, (inputs, units), and bias, (units,).")
    units = len(last)
    if experiment.data.task == menus.NUMBERS:
        return len(first), 0
    return len(first), 2 if units == 1 else units


def _checked(name: str, weight: Floats | None, shape: tuple[int, ...]) -> Floats:
    received = "nothing" if weight is None else f"{weight.dtype} {weight.shape}"
    if weight is None or weight.shape != shape or weight.dtype != np.float32:
        raise DataError(f"The weight {name} must be float32 {shape}. Received: {received}.")
    if not np.isfinite(weight).all():
        raise DataError(f"The weight {name} must be finite: training has diverged, or the file is damaged.")
    fixed = weight.view()
    fixed.flags.writeable = False
    return fixed


def _activate(name: str, values: Floats) -> Floats:
    with np.errstate(over="ignore", under="ignore"):
        return _ACTIVATIONS[name](values)


def _sigmoid(values: Floats) -> Floats:
    from scipy.special import expit

    shares: Floats = expit(values)
    return shares


def _softmax(values: Floats) -> Floats:
    exponentials = np.exp(values - values.max(axis=1, keepdims=True))
    shares: Floats = exponentials / exponentials.sum(axis=1, keepdims=True)
    return shares


def _elu(values: Floats) -> Floats:
    return np.where(values > 0, values, np.expm1(np.minimum(values, 0)))


def _gelu(values: Floats) -> Floats:
    from scipy.special import ndtr

    weighed: Floats = values * ndtr(values)
    return weighed


def _softplus(values: Floats) -> Floats:
    return np.logaddexp(values, np.float32(0))


def _hard_sigmoid(values: Floats) -> Floats:
    clipped: Floats = np.clip(values / 6 + np.float32(0.5), 0, 1)
    return clipped


# By name, as in `menus.ACTIVATIONS`, with those of the output layer; as Keras's documentation defines them.
_ACTIVATIONS: Mapping[str, Callable[[Floats], Floats]] = {
    "relu": lambda values: np.maximum(values, 0),
    "tanh": np.tanh,
    "sigmoid": _sigmoid,
    "elu": _elu,
    "selu": lambda values: _SELU_SCALE * np.where(values > 0, values, _SELU_ALPHA * np.expm1(np.minimum(values, 0))),
    "gelu": _gelu,
    "swish": lambda values: values * _sigmoid(values),
    "mish": lambda values: values * np.tanh(_softplus(values)),
    "leaky_relu": lambda values: np.maximum(values, np.float32(0.2) * values),
    "softplus": _softplus,
    "softsign": lambda values: values / (1 + np.abs(values)),
    "hard_sigmoid": _hard_sigmoid,
    "sine": np.sin,
    "linear": lambda values: values,
    "softmax": _softmax,
}
