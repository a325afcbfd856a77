"""A trained network without Keras: its weights and forward pass, and what can be done with them."""

from core.trained.network import TrainedNetwork, weight_shapes

__all__ = ["TrainedNetwork", "weight_shapes"]
