"""The page "Try it"."""
