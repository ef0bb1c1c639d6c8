"""Text that every Python user already has: the documentation of Python and of the installed packages.

Sources are read with ``ast``: nothing that is harvested is imported, so nothing of it runs.
"""

from __future__ import annotations

import ast
import gc
import inspect
import os
import re
import sys
import sysconfig
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

WORD = re.compile(r"[^\W\d_](?:\w|['-](?=\w))*")  # begins with a letter: numbers and signs are left out
SKIPPED_FOLDERS = frozenset({"__pycache__", "idlelib", "lib2to3", "site-packages", "test", "tests"})
LONGEST_WORD = 20  # letters: longer ones are mostly names put together from many words
LARGEST_FILE_BYTES = 1_000_000  # larger sources are tables of data, slow to parse
PLACES_PER_PACKAGE = 6  # no package may fill more than a sixth of the harvest

Documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


@dataclass
class Harvest:
    """Documents of lower-case words, and what they were taken from."""

    documents: list[list[str]] = field(default_factory=list)
    num_words: int = 0
    num_files: int = 0
    num_unreadable: int = 0
    num_repeats: int = 0
    packages: dict[str, int] = field(default_factory=dict)  # words taken from each


def harvest(
    libraries: Sequence[Path] | None = None, *, max_words: int = 1_200_000, max_seconds: float = 15.0
) -> Harvest:
    """Collect the docstrings below `libraries`, by default pydoc's topics and what is installed.

    The order is that of the sorted paths, so two runs harvest the same text unless `max_seconds` stops
    one of them. A docstring that occurs twice is taken once; files that are no Python are counted and
    passed over.
    """
    deadline = time.monotonic() + max_seconds
    found = Harvest()
    seen: set[str] = set()
    if libraries is None:
        _gather(found, "pydoc topics", _topics(), seen)
    largest = max_words // PLACES_PER_PACKAGE
    with _collection_paused():
        for package, paths in _packages(_installed() if libraries is None else libraries):
            for path in paths:
                if found.num_words >= max_words or time.monotonic() > deadline:
                    return found
                if found.packages.get(package, 0) >= largest:
                    break
                texts = docstrings(path)
                found.num_files += 1
                found.num_unreadable += texts is None
                _gather(found, package, texts or [], seen)
    return found


def docstrings(path: Path) -> list[str] | None:
    """The docstrings of one source file, or None where it cannot be read as Python."""
    try:
        if path.stat().st_size > LARGEST_FILE_BYTES:
            return None
        source = path.read_bytes()
        if b'"""' not in source and b"'''" not in source:
            return []
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # other people's invalid escapes are not ours to report
            tree = ast.parse(source)
        return list(_docstrings_of(tree))
    # ValueError: NUL bytes, unknown encodings; the last two: nesting beyond the parser
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def words_of(text: str) -> list[str]:
    r"""Lower-case words of a text, examples (``>>>`` and ``...`` lines) left out.

    >>> words_of("Don't use\n>>> x = 1\nlist.append(2) twice.")
    ["don't", 'use', 'list', 'append', 'twice']
    """
    prose = (line for line in text.splitlines() if not line.lstrip().startswith((">>>", "... ")))
    found = WORD.findall("\n".join(prose).lower())
    return [word for word in found if len(word) <= LONGEST_WORD]


@contextmanager
def _collection_paused() -> Iterator[None]:
    """Leave trees to reference counting: they hold no cycles, and searching them for some costs a third."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _docstrings_of(tree: ast.Module) -> Iterator[str]:
    """Walk statements only: definitions never hide in expressions, and most nodes are expressions."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Documented):
            text = ast.get_docstring(node, clean=False)
            if text:
                yield inspect.cleandoc(text)
        for part in ("finalbody", "handlers", "orelse", "body"):
            statements = getattr(node, part, ())
            if isinstance(statements, list):
                waiting.extend(reversed(statements))


def _gather(found: Harvest, package: str, texts: Sequence[str], seen: set[str]) -> None:
    """Add each text that is new as one document."""
    for text in texts:
        if text in seen:
            found.num_repeats += 1
            continue
        seen.add(text)
        words = words_of(text)
        if len(words) > 1:
            found.documents.append(words)
            found.num_words += len(words)
            found.packages[package] = found.packages.get(package, 0) + len(words)


def _topics() -> list[str]:
    """What ``help("topic")`` would show: a module of plain strings, so its literals are read by `ast`."""
    folder = Path(sysconfig.get_path("stdlib")) / "pydoc_data"
    try:
        tree = ast.parse((folder / "topics.py").read_bytes())
    except (OSError, SyntaxError, ValueError):  # some distributions leave the topics out
        return []
    strings = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return [text for text in strings if isinstance(text, str) and len(text) > 80]


def _installed() -> list[Path]:
    """The folders of the standard library and of the installed packages, each once."""
    names = ("stdlib", "purelib", "platlib")
    folders = [Path(sysconfig.get_path(name)) for name in names] + [Path(entry) for entry in sys.path]
    libraries = [folder for folder in folders if folder.name.endswith("-packages")]
    return list(dict.fromkeys([folders[0], *libraries]))


def _packages(libraries: Sequence[Path]) -> Iterator[tuple[str, list[Path]]]:
    """Each package's name with its source files, sorted; the standard library counts as one package."""
    standard = Path(sysconfig.get_path("stdlib"))
    for library in libraries:
        if library == standard:
            yield "standard library", list(_sources(library))
            continue
        entries = sorted(library.iterdir()) if library.is_dir() else []
        yield library.name, [entry for entry in entries if entry.suffix == ".py" and entry.is_file()]
        for entry in entries:
            if entry.is_dir() and entry.name not in SKIPPED_FOLDERS:
                yield entry.name, list(_sources(entry))


def _sources(package: Path) -> Iterator[Path]:
    """The Python files below a folder, in sorted order, tests and the like left out."""
    for folder, subfolders, files in os.walk(package):
        subfolders[:] = sorted(set(subfolders) - SKIPPED_FOLDERS)
        yield from (Path(folder, name) for name in sorted(files) if name.endswith(".py"))
