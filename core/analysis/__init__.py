"""What a trained network does: decision grids and evaluation on held-out rows."""
