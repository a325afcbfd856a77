"""Finished and running trainings as one takes them along: the trained network and what can be done with it."""

from core.runs.trained import TrainedNetwork, weight_shapes

__all__ = ["TrainedNetwork", "weight_shapes"]
