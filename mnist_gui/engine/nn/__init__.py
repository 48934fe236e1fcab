"""The pieces networks are built from: initial values, layers, losses, updates."""
