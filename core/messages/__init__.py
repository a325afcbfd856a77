"""What travels between a worker, the server and the browser."""
