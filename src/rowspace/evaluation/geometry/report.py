"""The geometry of a table as one report."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from rowspace.evaluation.geometry.health import RowHealth
from rowspace.evaluation.geometry.hubness import HubnessReport
from rowspace.evaluation.geometry.isotropy import IsotropyReport
from rowspace.evaluation.geometry.lengths import LengthBand, LengthReport
from rowspace.evaluation.geometry.spectrum import SpectrumReport

HUBS_SHOWN = 3
SHARES_SHOWN = 3
LABEL = 14  # columns of the widest label


@dataclass(frozen=True)
class GeometryReport:
    """How the rows of a table lie, whatever they mean; figures are None where they are undefined."""

    name: str
    keys: int
    dim: int
    health: RowHealth
    lengths: LengthReport
    isotropy: IsotropyReport
    spectrum: SpectrumReport
    hubness: HubnessReport
    findings: list[str] = field(default_factory=list)  # what looks wrong, and what to do

    def to_dict(self) -> dict[str, Any]:
        """The fields as JSON values."""
        return asdict(self)

    def __str__(self) -> str:
        lines = [f"{self.name}: {self.keys:,} keys x {self.dim}"]
        lines += [f"  {label:<{LABEL}}  {text}" for label, text in self._lines()]
        lines += ["  Findings:"] if self.findings else ["  Nothing looks wrong."]
        lines += [f"    * {_printable(finding)}" for finding in self.findings]
        return "\n".join(lines)

    def _lines(self) -> Iterator[tuple[str, str]]:
        yield "rows", _of_rows(self.health)
        yield from self._length_lines()
        yield "isotropy", _of_isotropy(self.isotropy)
        yield from _spectrum_lines(self.spectrum)
        yield "hubness", _of_hubs(self.hubness)

    def _length_lines(self) -> Iterator[tuple[str, str]]:
        lengths = self.lengths
        if lengths.everywhere is None:
            yield "lengths", "-"
            return
        yield (
            "lengths",
            (
                f"{_lengths(lengths.everywhere)}; "
                f"Spearman with frequency {_figure(lengths.frequency_correlation)}"
            ),
        )
        width = max(len(band.ranks) for band in lengths.bands)
        for band in lengths.bands if len(lengths.bands) > 1 else ():
            yield f"  by {lengths.bands_by}", f"{band.ranks:>{width}}  {_lengths(band)}"


def _of_rows(health: RowHealth) -> str:
    return (
        f"{health.zero.rows:,} zero, {health.not_finite.rows:,} not finite, "
        f"{health.untrained.rows:,} as before training, {health.shortest.rows:,} of one smallest length, "
        f"{health.duplicates.rows:,} duplicate"
    )


def _of_isotropy(isotropy: IsotropyReport) -> str:
    return (
        f"mean cosine {_figure(isotropy.mean_cosine)}, partition ratio {_figure(isotropy.partition_ratio)}, "
        f"IsoScore {_figure(isotropy.iso_score)}"
    )


def _spectrum_lines(spectrum: SpectrumReport) -> Iterator[tuple[str, str]]:
    yield (
        "rank",
        (
            f"effective {_figure(spectrum.effective_rank, 1)}, stable {_figure(spectrum.stable_rank, 1)} "
            f"of {spectrum.dim}; 90 % of the variance in {spectrum.dims_for_90 or '-'} components"
        ),
    )
    shares = ", ".join(f"{share:.1%}" for share in spectrum.shares[:SHARES_SHOWN]) or "-"
    mean = "-" if spectrum.mean_share is None else f"{spectrum.mean_share:.1%} of the squared length"
    yield "shares", f"first components {shares} of the variance; mean row {mean}"


def _of_hubs(hubness: HubnessReport) -> str:
    hubs = ", ".join(f"{_printable(hub.key)} {hub.share:.1%}" for hub in hubness.hubs[:HUBS_SHOWN]) or "-"
    is_sample = hubness.skewness is None and 0 < hubness.queries < hubness.candidates
    skewness = "too few queries for a skewness" if is_sample else f"skewness {_figure(hubness.skewness, 2)}"
    return f"{skewness} at k = {hubness.k} over {hubness.queries:,} queries; greatest {hubs}"


def _lengths(band: LengthBand) -> str:
    return f"median {band.median:.3g}, 5 % {band.p5:.3g}, 95 % {band.p95:.3g}"


def _figure(value: float | None, decimals: int = 3) -> str:
    return "-" if value is None else f"{round(value, decimals) + 0:.{decimals}f}"  # no minus before zero


def _printable(text: str) -> str:
    """Control characters and undecodable bytes of keys as escapes, so that a terminal can show them."""
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)
