"""Kernels in Triton on torch tensors, with the names and parameters of kernels.reference."""
