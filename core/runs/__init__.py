"""What a person takes home of an experiment and its run: scripts, reports, trained networks."""
