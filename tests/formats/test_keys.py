"""Which keys a format can carry."""

from __future__ import annotations

from pathlib import Path

import pytest

from rowspace.arrays import PackedKeys
from rowspace.errors import UnwritableKeyError
from rowspace.formats.keys import BINARY_RULE, GLOVE_RULE, TEXT_RULE, writable_keys

PATH = Path("file")


@pytest.mark.parametrize(
    ("key", "text", "glove", "binary"),
    [
        (b"king", None, None, None),
        (b"new york", None, None, "holds a space"),
        (b"", "is empty", "is empty", "is empty"),
        (b"a\nb", "holds a newline", "holds a newline", "holds a newline"),
        (b"a\0b", "holds a NUL", "holds a NUL", "holds a NUL"),
        (b"a 0.5", "ends like a value", "ends like a value", "holds a space"),
        (b"a\t-1e5", "ends like a value", "ends like a value", None),
        (b"a 5", None, "ends like a value", "holds a space"),
        (b"a nan", None, "ends like a value", "holds a space"),
        (b"a 0.5 ", None, None, "holds a space"),
        (b"0.5", None, None, None),
        (b"a 1.2.3", None, None, "holds a space"),
    ],
)
def test_faults(key, text, glove, binary):
    assert [rule.fault(key) for rule in (TEXT_RULE, GLOVE_RULE, BINARY_RULE)] == [text, glove, binary]


def test_a_mark_at_the_front_would_be_lost_by_glove_alone():
    keys = PackedKeys.from_strings(["\ufeffa", "\ufeffb"])
    assert writable_keys(PATH, keys, TEXT_RULE, format_name="x", escape=None) is keys
    with pytest.raises(UnwritableKeyError, match=r"row 0.*byte order mark \(and 0 more"):
        writable_keys(PATH, keys, GLOVE_RULE, format_name="x", escape=None)
    assert list(writable_keys(PATH, keys, GLOVE_RULE, format_name="x", escape="_")) == ["_a", "\ufeffb"]


def test_only_keys_at_fault_are_escaped():
    keys = PackedKeys.from_strings(["new york", "a 0.5", "a\nb c", ""])
    assert list(writable_keys(PATH, keys, TEXT_RULE, format_name="x", escape="\\1")) == [
        "new york", "a\\10.5", "a\\1b c", "\\1"
    ]  # fmt: skip
