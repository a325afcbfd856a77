"""The server's registry of training jobs, and the routes that stream them."""
