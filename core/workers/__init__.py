"""What runs in the worker processes, and the connection to them."""
