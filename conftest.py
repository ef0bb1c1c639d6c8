"""Two things every test run needs: types and array shapes checked at run time, and no stale kernels."""

from __future__ import annotations

import hashlib
import os
import pkgutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from jaxtyping import config, install_import_hook

ROOT = Path(__file__).parent
PACKAGE = ROOT / "src" / "rowspace"

# Numba's cache looks at the file of a compiled function, not at those of the functions that it calls, so
# an edited callee would go on running in its old form. A folder named after the text of all kernels
# cannot be stale. (The Makefile does the same for the demo and the benchmarks.)
KERNELS = b"".join(path.read_bytes() for path in sorted((PACKAGE / "kernels").rglob("*.py")))
os.environ.setdefault(
    "NUMBA_CACHE_DIR", str(ROOT / ".numba_cache" / hashlib.blake2b(KERNELS, digest_size=8).hexdigest())
)

# jaxtyping rewrites each module as it is imported, so that beartype checks every call against its
# annotations; users never pay for it. `pytest --jaxtyping-packages` would do the same, but splits its
# value at commas and so cannot hand settings to beartype for more than one package.
# kernels stays out: a checked function is a Python wrapper, which Numba cannot compile.
CHECKED = [f"rowspace.{each.name}" for each in pkgutil.iter_modules([str(PACKAGE)]) if each.name != "kernels"]
# PEP 484's numeric tower: an int is welcome where a float is asked for, as mypy says too.
install_import_hook(CHECKED, "beartype.beartype(conf=beartype.BeartypeConf(is_pep484_tower=True))")
config.update("jaxtyping_remove_typechecker_stack", True)

# Collecting doctests imports every module: those of an extra that is not installed stay out.
collect_ignore_glob = [
    pattern
    for package, patterns in {
        "torch": [
            "src/rowspace/nn/*",
            "src/rowspace/kernels/gpu/*",
            "src/rowspace/selection/layers.py",
            "src/rowspace/selection/text_ablation.py",
            *(
                f"{place}/tasks/{task}/*"
                for place in ("src/rowspace", "tests")
                for task in ("networks", "classification/networks", "tagging", "translation", "generation")
            ),
            "tests/nn/*",
            "tests/selection/test_layers.py",
            "tests/selection/test_text_ablation.py",
            "docs/ablation.md",
            "docs/classification-networks.md",
            "docs/from-torch.md",
            "docs/generation.md",
            "docs/tagging.md",
            "docs/translation.md",
        ],
        "matplotlib": ["src/rowspace/maps/*", "tests/maps/*", "docs/plots.md"],
        "triton": ["src/rowspace/kernels/gpu/*"],
    }.items()
    if find_spec(package) is None
    for pattern in patterns
]


@pytest.fixture(autouse=True)
def _wrong_types_on_purpose(request: pytest.FixtureRequest) -> Iterator[None]:
    """Switch the checks off for a test marked `unchecked`, which shows the error that a user would see."""
    before = config.jaxtyping_disable  # true where JAXTYPING_DISABLE=1 asks for it
    if request.node.get_closest_marker("unchecked"):
        config.update("jaxtyping_disable", True)
    yield
    config.update("jaxtyping_disable", before)
