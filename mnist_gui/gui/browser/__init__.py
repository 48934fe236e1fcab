"""The browse room: a grid over the whole data set."""
