"""Keras and XLA: the network, the fused epoch, and compiled programs. Only engine, training and workers load Keras."""
