"""Counts instead of samples: co-occurrences, the cells that trainers read, and their factorisation."""
