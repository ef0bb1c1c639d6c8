"""rowspace: the whole life of an embedding table."""
