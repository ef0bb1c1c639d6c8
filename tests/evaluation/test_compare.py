"""Two tables side by side: the scores are those of each test, and the difference is over what both cover."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.errors import EvaluationError, RecipeError
from rowspace.evaluation import analogies, categories, compare, odd_one_out, relations, similarity
from rowspace.table import Table


@pytest.fixture
def whole():
    """Sixty words in six groups of ten, each with an offset from its stem."""
    rng = np.random.default_rng(0)
    groups, offset = 4 * np.eye(6, 12).repeat(5, axis=0), rng.standard_normal(12)
    stems = groups + 0.8 * rng.standard_normal((30, 12))
    vectors = np.concatenate([stems, stems + offset]) + 0.1 * rng.standard_normal((60, 12))
    keys = [f"w{row % 30}{'s' * (row // 30)}" for row in range(60)]
    return Table.from_arrays(keys, vectors.astype(np.float32))


def without(table, *rows):
    """The table without some rows."""
    left = np.delete(np.arange(len(table)), rows)
    return Table.from_arrays(table.keys.take(left), table.vectors[left])


@pytest.fixture
def clean(whole):
    """The words but two."""
    return without(whole, 4, 59)


@pytest.fixture
def noisy(whole):
    """The words but three others, with noise."""
    vectors = whole.vectors + 2.5 * np.random.default_rng(1).standard_normal(whole.vectors.shape)
    return without(Table.from_arrays(whole.keys, vectors.astype(np.float32)), 0, 11, 41)


@pytest.fixture
def tests(whole):
    """A source for each test, on words that either table may lack."""
    rng = np.random.default_rng(2)
    units = whole.vectors / np.linalg.norm(whole.vectors, axis=1, keepdims=True)
    cosines = units @ units.T
    rows = rng.integers(0, 60, (80, 2)).tolist()
    pairs = [
        (whole.keys[a], whole.keys[b], float(cosines[a, b] + 0.2 * rng.standard_normal())) for a, b in rows
    ]
    stems = rng.integers(0, 30, (90, 2))
    odd = [
        [f"w{5 * group + place}" for place in range(4)] + [f"w{(5 * group + 9) % 30}"] for group in range(6)
    ]
    return {
        "similarity": pairs,
        "analogies": {"gram1": [(f"w{a}", f"w{a}s", f"w{c}", f"w{c}s") for a, c in stems]},
        "categories": {f"w{row}": f"group {row // 5}" for row in range(30)},
        "odd_one_out": odd,
        "relations": {"plural": [(f"w{row}", f"w{row}s") for row in range(30)]},
    }


def both_cover(source, kind, *tables):
    """What is left of a source for the keys of both tables."""
    known = set(tables[0].keys) & set(tables[1].keys)
    if kind == "similarity":
        return [each for each in source if {each[0], each[1]} <= known]
    if kind == "odd_one_out":
        return [each for each in source if set(each) <= known]
    if kind == "categories":
        return {word: category for word, category in source.items() if word in known}
    return {name: [each for each in questions if set(each) <= known] for name, questions in source.items()}


def score(kind, table, source):
    """The usual score, and that with missing as wrong or zero."""
    if kind == "similarity":
        report = similarity(table, source)
        return report.spearman, report.spearman_with_zeros
    if kind == "categories":
        report = categories(table, source)
        return report.purity, report.purity_of_asked
    total = {"analogies": analogies, "odd_one_out": odd_one_out, "relations": relations}[kind](
        table, source
    ).total
    return total.accuracy, total.accuracy_of_asked


KINDS = ["similarity", "analogies", "categories", "odd_one_out", "relations"]


@pytest.mark.parametrize("kind", KINDS)
def test_scores_are_those_of_each_test(kind, clean, noisy, tests):
    (found,) = compare(clean, noisy, **{kind: [tests[kind]]}).comparisons
    own = [score(kind, table, tests[kind]) for table in (clean, noisy)]
    assert found.of_covered == pytest.approx([usual for usual, _ in own])
    assert found.of_asked == pytest.approx([strict for _, strict in own])
    assert 0 < found.shared < min(found.covered) <= max(found.covered) <= found.asked
    assert found.difference == pytest.approx(found.of_shared[1] - found.of_shared[0])


@pytest.mark.parametrize("kind", ["similarity", "analogies", "categories", "odd_one_out"])
def test_the_difference_is_over_what_both_cover(kind, clean, noisy, tests):
    left = both_cover(tests[kind], kind, clean, noisy)
    (found,) = compare(clean, noisy, **{kind: [tests[kind]]}).comparisons
    assert found.of_shared == pytest.approx([score(kind, table, left)[0] for table in (clean, noisy)])


def test_a_clear_difference_is_seen(clean, noisy, tests):
    report = compare(clean, noisy, **{kind: [tests[kind]] for kind in KINDS if kind != "odd_one_out"})
    for each in report.comparisons:
        assert each.p_value < 0.05, each
        assert each.interval[1] < 0
        assert "first is ahead" in each.verdict(report.names)


def test_a_table_does_not_differ_from_itself(clean, tests):
    for each in compare(clean, clean, **{kind: [source] for kind, source in tests.items()}).comparisons:
        assert (each.difference, each.interval, each.p_value) == (0, None, 1)
        assert "no difference that these" in each.verdict(("a", "b"))


def test_the_seed_decides(clean, noisy, tests):
    sources = {kind: [source] for kind, source in tests.items()}
    first, again, other = (compare(clean, noisy, **sources, bootstrap=200, seed=seed) for seed in (1, 1, 2))
    assert first == again != other


def test_analogies_of_both_kinds_are_told_apart(clean, noisy, tests):
    questions = tests["analogies"]["gram1"]
    found = compare(clean, noisy, analogies=[{"gram1": questions, "family": questions[:9]}]).comparisons
    assert [each.name for each in found] == ["analogies", "analogies semantic", "analogies syntactic"]
    assert [each.asked for each in found] == [99, 9, 90]


def test_one_path_may_stand_alone(clean, noisy, tmp_path):
    path = tmp_path / "SET.txt"
    path.write_text("w5 w6 1\nw7 w8 2\nw9 w10 3\n")
    for source in (path, str(path), [path]):
        (found,) = compare(clean, noisy, similarity=source).comparisons
        assert (found.name, found.shared) == ("SET", 3)


@pytest.mark.parametrize("shape", [(0, 12), (0, 0)])
def test_an_empty_table(shape, clean, tests):
    empty = Table.from_arrays([], np.zeros(shape, np.float32))
    for pair in ((empty, clean), (clean, empty), (empty, empty)):
        report = compare(*pair, **{kind: [source] for kind, source in tests.items()})
        assert [each.shared for each in report.comparisons] == [0] * 5
        assert [(each.difference, each.p_value) for each in report.comparisons] == [(None, None)] * 5
        assert str(report).count("nothing to compare") == 5


def test_one_pair_and_constant_scores(clean, noisy):
    one, flat = compare(
        clean, noisy, similarity=[[("w5", "w6", 1.0)], [("w5", "w6", 1.0), ("w7", "w8", 1.0)]]
    ).comparisons
    assert (one.shared, one.difference, flat.shared, flat.difference) == (1, None, 2, None)
    assert "no correlation over this one pair" in one.verdict(("a", "b"))


def test_dims_and_case_may_differ(clean, tests):
    cased = Table.from_arrays([key.upper() for key in clean.keys], clean.vectors[:, :5].copy())
    pairs = tests["similarity"]
    assert compare(clean, cased, similarity=[pairs]).comparisons[0].covered[1] == 0
    assert compare(clean, cased, similarity=[pairs], fold_case=True).comparisons[0].covered[1] > 70


def test_limit(clean, noisy, tests):
    limited = compare(clean, noisy, **{kind: [source] for kind, source in tests.items()}, limit=20)
    whole = compare(clean, noisy, **{kind: [source] for kind, source in tests.items()})
    for few, many in zip(limited.comparisons, whole.comparisons, strict=True):
        assert few.shared < many.shared


def test_wrong_arguments(clean, noisy, tmp_path):
    with pytest.raises(RecipeError, match="bootstrap"):
        compare(clean, noisy, bootstrap=0)
    (tmp_path / "bad.txt").write_text("a b c\n")
    with pytest.raises(EvaluationError, match=r"bad\.txt: line 1"):
        compare(clean, noisy, analogies=[tmp_path / "bad.txt"])
    assert compare(clean, noisy).comparisons == []
