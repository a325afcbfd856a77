"""Components that pages share: panels, charts, grids of pictures."""
