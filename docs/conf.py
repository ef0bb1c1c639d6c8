"""Sphinx settings. `make docs` builds with warnings as errors and without the network."""

from importlib.metadata import version as installed_version

project = "rowspace"
author = "The rowspace engineers"
copyright = f"2026, {author}"
release = version = installed_version("rowspace")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build", "conftest.py"]
html_theme = "furo"
html_title = f"rowspace {release}"

myst_enable_extensions = ["deflist"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
napoleon_numpy_docstring = False


def keep_colons(app: object, what: str, name: str, obj: object, options: object, lines: list[str]) -> None:
    """Stop napoleon from reading "The keys: a sequence of str" in a property as a type with a description."""
    if what == "property" and lines:
        lines[0] = lines[0].replace(": ", " \N{EN DASH} ")


def setup(app):
    app.connect("autodoc-process-docstring", keep_colons, priority=400)  # napoleon's is 500
