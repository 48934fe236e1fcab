"""Files from strangers: one reader a format, one door, `open_dataset`."""
