"""The spectrum against NumPy's SVD of all centered vectors."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.errors import EvaluationError, RecipeError
from rowspace.maps.spectrum import spectrum, spectrum_of
from rowspace.stores import DenseStore
from rowspace.table import Table
from rowspace.vocabulary import Words
from rowspace.vocabulary.ngrams import NGrams
from rowspace.vocabulary.subwords import Subwords

pytest.importorskip("matplotlib")


def of(vectors: np.ndarray) -> Table:
    return Table.from_arrays([f"k{row}" for row in range(len(vectors))], vectors.astype(np.float32))


def lines(figure) -> list[tuple[np.ndarray, np.ndarray]]:
    """For each table its singular values and its summed variances in per cent."""
    left, right = figure.axes
    drawn = [line for line in right.lines if line.get_linestyle() == "-"]
    return [(a.get_ydata(), b.get_ydata()) for a, b in zip(left.lines, drawn, strict=True)]


def test_values_and_variances_are_those_of_the_centered_vectors(render):
    vectors = np.random.default_rng(1).standard_normal((60, 7)) * np.arange(1, 8) + 5
    table = of(vectors)
    sizes = np.linalg.svd(table.vectors - table.vectors.mean(axis=0, dtype=np.float64), compute_uv=False)
    figure = spectrum(table)
    ((values, variances),) = lines(figure)
    np.testing.assert_allclose(values, sizes / sizes[0], rtol=1e-6)
    np.testing.assert_allclose(variances, [0, *(100 * np.cumsum(sizes**2) / (sizes**2).sum())], rtol=1e-6)
    shares = sizes / sizes.sum()
    rank = np.exp(-(shares @ np.log(shares)))
    (text,) = figure.axes[0].get_legend().get_texts()
    assert text.get_text().endswith(f"effective rank {rank:.3g}")
    render(figure, "svg", "pdf")


def test_limit_takes_the_first_vectors_alone():
    vectors = np.random.default_rng(2).standard_normal((40, 3))
    ((values, _),) = lines(spectrum(of(vectors), limit=10))
    ((expected, _),) = lines(spectrum(of(vectors[:10])))
    np.testing.assert_array_equal(values, expected)
    with pytest.raises(RecipeError, match="limit"):
        spectrum(of(vectors), limit=0)


def test_rows_that_are_not_finite_are_left_out_and_counted():
    vectors = np.random.default_rng(3).standard_normal((30, 4))
    damaged = np.concatenate([vectors, np.full((2, 4), np.nan), np.full((1, 4), np.inf)])
    found, whole = spectrum_of(of(damaged)), spectrum_of(of(vectors))
    np.testing.assert_allclose(found.variances, whole.variances)
    assert (found.rows, found.left_out) == (30, 3)
    assert "3 vectors with NaN or infinity left out" in spectrum(of(damaged)).texts[1].get_text()


def test_unused_directions_are_said_and_not_drawn(render):
    vectors = np.zeros((20, 5))
    vectors[:, :2] = np.random.default_rng(4).standard_normal((20, 2))
    figure = spectrum(of(vectors))
    ((values, variances),) = lines(figure)
    assert np.isfinite(values).tolist() == [True, True, False, False, False]
    np.testing.assert_allclose(variances[2:], 100)
    assert "3 are not used" in figure.texts[1].get_text()
    render(figure)


@pytest.mark.parametrize("dim", [1, 2])
def test_few_dims_and_two_vectors(render, dim):
    figure = spectrum(of(np.arange(2 * dim).reshape(2, dim)))
    assert "effective rank 1" in figure.axes[0].get_legend().get_texts()[0].get_text()
    render(figure)


@pytest.mark.parametrize("ratio", [0.5, 1e-2, 1e-5])
def test_the_logarithmic_axis_has_numbers_and_no_formulas(render, ratio):
    vectors = np.random.default_rng(5).standard_normal((50, 2)) * [1, ratio]
    figure = spectrum(of(vectors))
    figure.draw_without_rendering()
    numbers = [tick.get_text() for tick in figure.axes[0].get_yticklabels()]
    assert "1" in numbers
    assert len(numbers) > 1
    assert not any("$" in number for number in numbers)
    render(figure)


def test_tables_by_name(render):
    vectors = np.random.default_rng(6).standard_normal((30, 50))
    figure = spectrum({"wide": of(vectors), "narrow $x$": of(vectors[:, :3])})
    assert [len(values) for values, _ in lines(figure)] == [50, 3]
    assert [text.get_text().split(":")[0] for text in figure.axes[0].get_legend().get_texts()] == [
        "wide", "narrow $x$",
    ]  # fmt: skip
    render(figure)


@pytest.mark.parametrize(
    "vectors",
    [np.empty((0, 3)), np.ones((1, 3)), np.full((5, 3), 0.1), np.zeros((4, 2)), np.full((4, 2), np.nan)],
    ids=["empty", "one key", "equal", "zero", "not a number"],
)
def test_vectors_that_do_not_differ_have_no_spectrum(vectors):
    with pytest.raises(EvaluationError, match="two finite vectors that differ"):
        spectrum(of(vectors))


def test_words_made_of_parts():
    vocabulary = Subwords(Words.from_keys(["king", "queen", "rose"]), NGrams(3, 4, 20))
    rows = np.random.default_rng(1).standard_normal((23, 3)).astype(np.float32)
    table = Table(vocabulary, DenseStore(rows))
    assert spectrum_of(table).rows == 3
    np.testing.assert_allclose(spectrum_of(table).variances, spectrum_of(of(table.vectors)).variances)
