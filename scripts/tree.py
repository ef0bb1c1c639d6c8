"""Write the tree of the package, one comment a file, into the README: ``python scripts/tree.py``.

The comments are the first lines of the modules' docstrings, so they cannot drift from the code.
"""

from __future__ import annotations

import ast
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
README = REPOSITORY / "README.md"
BEGIN, END = "<!-- TREE: python scripts/tree.py -->\n\n```\n", "```\n\n<!-- END TREE -->"


def draw(folder: Path, depth: int = 0) -> list[str]:
    """The lines of a folder: its own, then its files in order, then its folders."""
    indent = "  " * depth
    lines = [f"{indent}{folder.name}/".ljust(28) + summary(folder / "__init__.py")]
    for path in sorted(folder.glob("*.py")):
        if path.name != "__init__.py":
            lines.append(f"{indent}  {path.name}".ljust(28) + summary(path))
    for below in sorted(path.parent for path in folder.glob("*/__init__.py")):
        lines += draw(below, depth + 1)
    return lines


def summary(path: Path) -> str:
    """The first line of a module's docstring without its full stop."""
    docstring = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
    return docstring.split("\n")[0].rstrip(".").replace("``", "")


def with_tree(text: str) -> str:
    """The README's text with the tree as it is now."""
    before, rest = text.split(BEGIN)
    tree = "\n".join(draw(REPOSITORY / "src" / "rowspace")) + "\n"
    return before + BEGIN + tree + END + rest.split(END, 1)[1]


if __name__ == "__main__":
    README.write_text(with_tree(README.read_text("utf-8")), "utf-8")
