"""``rowspace info``: what a table file holds, and whether it is sound."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from rowspace import formats
from rowspace.cli.output import aligned, byte_size, emit, number, say, shown
from rowspace.cli.tables import Json, TablePath, load
from rowspace.errors import FormatError
from rowspace.formats import FileFacts
from rowspace.maps.saving import check_picture, save
from rowspace.maps.spectrum import spectrum
from rowspace.table import Table

SAMPLE = 8
HIDDEN = ("recipe", "corpus", "losses", "trainer", "source")  # shown apart, or not for people


def info(
    path: TablePath,
    *,
    verify: Annotated[bool, typer.Option("--verify", help="Read it all and compare every checksum.")] = False,
    plot: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Draw the spectrum of its vectors: PNG, SVG or PDF."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Show what a table file holds, and whether it is sound.

    With --verify every checksum is compared; the exit code is 2 if one is wrong.
    """
    if plot is not None:
        check_picture(plot)
    facts = formats.inspect(path, verify=verify)
    if plot is not None:
        save(spectrum({path.name: load(path)}), plot)
    sample = _first_rows(path, facts)
    if as_json:
        emit(_described(facts, sample))
    else:
        say(aligned(_lines(facts, sample)))
    if facts.failed_checksums:
        raise FormatError(
            path,
            0,
            f"the checksum of {', '.join(facts.failed_checksums)} does not match: the file was damaged; "
            "fetch or write it again",
        )


def _first_rows(path: Path, facts: FileFacts) -> Table:
    """The table itself where it can be mapped, else its first rows."""
    if facts.format == "rows" and facts.packing is None:
        return formats.open(path)
    lenient = {"errors": "surrogateescape", "duplicates": "first", "nonfinite": "keep"}
    return formats.read(path, limit=SAMPLE, header="ignore", **lenient)  # type: ignore[arg-type]


def _described(facts: FileFacts, sample: Table) -> dict[str, Any]:
    """All facts as one JSON object."""
    return {
        "path": facts.path,
        "format": facts.format,
        "packing": facts.packing,
        "bytes": facts.size_bytes,
        "rows": facts.num_rows,
        "dim": facts.dim,
        "store": "float32",
        "vocabulary": {"kind": facts.vocabulary, "keys": facts.num_keys, **facts.parameters},
        "keys": sample.keys[:SAMPLE],
        "counts": None if sample.counts is None else sample.counts[:SAMPLE],
        "has_context": facts.has_context,
        "state": list(facts.state),
        "unknown_key": facts.unknown_key,
        "checksums": facts.checksums or None,
        "metadata": facts.metadata,
    }


def _lines(facts: FileFacts, sample: Table) -> list[tuple[str, str]]:
    """The same for people: a name and a value a line."""
    packing = f", packed by {facts.packing}" if facts.packing else ""
    rows = "unknown number of" if facts.num_rows is None else number(facts.num_rows)
    lines = [
        ("file", f"{facts.path}, {byte_size(facts.size_bytes)}"),
        ("format", f"{facts.format}{packing}"),
        ("shape", f"{rows} rows x {facts.dim}, float32"),
        (
            "keys",
            ", ".join(map(shown, sample.keys[:SAMPLE]))
            + (", ..." if (facts.num_keys or facts.num_rows) != len(sample.keys[:SAMPLE]) else ""),
        ),
    ]
    if facts.vocabulary != "words":
        parameters = ", ".join(f"{name} {_plain(value)}" for name, value in facts.parameters.items())
        lines.append(("subwords", f"{facts.vocabulary} of {number(facts.num_keys or 0)} keys: {parameters}"))
    if sample.counts is not None:
        lines.append(
            ("counts", f"{', '.join(number(count) for count in sample.counts[:SAMPLE].tolist())} ...")
        )
    if facts.unknown_key is not None:
        lines.append(("unknown key", shown(facts.unknown_key)))
    if facts.format == "rows":
        lines.append(("context rows", "yes: training can go on" if facts.has_context else "no"))
    lines += _metadata_lines(facts.metadata)
    lines.append(("checksums", _verdict(facts)))
    return lines


def _metadata_lines(metadata: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Recipe, corpus and losses on a line each, and whatever else there is."""
    lines = []
    for name in ("recipe", "corpus"):
        part = metadata.get(name)
        if isinstance(part, Mapping):
            lines.append((name, ", ".join(f"{key} {_plain(value)}" for key, value in part.items())))
    losses = metadata.get("losses")
    if isinstance(losses, list) and losses:
        lines.append(("losses", " ".join(_plain(loss) for loss in losses)))
    rest = {name: value for name, value in metadata.items() if name not in HIDDEN}
    return lines + [(name.replace("_", " "), _plain(value)) for name, value in rest.items()]


def _plain(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else shown(str(value))


def _verdict(facts: FileFacts) -> str:
    if facts.format != "rows":
        return "none: only .rows files have them"
    if not facts.checksums:
        return "not compared; pass --verify"
    return f"DAMAGED: {', '.join(facts.failed_checksums)}" if facts.failed_checksums else "all match"
