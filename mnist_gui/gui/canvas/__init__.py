"""The drawing room: a canvas whose drawing is read by the current model."""
