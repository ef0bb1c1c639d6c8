"""Files of ids by position."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from rowspace.corpus.stream_file import StreamFile
from rowspace.errors import FileAccessError, FormatError


def test_threads_append_at_once_without_overlap() -> None:
    file = StreamFile.temporary()
    parts = [np.full(size, size, np.int32) for size in range(200)]
    with ThreadPoolExecutor(4) as pool:
        for part, start in zip(parts, pool.map(file.append, parts), strict=True):
            np.testing.assert_array_equal(file.read(start, start + len(part)), part)
    file.close()


def test_reading_past_the_end_is_an_error() -> None:
    file = StreamFile.temporary()
    file.append(np.arange(3, dtype=np.int32))
    with pytest.raises(FormatError, match="byte 12: the encoded corpus is cut off"):
        file.read(0, 4)


def test_a_missing_folder_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))
    with pytest.raises(FileAccessError, match="gone: cannot be read"):
        StreamFile.temporary()
