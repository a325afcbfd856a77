"""Everything that determines a training run, as immutable values with a text form."""

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
from core.experiment.changes import can_become, shape_of
from core.experiment.recipes import RECIPES, Recipe
from core.experiment.specs import (
    NORMALIZATION_PARAMETERS,
    DataSpec,
    Experiment,
    LayerSpec,
    NetworkSpec,
    TrainingSpec,
    count_parameters,
    layer_parameters,
    normalization_parameters,
    output_units,
    with_data,
    without_loss,
)
from core.experiment.table_spec import TableSpec

__all__ = [
    "NORMALIZATION_PARAMETERS",
    "RECIPES",
    "DataSpec",
    "Experiment",
    "LayerSpec",
    "NetworkSpec",
    "Recipe",
    "TableSpec",
    "TrainingSpec",
    "can_become",
    "count_parameters",
    "format_layers",
    "from_json",
    "layer_parameters",
    "normalization_parameters",
    "output_units",
    "parse_layers",
    "read_address",
    "read_query",
    "shape_of",
    "to_json",
    "to_params",
    "to_query",
    "with_data",
    "without_loss",
]
