"""Everything that decides a training run, as immutable values that read and print as text."""

from core.experiment.address import (
    format_layers,
    from_json,
    parse_layers,
    read_address,
    read_query,
    to_json,
    to_params,
    to_query,
)
from core.experiment.recipes import RECIPES, Recipe
from core.experiment.specs import (
    DataSpec,
    Experiment,
    LayerSpec,
    NetworkSpec,
    TrainingSpec,
    count_parameters,
    layer_parameters,
    output_units,
)

__all__ = [
    "RECIPES",
    "DataSpec",
    "Experiment",
    "LayerSpec",
    "NetworkSpec",
    "Recipe",
    "TrainingSpec",
    "count_parameters",
    "format_layers",
    "from_json",
    "layer_parameters",
    "output_units",
    "parse_layers",
    "read_address",
    "read_query",
    "to_json",
    "to_params",
    "to_query",
]
