"""GloVe: it learns, it can be stopped and gone on with, and bad input is told plainly."""

from __future__ import annotations

import numpy as np
import pytest

import rowspace as rs
from rowspace.errors import CorpusError, FormatError, RecipeError, ShapeError
from rowspace.formats import cooccurrence_file
from rowspace.training.glove import GloVe
from rowspace.vocabulary import Words

SMALL = GloVe(dim=10, window=5, min_count=1, epochs=12, seed=3)


def similarity(table, first, second):
    x, y = table[first], table[second]
    return float(x @ y / np.linalg.norm(x) / np.linalg.norm(y))


def test_words_that_occur_together_come_close(topics):
    table = SMALL.fit(topics, threads=1)
    assert similarity(table, "cat", "dog") > similarity(table, "cat", "gold") + 0.3
    losses = table.metadata["losses"]
    assert len(losses) == 12 and losses[-1] < 0.5 * losses[0]
    assert table.metadata["corpus"]["cells"] == 72  # two topics of six, each word beside each


@pytest.mark.parametrize("threads", [1, 2])
def test_the_same_seed_gives_the_same_rows(topics, threads):
    first = SMALL.fit(topics, threads=threads, deterministic=True)
    again = SMALL.fit(topics, threads=1, deterministic=True)
    np.testing.assert_array_equal(first.vectors, again.vectors)


def test_the_table_holds_the_sum_or_the_center_rows(topics):
    centers = GloVe(dim=10, window=5, min_count=1, epochs=2, combine="center")
    sums = GloVe(dim=10, window=5, min_count=1, epochs=2, combine="sum")
    center, both = (each.fit(topics, threads=1, context=True) for each in (centers, sums))
    context = center.context.gather(np.arange(len(center)))
    np.testing.assert_allclose(center.vectors + context, both.vectors, rtol=1e-6)


def test_the_trainers_state_is_kept_on_demand(topics):
    table = SMALL.fit(topics, threads=1, context=True)
    assert {name: values.shape[0] for name, values in table.state.items()} == dict.fromkeys(
        [
            "center_bias", "context_bias", "center_rates", "context_rates", "center_bias_rates",
            "context_bias_rates",
        ],
        len(table),
    )  # fmt: skip
    assert 0 < table.state["center_rates"][:, :10].min() < table.state["center_rates"].max() == 1


def test_training_goes_on_from_a_checkpoint_to_the_same_rows(topics, tmp_path):
    whole = SMALL.fit(topics, threads=1)
    path = tmp_path / "run.rows"

    def stop_after_five(moment):
        return moment.epoch == 5

    SMALL.fit(topics, threads=1, checkpoint=path, hooks=[stop_after_five])
    resumed = SMALL.fit(topics, threads=1, checkpoint=path, resume=True)
    np.testing.assert_array_equal(resumed.vectors, whole.vectors)
    assert resumed.metadata["losses"] == whole.metadata["losses"]


def test_rows_start_from_a_table_where_one_is_given(topics):
    start = SMALL.fit(topics, threads=1, context=True)
    table = GloVe(dim=10, window=5, min_count=1, epochs=1, learning_rate=1e-9, combine="center").fit(
        topics, threads=1, initial=start
    )
    np.testing.assert_allclose(table.vectors, start.vectors, atol=1e-6)
    assert table.metadata["initial_rows"] == 12
    with pytest.raises(ShapeError, match="dim=10"):
        GloVe(dim=11, min_count=1).fit(topics, initial=start)


def test_windows_of_one_side_and_flat_weights_train_too(topics):
    recipe = GloVe(dim=10, window=5, min_count=1, epochs=12, symmetric=False, weighting="flat", subsample=0.5)
    table = recipe.fit(topics, threads=1)
    assert similarity(table, "tin", "zinc") > similarity(table, "tin", "owl")


