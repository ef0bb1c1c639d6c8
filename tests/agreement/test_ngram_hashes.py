"""The n-gram hashes of the two kernels agree, for any bytes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rowspace import kernels
from rowspace.arrays import PackedKeys

reference, cpu = kernels.load("ngram_hashes", "reference"), kernels.load("ngram_hashes", "cpu")

# Marks, pieces of longer characters, and whole ones, so that every branch on a byte is taken often.
BYTES = st.lists(st.sampled_from([b"a", b"<", b">", b"\x80", b"\xc3", b"\xff", "é".encode(), "日".encode()]))
KEYS = st.lists(st.one_of(BYTES.map(b"".join), st.binary(max_size=40), st.just(b"</s>")), max_size=8)
BOUNDS = st.tuples(st.integers(0, 5), st.integers(0, 8), st.sampled_from([1, 7, 2_000_000, 2**31 - 1]))


def same(left, right) -> bool:
    return all(a.tolist() == b.tolist() and a.dtype == b.dtype for a, b in zip(left, right, strict=True))


@settings(deadline=None, max_examples=150)
@given(KEYS, BOUNDS)
def test_ngram_bags_agree(keys, bounds):
    packed = PackedKeys.from_bytes(keys)
    left = reference.ngram_bags(packed.data, packed.offsets, *bounds)
    assert same(left, cpu.ngram_bags(packed.data, packed.offsets, *bounds))
    assert left[1].tolist()[-1] == len(left[0])


@settings(deadline=None, max_examples=150)
@given(KEYS, BOUNDS, st.integers(1, 4), st.integers(0, 2**32 - 1))
def test_floret_bags_agree(keys, bounds, hashes, seed):
    packed = PackedKeys.from_bytes(keys)
    left = reference.floret_bags(packed.data, packed.offsets, *bounds, hashes, seed)
    assert same(left, cpu.floret_bags(packed.data, packed.offsets, *bounds, hashes, seed))


@pytest.mark.parametrize("module", [reference, cpu], ids=["reference", "cpu"])
def test_hashes_of_the_originals(module):
    """32-bit FNV-1a over signed bytes, and MurmurHash3_x64_128, from their public test values."""
    assert reference.hash_ngram(b"") == 0x811C9DC5
    assert reference.hash_ngram(b"foobar") == 0xBF9CF968
    assert reference.murmur3(b"", 0) == (0, 0, 0, 0)
    # The pangram's known hash is e34bbc7bbc071b6c 7a433ca9c49a9347.
    words = reference.murmur3(b"The quick brown fox jumps over the lazy dog", 0)
    assert words == (0xBC071B6C, 0xE34BBC7B, 0xC49A9347, 0x7A433CA9)
    key = PackedKeys.from_bytes([b"he quick brown fox jumps over the lazy do"])
    ids, _ = module.floret_bags(key.data, key.offsets, 0, 0, 2**31 - 1, 4, 0)
    marked = reference.murmur3(b"<he quick brown fox jumps over the lazy do>", 0)
    assert ids.tolist() == [word % (2**31 - 1) for word in marked]


def test_ngrams_are_those_of_the_paper():
    """Bojanowski et al. 2017, section 3.2: where, with n = 3, and the whole word by max_n."""
    assert list(reference.ngrams_of(b"where", 3, 3)) == [b"<wh", b"whe", b"her", b"ere", b"re>"]
    assert list(reference.ngrams_of(b"of", 1, 4)) == [
        b"<o", b"<of", b"<of>", b"o", b"of", b"of>", b"f", b"f>",
    ]  # fmt: skip
    assert list(reference.ngrams_of(b"</s>", 1, 6)) == []
