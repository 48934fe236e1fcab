"""Tells errors that say that there is too little memory from all others."""

from mnist_gui.engine.compiling import CompileError


def lacks_memory(error: Exception) -> bool:
    """Whether it says that there is too little memory, on the CPU or (XLA's status code) on the GPU."""
    said = error.details if isinstance(error, CompileError) else str(error)
    return isinstance(error, MemoryError) or "RESOURCE_EXHAUSTED" in said
