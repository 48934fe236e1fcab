"""The tests of the engine import PyTensor as the application does: settings first."""

import mnist_gui.engine.backend  # noqa: F401
