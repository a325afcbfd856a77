"""Studies: what a base experiment leads to with many seeds, and with other values of one or two settings."""
