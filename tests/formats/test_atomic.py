"""Saves are whole or not at all: full disks, kills, folders that cannot be written."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from rowspace import formats
from rowspace.errors import FileAccessError, UnwritableKeyError
from rowspace.formats.atomic import atomic_write, check_writable
from rowspace.table import Table

ROWS = 300


def constant_table(value: float) -> Table:
    """A table whose every value is `value`, so that a mixture of two files shows."""
    return Table.from_arrays([f"k{row}" for row in range(ROWS)], np.full((ROWS, 50), value, np.float32))


def test_the_file_appears_when_the_block_ends(tmp_path):
    path = tmp_path / "file"
    with atomic_write(path) as file:
        file.write(b"new")
        assert not path.exists()
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("error", [ValueError("mine"), KeyboardInterrupt(), UnwritableKeyError("ours")])
def test_an_error_leaves_the_old_file_and_no_temporary(tmp_path, error):
    path = tmp_path / "file"
    path.write_bytes(b"old")
    with pytest.raises(type(error)), atomic_write(path) as file:
        file.write(b"half")
        raise error
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_the_temporary_is_hidden_and_beside_the_target(tmp_path):
    path = tmp_path / ("x" * 250)
    with atomic_write(path) as file:
        (part,) = tmp_path.iterdir()
        assert part.name.startswith(".xxx")
        assert part.name.endswith(".part")
        file.write(b"new")
    assert path.read_bytes() == b"new"


def test_rights_and_links_are_kept(tmp_path):
    path, link = tmp_path / "file", tmp_path / "link"
    path.write_bytes(b"old")
    path.chmod(0o640)
    link.symlink_to(path)
    with atomic_write(link) as file:
        file.write(b"new")
    assert link.is_symlink()
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_reader_keeps_the_file_it_mapped(tmp_path):
    path = formats.write(constant_table(1), tmp_path / "table.rows")
    table = formats.open(path)
    formats.write(constant_table(2), path)
    assert set(table.vectors.ravel()) == {1}
    assert set(formats.open(path).vectors.ravel()) == {2}


def test_paths_that_cannot_be_written(tmp_path, monkeypatch):
    with pytest.raises(FileAccessError, match="is a folder"):
        check_writable(tmp_path)
    with pytest.raises(FileAccessError, match="does not exist"):
        check_writable(tmp_path / "none" / "file")
    with pytest.raises(FileAccessError, match="device or pipe"):
        check_writable("/dev/null")
    monkeypatch.setattr(os, "access", lambda *_: False)  # the tests may run as root
    with pytest.raises(FileAccessError, match="may not be written"):
        check_writable(tmp_path / "file")


def test_a_full_disk_names_path_and_need(tmp_path, monkeypatch):
    path = tmp_path / "table.rows"
    formats.write(constant_table(1), path)

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(
        FileAccessError, match=r"table\.rows.*No space left.*[0-9,]+ bytes are needed, .* are free"
    ):
        formats.write(constant_table(2), path)
    monkeypatch.undo()
    assert set(formats.open(path, verify=True).vectors.ravel()) == {1}
    assert list(tmp_path.iterdir()) == [path]


LIMITED = """
import resource, sys
import numpy as np
from rowspace import formats
from rowspace.errors import FileAccessError
from rowspace.table import Table
table = Table.from_arrays(["a", "b"], np.ones((2, 50_000), np.float32))
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
for name in sys.argv[1:]:
    try:
        formats.write(table, name)
    except FileAccessError as error:
        print(error)
"""


def test_a_size_limit_in_the_middle_of_a_save(tmp_path):
    paths = [tmp_path / f"table{suffix}" for suffix in (".rows", ".vec", ".bin", ".glove")]
    for path in paths:
        formats.write(constant_table(1), path)
    command = [sys.executable, "-c", LIMITED, *map(str, paths)]
    ran = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    lines = ran.stdout.splitlines()
    assert len(lines) == 4
    for path, line in zip(paths, lines, strict=True):
        assert str(path) in line
        assert "File too large" in line
        assert set(formats.read(path).vectors.ravel()) == {1}
    assert sorted(tmp_path.iterdir()) == sorted(paths)


SAVING = """
import itertools, sys
import numpy as np
from rowspace import formats
from rowspace.table import Table
def table(value):
    return Table.from_arrays([f"k{row}" for row in range(300)], np.full((300, 50), value, np.float32))
tables = [table(1), table(2)]
formats.write(tables[0], sys.argv[1])
print("ready", flush=True)
for turn in itertools.count(1):
    formats.write(tables[turn % 2], sys.argv[1])
"""


@pytest.mark.parametrize("suffix", [".rows", ".bin"])
def test_a_kill_at_any_moment_leaves_a_whole_file(tmp_path, suffix):
    path = tmp_path / f"table{suffix}"
    rng = np.random.default_rng(0)
    for _ in range(10):
        with subprocess.Popen([sys.executable, "-c", SAVING, str(path)], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            time.sleep(rng.uniform(0, 0.02))
            process.send_signal(signal.SIGKILL)
        found = formats.read(path)
        assert found.shape == (ROWS, 50)
        assert set(found.vectors.ravel()) in ({1}, {2})
    for part in tmp_path.iterdir():
        assert part == path or (part.name.startswith(".table") and part.name.endswith(".part"))


def test_of_two_writers_one_wins_whole(tmp_path):
    path = tmp_path / "table.rows"

    def save(value: float) -> None:
        for _ in range(20):
            formats.write(constant_table(value), path)

    threads = [threading.Thread(target=save, args=(value,)) for value in (1.0, 2.0)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(formats.open(path, verify=True).vectors.ravel()) in ({1}, {2})
    assert [Path(part).name for part in tmp_path.iterdir()] == ["table.rows"]
