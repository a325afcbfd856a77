"""The worker processes that train networks, and the server's connection to them."""
