"""Which keys a foreign format can carry, and how others may be escaped into it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rowspace.arrays import PackedKeys
from rowspace.errors import UnwritableKeyError
from rowspace.formats.collector import index_keys
from rowspace.kernels.reference.text_rows import NUMBER, SEPARATOR, SPELLED_VALUE

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
NAMES = {b" ": "a space", b"\n": "a newline", b"\0": "a NUL"}


@dataclass(frozen=True)
class KeyRule:
    """What a format cannot carry in a key. No foreign format carries an empty key: its peers lose it."""

    forbidden: bytes
    numeric_end: bool = True  # may the last of several pieces be a whole number?
    split_from_right: bool = False  # may a key hold spaces, so that its end could pass for a value?
    first_mark: bool = True  # may the first key begin with a byte order mark?

    def fault(self, key: bytes, *, is_first: bool = False) -> str | None:
        """What keeps a key out of the format, in words, or None."""
        if not key:
            return "is empty"
        for byte, name in NAMES.items():
            if byte in self.forbidden and byte in key:
                return f"holds {name}"
        if is_first and not self.first_mark and key.startswith(BYTE_ORDER_MARK):
            return "begins with a byte order mark"
        pieces = SEPARATOR.split(key) if self.split_from_right else []
        pattern = SPELLED_VALUE if self.numeric_end else NUMBER
        return "ends like a value" if len(pieces) > 1 and pattern.fullmatch(pieces[-1]) else None

    def suspects(self, keys: PackedKeys) -> list[int]:
        """The rows that may be at fault: a quick look at all bytes."""
        watched = np.zeros(256, np.bool_)
        watched[list(self.forbidden + (b" \t" if self.split_from_right else b""))] = True
        places = np.flatnonzero(watched[keys.data])
        rows = np.searchsorted(keys.offsets, places, side="right") - 1
        empty = np.flatnonzero(np.diff(keys.offsets) == 0)
        first = [0] if len(keys) else []
        return sorted({*rows.tolist(), *empty.tolist(), *first})


TEXT_RULE = KeyRule(b"\n\0", split_from_right=True)
GLOVE_RULE = KeyRule(b"\n\0", split_from_right=True, numeric_end=False, first_mark=False)
BINARY_RULE = KeyRule(b" \n\0")


def writable_keys(
    path: Path, keys: PackedKeys, rule: KeyRule, *, format_name: str, escape: str | None
) -> PackedKeys:
    """The keys as the format can carry them; UnwritableKeyError names the first that it cannot.

    `escape` replaces each forbidden byte, and each space of a key that ends like a value.
    """
    faults = {row: fault for row in rule.suspects(keys) if (fault := _fault(rule, keys, row))}
    if not faults:
        return keys
    row, fault = next(iter(faults.items()))
    if escape is None:
        raise UnwritableKeyError(
            f"{path}: {format_name} cannot hold the key {keys[row][:60]!r} of row {row}: it {fault} "
            f"(and {len(faults) - 1} more such keys); "
            'write .rows, which holds any key, or pass escape="_" to replace what cannot be held'
        )
    escaped = [keys.bytes_at(row) for row in range(len(keys))]
    for row in faults:
        escaped[row] = _escape(escaped[row], rule, escape.encode("utf-8", "surrogateescape"))
    changed = PackedKeys.from_bytes(escaped)
    _check_escaped(path, keys, changed, rule, faults, escape)
    return changed


def _fault(rule: KeyRule, keys: PackedKeys, row: int) -> str | None:
    return rule.fault(keys.bytes_at(row), is_first=row == 0)


def _escape(key: bytes, rule: KeyRule, escape: bytes) -> bytes:
    for byte in rule.forbidden:
        key = key.replace(bytes([byte]), escape)
    if rule.fault(key) == "ends like a value":
        key = SEPARATOR.sub(escape.replace(b"\\", b"\\\\"), key)
    if not rule.first_mark and key.startswith(BYTE_ORDER_MARK):
        key = escape + key.removeprefix(BYTE_ORDER_MARK)
    return key or escape


def _check_escaped(
    path: Path, keys: PackedKeys, changed: PackedKeys, rule: KeyRule, faults: dict[int, str], escape: str
) -> None:
    """Escaping must have helped, and must not have made two keys one."""
    for row in faults:
        fault = _fault(rule, changed, row)
        if fault:
            raise UnwritableKeyError(
                f"{path}: with escape={escape!r} the key {keys[row][:60]!r} becomes {changed[row][:60]!r}, "
                f"which still {fault}; choose another escape"
            )
    repeat = index_keys(changed)[1]
    if repeat >= 0:
        raise UnwritableKeyError(
            f"{path}: with escape={escape!r} the key {keys[repeat][:60]!r} of row {repeat} becomes "
            f"{changed[repeat][:60]!r}, which another row is called already; choose another escape"
        )
