"""What pages share: panels, charts, grids of pictures."""
