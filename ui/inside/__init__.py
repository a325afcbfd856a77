"""The page "Inside"."""
