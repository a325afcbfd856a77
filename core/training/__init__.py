"""Training: Keras networks, the fused epoch, and what runs beside Keras in a worker process.

Only this package imports keras and tensorflow; `jobs` and `cluster`, which run in the server, do not.
"""
