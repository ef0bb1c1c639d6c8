"""Numba kernels: the same module names and signatures as in ``reference``."""
