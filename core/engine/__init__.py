"""Keras and XLA: the network, its steps, the fused epoch, and compiled programs. Start with `plain`, then `program`.

Only engine, training and workers import Keras.
"""
