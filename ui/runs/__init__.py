"""The page "Runs": every run that a person has trained."""
