"""The stream of plain bytes: what has been looked at is still to be taken."""

from __future__ import annotations

import gzip
import os

import numpy as np
import pytest

from rowspace.errors import FileAccessError
from rowspace.formats.sources import check_readable, open_source

TEXT = bytes(range(256)) * 5000


@pytest.mark.parametrize("packing", [None, "gzip"])
def test_head_then_all(tmp_path, packing):
    path = tmp_path / "file"
    path.write_bytes(gzip.compress(TEXT) if packing else TEXT)
    with open_source(path) as source:
        assert (source.packing, source.size) == (packing, None if packing else len(TEXT))
        assert source.head(10) == TEXT[:10]
        assert source.head(5) == TEXT[:5]
        source.skip(3)
        assert source.head(10) == TEXT[3:13]
        buffer = np.zeros(7, np.uint8)
        assert source.read_into(buffer) == 7
        assert (buffer.tobytes(), source.position) == (TEXT[3:10], 10)
        assert source.read_all().tobytes() == TEXT[10:]
        assert source.position == len(TEXT)
        assert source.head(4) == b""


def test_a_pipe_is_refused_instead_of_waited_for(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    with pytest.raises(FileAccessError, match="device or pipe"):
        check_readable(path)


def test_a_failing_disk_is_no_damaged_file(tmp_path, monkeypatch):
    path = tmp_path / "file"
    path.write_bytes(TEXT)
    with open_source(path) as source:

        class Failing:
            def readinto(self, _):
                raise OSError(5, "Input/output error")

        monkeypatch.setattr(source, "_stream", Failing())
        with pytest.raises(FileAccessError, match="Input/output error"):
            source.head(4)
