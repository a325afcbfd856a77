"""The page "Learn", and the lesson that stands beside the lab."""
