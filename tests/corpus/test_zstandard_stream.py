"""Zstandard frames: whole, several, cut, damaged, and a bomb in bounded memory."""

from __future__ import annotations

import io

import numpy as np
import pytest
import zstandard

from rowspace.corpus.zstandard_stream import DamagedFrameError, ZstandardStream

TEXT = np.random.default_rng(1).bytes(20_000)
FRAME = zstandard.ZstdCompressor(write_checksum=True).compress(TEXT)


def plain(packed: bytes) -> bytes:
    return io.BufferedReader(ZstandardStream(io.BytesIO(packed))).read()


@pytest.mark.parametrize("packed", [b"", FRAME, FRAME + FRAME, FRAME + zstandard.compress(b"") + FRAME])
def test_frames_follow_each_other(packed):
    assert plain(packed) == TEXT * packed.count(FRAME)


@pytest.mark.parametrize("length", [1, 5, len(FRAME) // 2, len(FRAME) - 1])
def test_a_cut_frame_has_no_end(length):
    with pytest.raises(EOFError, match="no end"):
        plain(FRAME + FRAME[:length])


def test_a_flipped_bit_is_noticed():
    damaged = bytearray(FRAME)
    damaged[len(FRAME) // 2] ^= 1
    with pytest.raises(DamagedFrameError):
        plain(bytes(damaged))


def test_a_bomb_is_read_piece_by_piece():
    bomb = zstandard.compress(bytes(1 << 28))
    stream = io.BufferedReader(ZstandardStream(io.BytesIO(bomb)))
    assert stream.read(1_000) == bytes(1_000)
