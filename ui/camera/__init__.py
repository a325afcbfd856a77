"""The page "Camera"."""