@pytest.fixture
def counted(topics, tmp_path):
    """GloVe's own files, from a count by hand."""
    keys = sorted({key for document in topics for key in document})
    words = Words.from_keys(keys, counts=np.arange(len(keys), 0, -1))
    pairs = np.zeros((len(keys), len(keys)))
    for document in topics:
        rows = [keys.index(key) for key in document]
        for place, row in enumerate(rows):
            for distance in range(1, 6):
                if place + distance < len(rows):
                    pairs[row, rows[place + distance]] += 1 / distance
                    pairs[rows[place + distance], row] += 1 / distance
    rows, columns = np.nonzero(pairs)
    order = np.random.default_rng(0).permutation(len(rows))
    records = np.empty(len(rows), cooccurrence_file.RECORD)
    records["row"], records["column"] = rows[order] + 1, columns[order] + 1
    records["weight"] = pairs[rows, columns][order]
    (tmp_path / "cooccurrence.shuf.bin").write_bytes(records.tobytes())
    cooccurrence_file.write_words(words, tmp_path / "vocab.txt")
    return tmp_path / "cooccurrence.shuf.bin", tmp_path / "vocab.txt"


def test_it_trains_from_gloves_own_files(topics, counted):
    table = SMALL.fit_file(*counted, threads=1)
    assert similarity(table, "cat", "dog") > similarity(table, "cat", "gold") + 0.3
    from_text = SMALL.fit(topics, threads=1)
    assert table.metadata["corpus"]["cells"] == from_text.metadata["corpus"]["cells"]
    assert table.metadata["losses"][-1] == pytest.approx(from_text.metadata["losses"][-1], rel=0.2)
    again = SMALL.fit_file(counted[0], cooccurrence_file.read_words(counted[1]), threads=1)
    np.testing.assert_array_equal(again.vectors, table.vectors)


def test_a_training_from_a_file_can_be_resumed_but_not_on_another_file(counted, tmp_path):
    path = tmp_path / "run.rows"
    SMALL.fit_file(*counted, threads=1, checkpoint=path)
    SMALL.fit_file(*counted, threads=1, checkpoint=path, resume=True)
    content = counted[0].read_bytes()
    counted[0].write_bytes(content[16:] + content[:16])
    with pytest.raises(RecipeError, match="stream"):
        SMALL.fit_file(*counted, threads=1, checkpoint=path, resume=True)


def test_a_file_cut_short_or_of_other_words_is_refused(counted):
    content = counted[0].read_bytes()
    counted[0].write_bytes(content[:-3])
    with pytest.raises(FormatError, match="cut short"):
        SMALL.fit_file(*counted)
    counted[0].write_bytes(content)
    with pytest.raises(FormatError, match="1 to 2"):
        SMALL.fit_file(counted[0], Words.from_keys(["cat", "dog"]))


@pytest.mark.parametrize("documents", [[["a"]], [["a"], ["b"]]])
def test_a_text_without_pairs_is_refused(documents):
    with pytest.raises(CorpusError, match="occur together"):
        GloVe(min_count=1).fit(documents)


def test_one_word_and_one_letter_words_are_trained():
    assert GloVe(dim=3, min_count=1, epochs=2).fit([["a", "a", "a"]]).shape == (1, 3)
    assert GloVe(dim=3, min_count=1, epochs=2).fit([["a", "b"], ["c", "d"]]).shape == (4, 3)


def test_too_little_memory_is_told_with_what_is_needed(topics):
    with pytest.raises(RecipeError, match=r"allow .* GB or more"):
        GloVe(min_count=1, memory_gb=1e-6).fit(topics)


@pytest.mark.parametrize(
    "wrong",
    [
        {"x_max": 0}, {"alpha": -1}, {"memory_gb": 0}, {"weighting": "none"}, {"combine": "all"},
        {"window": 0}, {"learning_rate": 0}, {"epochs": 0}, {"subsample": 2},
    ],
)  # fmt: skip
@pytest.mark.unchecked
def test_values_out_of_range_are_refused_by_name(wrong):
    with pytest.raises(RecipeError, match=next(iter(wrong))):
        GloVe(**wrong)


def test_the_learning_rate_does_not_fall():
    assert GloVe(learning_rate=0.02).final_learning_rate == 0.02


def test_a_table_survives_its_file(topics, tmp_path):
    table = SMALL.fit(topics, threads=1, context=True)
    rs.write(table, tmp_path / "glove.rows")
    again = rs.open(tmp_path / "glove.rows")
    np.testing.assert_array_equal(again.vectors, table.vectors)
    np.testing.assert_array_equal(again.state["center_bias"], table.state["center_bias"])
