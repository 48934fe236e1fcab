"""Convolution and pooling as PyTensor Ops: PyTensor 3 has neither for networks."""
