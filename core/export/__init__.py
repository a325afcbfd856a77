"""An experiment as code, and a run as a report."""
