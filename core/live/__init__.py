"""What travels to the browser while a network trains."""
