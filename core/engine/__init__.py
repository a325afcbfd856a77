"""Keras and XLA: the network, its steps, the fused epoch, and compiled programs.

Only engine, training and workers import Keras.
"""
