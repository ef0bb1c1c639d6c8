"""Run benchmarks one after the other: ``python -m benchmarks [NAME...]``, by default every script here.

Each is a script of its own that prints its table and writes it to benchmarks/results; one that fails does
not keep the others from running.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

FOLDER = Path(__file__).resolve().parent


def main(names: list[str]) -> int:
    scripts = {path.stem: path for path in sorted(FOLDER.glob("*.py")) if not path.stem.startswith("_")}
    unknown = set(names) - scripts.keys()
    if unknown:
        print(
            f"no benchmark is called {', '.join(sorted(unknown))}; there are {', '.join(scripts)}",
            file=sys.stderr,
        )
        return 2
    failed = []
    for name in names or scripts:
        print(f"== benchmarks/{name}.py", flush=True)
        started = time.monotonic()
        if subprocess.run([sys.executable, scripts[name]], cwd=FOLDER.parent, check=False).returncode:
            failed.append(name)
        print(f"== {time.monotonic() - started:.0f} s", flush=True)
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
