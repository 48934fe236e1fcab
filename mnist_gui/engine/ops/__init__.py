"""Convolution and pooling as PyTensor Ops: PyTensor 3 has neither for networks.

Images are NHWC (images, height, width, channels), kernels HWIO (height, width, in, out). `conv2d` and `maxpool2d`
define each operation, its gradient and its NumPy reference, and need neither Numba nor JAX. How the two compilers
run them is said in `numba_lowering` and `jax_lowering`: importing one of these registers all Ops with that compiler,
so it must be imported before a graph with such an Op is compiled for it.
"""
