"""The page "Studies": many runs of one experiment at once."""
