"""What a run has said so far, ready to be plotted and saved."""
