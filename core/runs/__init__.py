"""What a person takes along of an experiment and its run: the trained network and what can be done with it, scripts."""

from core.runs.trained import TrainedNetwork, weight_shapes

__all__ = ["TrainedNetwork", "weight_shapes"]
