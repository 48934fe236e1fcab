"""The room to draw in: the canvas, what the model sees of it, and what it reads."""
