"""The version: a constant, since asking the installed package takes longer than any other import."""

__version__ = "0.1.0"
