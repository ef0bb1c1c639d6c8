"""The public names, and what it costs to import them."""

from __future__ import annotations

import subprocess
import sys

import rowspace
from rowspace import errors

NAMES = [
    "CorpusError", "DivergedError", "EvaluationError", "FastText", "FileAccessError", "FormatError", "GloVe",
    "MissingExtraError", "PPMI", "RecipeError", "RowIdError", "RowspaceError", "ShapeError", "Table",
    "UnknownKeyError", "UnwritableKeyError", "Word2Vec", "__version__", "analogy", "best", "choose_dim",
    "continue_training", "evaluation", "formats", "grow", "learn_phrases", "maps", "merge", "nearest", "open",
    "open_corpus", "read", "selection", "shrink", "tasks", "write",
]  # fmt: skip
TRIES = 15

# Processor time, not the clock's: other tests share the machine, and imports do nothing but compute.
IMPORT = """
import sys, time
start = time.process_time()
import rowspace
print(time.process_time() - start, *sys.modules)
"""
HELP = """
import atexit, sys, time
atexit.register(lambda: print("\\n", time.process_time(), *sys.modules))
sys.argv[1:] = ["--help"]
from rowspace.cli import main
main()
"""


def test_the_public_names():
    assert rowspace.__all__ == NAMES == sorted(NAMES)
    for name in NAMES:
        assert getattr(rowspace, name) is not None


def test_every_error_is_public_and_has_one_root():
    kinds = {
        name: kind
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and kind.__module__ == errors.__name__
    }
    for name, kind in kinds.items():
        assert name in NAMES
        assert getattr(rowspace, name) is kind
        assert issubclass(kind, rowspace.RowspaceError)


def best_of_several(program: str, limit: float) -> tuple[float, set[str]]:
    """The least seconds that a fresh process printed on its last line, and the modules it had loaded."""
    best = float("inf")
    for _ in range(TRIES):
        result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        seconds, *modules = result.stdout.splitlines()[-1].split()
        best = min(best, float(seconds))
        if best < limit:
            break
    return best, set(modules)


def test_the_import_is_light_and_quick():
    seconds, modules = best_of_several(IMPORT, 0.3)
    assert seconds < 0.3
    assert not {"torch", "numba", "typer", "pyarrow", "matplotlib", "scipy"} & modules


def test_help_is_quick_and_loads_no_compiler():
    """From the start of the interpreter to its end."""
    seconds, modules = best_of_several(HELP, 0.5)
    assert seconds < 0.5
    assert "typer" in modules
    assert not {"torch", "numba", "matplotlib"} & modules
