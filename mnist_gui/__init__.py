"""See handwritten digits, watch a classifier learn them, and have your own hand read."""

__version__ = "0.1.0"
