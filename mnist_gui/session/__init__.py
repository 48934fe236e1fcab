"""What the window shows, owned in one place: data set, model, run, settings and the threads. QtCore only."""
