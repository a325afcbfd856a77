"""The coach: at most one piece of advice about a run, from its history, its data and its network."""
