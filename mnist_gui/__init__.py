"""See handwritten digits, watch a classifier learn them, and have your own hand read."""

import os

__version__ = "0.1.0"

# OpenBLAS reads this when NumPy or SciPy loads it, so it stands before all else. Its threads spin for 2^18 cycles, a
# tenth of a millisecond, while they wait for more, and not for 25 ms: they then leave the processor to other threads.
os.environ.setdefault("OPENBLAS_THREAD_TIMEOUT", "18")
