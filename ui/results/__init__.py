"""The page "Results"."""
