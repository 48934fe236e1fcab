"""The training room: set up a run, start it, watch it learn."""
