"""What small work loads: a promise about running programs, which import-linter cannot see."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import rowspace
from rowspace.table import Table

HEAVY = {"numba", "torch", "scipy", "gensim", "pyarrow", "zstandard", "matplotlib", "pandas", "rich"}


def modules_after(program: str, folder: Path) -> set[str]:
    """The heavy packages that a fresh interpreter has loaded at the end of `program`."""
    report = "\nimport json, sys; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", program + report], cwd=folder, capture_output=True, text=True, check=True
    )
    return HEAVY.intersection(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize(
    "program",
    [
        "import rowspace; table = rowspace.open('small.rows'); table['k1']",
        "import rowspace; rowspace.nearest(rowspace.open('small.rows'), 'k1')",
        "import rowspace as rs; rs.write(rs.open('small.rows'), 'small.bin'); rs.read('small.bin')",
    ],
)
def test_small_work_waits_for_no_heavy_package(program: str, table: Table, tmp_path: Path):
    rowspace.write(table, tmp_path / "small.rows")
    assert modules_after(program, tmp_path) == set()


def test_training_loads_the_compiler_but_no_torch(tmp_path: Path):
    program = "import rowspace; rowspace.Word2Vec(dim=4, min_count=1).fit(['a b a b'] * 9, threads=1)"
    assert modules_after(program, tmp_path) - {"scipy"} == {"numba"}, (
        "Numba takes scipy along where it is installed"
    )
