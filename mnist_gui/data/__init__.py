"""Digits and where they come from: NumPy arrays in and out, no Qt, no PyTensor."""
