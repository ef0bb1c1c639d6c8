"""What looks wrong in a geometry report, in plain words, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from rowspace.evaluation.geometry.health import Fault, RowHealth
from rowspace.evaluation.geometry.hubness import HubnessReport
from rowspace.evaluation.geometry.isotropy import IsotropyReport
from rowspace.evaluation.geometry.lengths import LengthReport
from rowspace.evaluation.geometry.spectrum import SpectrumReport

# Each bound lies beyond what sound tables of words show; docs/geometry.md has the figures.
LARGE_SHARE = 0.2  # of the variance, in one component
LARGE_TIMES_EVEN = 5  # and so many times its even share, 1/dim
LARGE_COSINE = 0.3
LOW_RANK = 0.5  # of dim
ROWS_PER_DIM = 10  # fewer rows than so many times dim leave a spectrum to chance
MARKED_HUB = 0.05  # of the queries
HUB_TIMES_EVEN = 10  # and so many times an even share, k / candidates
STEEP_LENGTHS = 0.8  # Spearman's correlation, either way
MANY_QUERIES = 100  # from which a share of them is trusted


def findings_of(
    health: RowHealth,
    lengths: LengthReport,
    isotropy: IsotropyReport,
    spectrum: SpectrumReport,
    hubness: HubnessReport,
) -> list[str]:
    """One sentence for each thing that looks wrong, the gravest first; an empty list if nothing does."""
    return [
        *chain(
            _of_rows(health),
            _of_directions(isotropy, spectrum),
            _of_rank(isotropy, spectrum),
            _of_lengths(lengths),
            _of_hubs(hubness),
        )
    ]


def _of_rows(health: RowHealth) -> Iterator[str]:
    if health.not_finite.rows:
        yield (
            f"{_rows(health.not_finite, 'hold', 'holds')} NaN or infinity: such a row is no neighbor of any "
            "key; train again at a lower learning rate, or leave these keys out"
        )
    if health.zero.rows:
        yield (
            f"{_rows(health.zero, 'are', 'is')} zero: the cosine with any other row is 0; "
            "leave these keys out, or train on text that holds them"
        )
    if health.untrained.rows:
        yield (
            f"{_rows(health.untrained, 'have', 'has')} no value beyond 1/dim, as rows have before training: "
            "perhaps no text held these keys; raise min_count, or train on text that holds them"
        )
    if health.shortest.rows:
        yield (
            f"{_rows(health.shortest, 'share', 'shares')} the smallest length: they look set alike and never "
            "trained; leave these keys out, or train on text that holds them"
        )
    if health.duplicates.rows:
        groups = "; ".join(" = ".join(group) for group in health.groups[:2])
        yield (
            f"{_rows(health.duplicates, 'repeat', 'repeats')} an earlier row bit by bit (such as {groups}): "
            "nothing tells these keys apart; join them, or look how the table was made"
        )


def _of_directions(isotropy: IsotropyReport, spectrum: SpectrumReport) -> Iterator[str]:
    if isotropy.mean_cosine is not None and isotropy.mean_cosine > LARGE_COSINE:
        yield (
            f"the mean cosine of two rows is {isotropy.mean_cosine:.2f}: all share a direction, which says "
            "nothing about any of them; subtract the mean row"
        )
    first = spectrum.shares[0] if spectrum.shares else 0.0
    if _is_large(spectrum) and first > max(LARGE_SHARE, LARGE_TIMES_EVEN / spectrum.dim):
        yield (
            f"one direction holds {first:.0%} of the variance: try all-but-the-top, which takes the mean and "
            "the first components out"
        )


def _of_rank(isotropy: IsotropyReport, spectrum: SpectrumReport) -> Iterator[str]:
    rank = spectrum.effective_rank
    if rank is None and isotropy.rows > 1:
        yield "all rows are equal: nothing was learned; look how the table was made"
    if rank is not None and _is_large(spectrum) and rank < LOW_RANK * spectrum.dim:
        yield (
            f"the rows fill about {rank:.0f} of {spectrum.dim} dimensions: a smaller dim may hold as much, "
            "or longer training may fill the rest"
        )


def _of_lengths(lengths: LengthReport) -> Iterator[str]:
    slope = lengths.frequency_correlation
    if slope is not None and abs(slope) > STEEP_LENGTHS:
        more, less = ("longer", "over") if slope > 0 else ("shorter", "under")
        yield (
            f"the more frequent a key, the {more} its row (Spearman {slope:.2f}): a dot product {less}rates "
            "frequent keys; search by cosine, or bring rows to length one before they feed a model"
        )


def _of_hubs(hubness: HubnessReport) -> Iterator[str]:
    if not hubness.hubs or hubness.queries < MANY_QUERIES:
        return
    hub, even = hubness.hubs[0], hubness.k / hubness.candidates
    if hub.share > max(MARKED_HUB, HUB_TIMES_EVEN * even):
        yield (
            f"{hub.key} is among the {hubness.k} nearest of {hub.share:.1%} of the queries: a hub hides "
            "nearer neighbors; subtract the mean row, or search fewer keys with limit"
        )


def _rows(fault: Fault, several: str, one: str) -> str:
    """How many rows do it and the keys of the first.

    >>> _rows(Fault(2, ["a", "b"]), "are", "is"), _rows(Fault(1204, ["a"]), "are", "is")
    ('2 rows (a, b) are', '1,204 rows (a, ...) are')
    """
    names = ", ".join(fault.keys) + (", ..." if fault.rows > len(fault.keys) else "")
    return f"1 row ({names}) {one}" if fault.rows == 1 else f"{fault.rows:,} rows ({names}) {several}"


def _is_large(spectrum: SpectrumReport) -> bool:
    """Whether there are dimensions enough for shares and ranks to say something."""
    return spectrum.dim >= 2 * LARGE_TIMES_EVEN
