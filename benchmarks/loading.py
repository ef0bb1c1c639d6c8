"""Files of 1,000,000 x 100: opening and reading against gensim and polars.

Run: python benchmarks/loading.py [--rows 1000000] [--dim 100] [--repeats 3] [--folder TMP] [--no-gensim-text]
Each measurement runs in a process of its own, after its imports (and, for rowspace, after a small file
of the same format, so that the kernels come from Numba's cache). Sides alternate; the median counts.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from _report import machine, write

SMALL = "small"
GENSIM_TEXT = "gensim text"


def status_bytes(name: str) -> int:
    """A figure of /proc/self/status (Linux), such as VmRSS or VmHWM, its peak."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(name))
    return int(line.split()[1]) * 1024


def timed(action) -> dict[str, float]:
    """Seconds, and growth of resident memory at its peak, in MB."""
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew from here
    before = status_bytes("VmRSS")
    start = time.perf_counter()
    kept = action()
    seconds = time.perf_counter() - start
    del kept
    return {"seconds": seconds, "megabytes": (status_bytes("VmHWM") - before) / 1e6}


def open_and_look_up(folder: Path, rows: int) -> dict[str, float]:
    import rowspace.formats

    def action():
        table = rowspace.formats.open(folder / "table.rows")
        return table, table[f"word{rows // 2}"]

    return timed(action)


def rowspace_read(suffix: str):
    def measure(folder: Path, rows: int) -> dict[str, float]:
        import rowspace.formats

        rowspace.formats.read(folder / f"{SMALL}{suffix}")
        return timed(lambda: rowspace.formats.read(folder / f"table{suffix}"))

    return measure


def rowspace_write(suffix: str):
    def measure(folder: Path, rows: int) -> dict[str, float]:
        import rowspace.formats

        table = rowspace.formats.open(folder / "table.rows")
        rowspace.formats.write(rowspace.formats.open(folder / f"{SMALL}.rows"), folder / f"out{suffix}")
        return timed(lambda: rowspace.formats.write(table, folder / f"out{suffix}"))

    return measure


def gensim_read(suffix: str):
    def measure(folder: Path, rows: int) -> dict[str, float]:
        from gensim.models import KeyedVectors

        path, binary = str(folder / f"table{suffix}"), suffix == ".bin"
        return timed(lambda: KeyedVectors.load_word2vec_format(path, binary=binary))

    return measure


def polars_read(folder: Path, rows: int) -> dict[str, float]:
    import polars

    dim = int((folder / "table.vec").open("rb").readline().split()[1])
    schema = {"key": polars.String, **{f"v{column}": polars.Float32 for column in range(dim)}}
    return timed(
        lambda: polars.read_csv(
            folder / "table.vec", separator=" ", has_header=False, skip_rows=1, schema=schema, quote_char=None
        )
    )


SIDES = {
    "rowspace open + lookup": open_and_look_up,
    "rowspace text": rowspace_read(".vec"),
    "polars text": polars_read,
    GENSIM_TEXT: gensim_read(".vec"),
    "rowspace binary": rowspace_read(".bin"),
    "gensim binary": gensim_read(".bin"),
    "rowspace .rows, read and verified": rowspace_read(".rows"),
    "rowspace write text": rowspace_write(".vec"),
    "rowspace write binary": rowspace_write(".bin"),
    "rowspace write .rows": rowspace_write(".rows"),
}


def make_files(folder: Path, rows: int, dim: int) -> None:
    """The table in all three forms, with values as trained vectors have them, and a small one of each."""
    from rowspace import formats
    from rowspace.table import Table

    rng = np.random.default_rng(0)
    for name, count in (("table", rows), (SMALL, min(rows, 4000))):
        vectors = rng.standard_normal((count, dim), np.float32) * np.float32(0.3)
        table = Table.from_arrays([f"word{row}" for row in range(count)], vectors)
        for suffix in (".rows", ".vec", ".bin"):
            formats.write(table, folder / f"{name}{suffix}")


def measure(side: str, folder: Path, rows: int) -> dict[str, float]:
    """One measurement in a fresh process."""
    command = [sys.executable, __file__, "--side", side, "--folder", str(folder), "--rows", str(rows)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def run(folder: Path, rows: int, repeats: int, sides: list[str]) -> dict[str, list[dict[str, float]]]:
    """Every side `repeats` times in turn; gensim's text once, since it takes minutes."""
    found: dict[str, list[dict[str, float]]] = {side: [] for side in sides}
    for turn in range(repeats):
        for side in sides:
            if side == GENSIM_TEXT and turn:
                continue
            found[side].append(measure(side, folder, rows))
            print(f"{side}: {found[side][-1]['seconds']:.3f} s", file=sys.stderr, flush=True)
    return found


def report(found: dict[str, list[dict[str, float]]], folder: Path, rows: int, dim: int) -> str:
    """The figures as a page."""
    megabytes = {
        suffix: (folder / f"table{suffix}").stat().st_size / 1e6 for suffix in (".rows", ".vec", ".bin")
    }
    sizes = ", ".join(f"{suffix} {size:,.0f} MB" for suffix, size in megabytes.items())
    lines = [
        f"# Loading a table of {rows:,} x {dim}",
        "",
        f"Command: `{' '.join(['python benchmarks/loading.py', *sys.argv[1:]])}`",
        "",
        f"{machine('rowspace', 'numpy', 'numba', 'gensim', 'polars')} Files: {sizes}, in the page cache.",
        f"A fresh process a measurement, after its imports; median of {max(map(len, found.values()))}, "
        "sides taking turns.",
        "",
        "| side | seconds | all runs | memory grows by, at its peak |",
        "|---|---|---|---|",
    ]
    for side, figures in found.items():
        seconds = [figure["seconds"] for figure in figures]
        runs = ", ".join(f"{second:.3f}" for second in seconds)
        memory = max(figure["megabytes"] for figure in figures)
        lines.append(f"| {side} | {statistics.median(seconds):.3f} | {runs} | {memory:,.0f} MB |")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--dim", type=int, default=100)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="where the files are made, and kept if it is given")
    parser.add_argument("--no-gensim-text", action="store_true", help="leave out the side that takes minutes")
    parser.add_argument("--side", choices=SIDES, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.side:
        print(json.dumps(SIDES[options.side](options.folder, options.rows)))
        return
    folder = options.folder or Path(tempfile.mkdtemp())
    try:
        make_files(folder, options.rows, options.dim)
        sides = [side for side in SIDES if not (options.no_gensim_text and side == GENSIM_TEXT)]
        text = report(run(folder, options.rows, options.repeats, sides), folder, options.rows, options.dim)
    finally:
        if options.folder is None:
            shutil.rmtree(folder)
    write("loading", text)


if __name__ == "__main__":
    main()
