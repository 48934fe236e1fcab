"""Networks that learn digits. Knows no window.

The light half (`config`, `events`, `history`, `model`, `prediction`, `checkpoint`, `warping`) is plain NumPy and
imports in milliseconds; the heavy half (`backend` and everything that builds on it) imports PyTensor and is loaded in
background threads only.
"""
