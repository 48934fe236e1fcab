"""How Numba runs the Ops of this package; importing this module registers them with PyTensor's Numba linker.

The kernels use as many threads as `numba.set_num_threads` allows on the calling thread; with one they run serially
there. Two threads may not call parallel kernels at a time: Numba's fallback threading layer ends the process then.
"""

import mnist_gui.engine.ops.numba_add_bias
import mnist_gui.engine.ops.numba_batch_norm
import mnist_gui.engine.ops.numba_conv2d
import mnist_gui.engine.ops.numba_cross_entropy
import mnist_gui.engine.ops.numba_dot
import mnist_gui.engine.ops.numba_dropout
import mnist_gui.engine.ops.numba_elemwise
import mnist_gui.engine.ops.numba_maxpool2d
import mnist_gui.engine.ops.numba_pool_bias_relu
import mnist_gui.engine.ops.numba_random_warp
import mnist_gui.engine.ops.numba_transpose  # noqa: F401
