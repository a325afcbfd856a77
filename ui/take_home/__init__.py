"""The page "Take home"."""
