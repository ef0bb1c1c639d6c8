"""Plain NumPy and Python: what each kernel must compute, and the oracle of its tests."""
