"""One training run: its plan, its epochs, what it publishes, and how it ends."""
