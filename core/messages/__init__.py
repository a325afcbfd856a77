"""The messages between a worker, the server and the browser."""
