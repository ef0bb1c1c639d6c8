"""Skip-gram along a tree: the Numba kernel computes what the reference says, and the reference the method."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace import kernels
from rowspace.arrays import END
from rowspace.training import huffman

REFERENCE = kernels.load("skipgram_hierarchical", "reference")
CPU = kernels.load("skipgram_hierarchical", "cpu")
ALWAYS = 2**32 - 1
NO_BAGS = {"bag_ids": np.empty(0, np.int32), "bag_offsets": np.empty(0, np.int64)}


def make_job(words, stride, length, *, seed=0, documents=50, scale=0.3, bag_size=0):
    """Rows with sizeable values, a Huffman tree, a stream cut into documents, and random sub-sampling."""
    rng = np.random.default_rng(seed)
    ids = rng.integers(0, words, length).astype(np.int32)
    ids[documents - 1 :: documents] = END
    tree = huffman.paths(1 + rng.zipf(1.3, words).clip(max=10**9))
    job = {
        "center": rng.normal(0, scale, (words + 40 * bool(bag_size), stride)).astype(np.float32),
        "context": rng.normal(0, scale, (max(1, tree.num_nodes), stride)).astype(np.float32),
        **NO_BAGS,
        "ids": ids,
        "keep": rng.integers(2**31, 2**32, words).astype(np.uint32),
        "path_nodes": tree.nodes,
        "path_codes": tree.codes,
        "path_offsets": tree.offsets,
    }
    if bag_size:
        sizes = rng.integers(1, bag_size + 1, words)
        job["bag_offsets"] = np.concatenate([[0], np.cumsum(sizes)])
        job["bag_ids"] = rng.integers(0, words + 40, sizes.sum()).astype(np.int32)
    return job


def run(module, job, **settings):
    arrays = {name: value.copy() for name, value in job.items()}
    options = {
        "window": 5,
        "fixed_window": False,
        "learning_rate": 0.05,
        "seed": 2**63 + 5,
        "position": 1_000,
    }
    result = module.skipgram_hierarchical_(**arrays, **options | settings)
    return arrays["center"], arrays["context"], result


def check_agreement(job, **settings):
    center, context, (loss, pairs) = run(CPU, job, **settings)
    center_, context_, (loss_, pairs_) = run(REFERENCE, job, **settings)
    largest = max(1.0, float(np.abs(center_).max()), float(np.abs(context_).max()))
    np.testing.assert_allclose(center, center_, atol=2e-5 * largest)
    np.testing.assert_allclose(context, context_, atol=2e-5 * largest)
    assert loss == pytest.approx(loss_, rel=2e-6)
    assert pairs == pytest.approx(pairs_, rel=1e-6)


@pytest.mark.parametrize("fixed_window", [False, True])
@pytest.mark.parametrize("bag_size", [0, 4])
@pytest.mark.parametrize(
    ("words", "stride", "length", "window"),
    [
        (1, 16, 40, 5),  # no node at all
        (2, 16, 60, 5),  # the root alone
        (3, 16, 100, 5),
        (20, 32, 300, 1),
        (50, 48, 600, 5),
        (30, 64, 300, 8),  # sixteen neighbours: one meeting
        (30, 80, 300, 9),  # eighteen: two
        (40, 16, 200, 30),  # windows longer than documents
        (500, 112, 600, 10),  # more nodes than have copies
        (40, 80, 1, 5),
        (40, 16, 0, 5),
    ],
)
def test_the_kernel_agrees_with_the_reference(words, stride, length, window, bag_size, fixed_window):
    check_agreement(
        make_job(words, stride, length, bag_size=bag_size), window=window, fixed_window=fixed_window
    )


def test_long_paths_are_followed_to_the_end():
    """Counts 1 2 4 ...: 60 nodes on the longest path."""
    job = make_job(61, 32, 200)
    tree = huffman.paths(2 ** np.arange(61))
    check_agreement(job | {"path_nodes": tree.nodes, "path_codes": tree.codes, "path_offsets": tree.offsets})


def test_large_logits_neither_overflow_nor_vanish():
    check_agreement(make_job(60, 32, 200, scale=3.0), learning_rate=1e-3)


@pytest.mark.parametrize("module", [REFERENCE, CPU])
def test_padding_columns_stay_zero(module):
    job = make_job(50, 32, 300)
    job["center"][:, 20:] = job["context"][:, 20:] = 0
    center, context, _ = run(module, job)
    assert not center[:, 20:].any() and not context[:, 20:].any()
    assert (center != job["center"])[:, :20].any() and (context != job["context"])[:, :20].any()


@pytest.mark.parametrize("bag_size", [0, 4])
@pytest.mark.parametrize("module", [REFERENCE, CPU])
def test_a_learning_rate_of_zero_moves_nothing_and_returns_the_loss(module, bag_size):
    job = make_job(60, 32, 300, bag_size=bag_size)
    center, context, (loss, pairs) = run(module, job, learning_rate=0.0)
    assert center.tobytes() == job["center"].tobytes() and context.tobytes() == job["context"].tobytes()
    assert loss > 0 and pairs > 0


def test_a_learning_rate_of_zero_needs_no_right_to_write():
    job = make_job(60, 32, 300)
    expected = run(REFERENCE, job, learning_rate=0.0)[2]
    job["center"].flags.writeable = job["context"].flags.writeable = False
    options = {"window": 5, "fixed_window": False, "seed": 2**63 + 5, "position": 1_000}
    assert CPU.skipgram_hierarchical_(**job, learning_rate=0.0, **options) == pytest.approx(expected)


@pytest.mark.parametrize("module", [REFERENCE, CPU])
def test_documents_do_not_see_each_other(module):
    """Two documents of one word each: no pair, no loss, no row moves."""
    job = make_job(4, 16, 4)
    job |= {"ids": np.array([0, END, 1, END], np.int32), "keep": np.full(4, ALWAYS, np.uint32)}
    center, context, result = run(module, job)
    assert result == (0.0, 0.0)
    np.testing.assert_array_equal(center, job["center"])
    np.testing.assert_array_equal(context, job["context"])


@pytest.mark.parametrize("module", [REFERENCE, CPU])
def test_pairs_weigh_by_distance_unless_the_window_is_fixed(module):
    """Three words, window 2: the neighbours count 1 each way, the two ends 1/2 each way."""
    job = make_job(3, 16, 3)
    job |= {"ids": np.array([0, 1, 2], np.int32), "keep": np.full(3, ALWAYS, np.uint32)}
    assert run(module, job, window=2)[2][1] == pytest.approx(4 * 1 + 2 * 0.5)
    assert run(module, job, window=2, fixed_window=True)[2][1] == pytest.approx(6)


@pytest.mark.parametrize("module", [REFERENCE, CPU])
def test_a_dropped_token_is_no_input_and_no_target(module):
    job = make_job(3, 16, 3)
    job |= {"ids": np.array([0, 1, 2], np.int32), "keep": np.array([ALWAYS, 0, ALWAYS], np.uint32)}
    center, _, (_, pairs) = run(module, job, window=1)
    assert pairs == pytest.approx(2.0)  # 0 and 2 are neighbours now
    np.testing.assert_array_equal(center[1], job["center"][1])


@pytest.mark.parametrize("module", [REFERENCE, CPU])
def test_the_probabilities_of_all_words_sum_to_one(module):
    """The loss of the pair (input, target), summed as exp(-loss) over all targets, is 1."""
    job = make_job(9, 16, 2)
    job["keep"][:] = ALWAYS
    total = 0.0
    for target in range(9):
        found = run(module, {**job, "ids": np.array([4, target], np.int32)}, learning_rate=0.0)[2][0]
        back = run(module, {**job, "ids": np.array([target, target], np.int32)}, learning_rate=0.0)[2][0] / 2
        other = pair_loss(job, center=target, target=4)
        assert back == pytest.approx(pair_loss(job, center=target, target=target), rel=1e-5)
        total += np.exp(-(found - other))
    assert total == pytest.approx(1.0, rel=1e-5)


def pair_loss(job, *, center, target):
    """-log of the product of the turns' chances, node by node."""
    path = slice(job["path_offsets"][target], job["path_offsets"][target + 1])
    logits = job["context"][job["path_nodes"][path]].astype(np.float64) @ job["center"][center]
    chances = 1 / (1 + np.exp(-logits))  # of code 0
    return -np.log(np.where(job["path_codes"][path] == 0, chances, 1 - chances)).sum()


def test_the_reference_follows_the_gradient_of_its_loss():
    """One pair each way, tiny rate: the rows move along the numerical gradient of the loss."""
    job = make_job(6, 16, 2)
    job |= {"ids": np.array([3, 5], np.int32)}
    job["keep"][:] = ALWAYS
    rate = 1e-4
    center, context, (loss, _) = run(REFERENCE, job, learning_rate=rate)
    for name, moved in (("center", center), ("context", context)):
        for place in [(3, 0), (4, 7), (4, 15)]:
            shifted = {**job, name: job[name].copy()}
            shifted[name][place] += 1e-2
            slope = (run(REFERENCE, shifted, learning_rate=0.0)[2][0] - loss) / 1e-2
            step = float(moved[place]) - float(job[name][place])
            assert step == pytest.approx(-rate * slope, rel=0.05, abs=2e-7)


def test_one_thread_gives_the_same_bits_every_time():
    job = make_job(200, 32, 2_000)
    first, second = run(CPU, job), run(CPU, job)
    assert first[0].tobytes() == second[0].tobytes() and first[1].tobytes() == second[1].tobytes()


def test_what_is_kept_depends_on_the_position_not_on_the_cut():
    """Cut between two documents: the same pairs, and nearly the same loss."""
    job = make_job(40, 32, 300, documents=10)
    whole = run(CPU, job)
    center, context, first = run(CPU, {**job, "ids": job["ids"][:100]})
    rest = {**job, "ids": job["ids"][100:], "center": center, "context": context}
    center, context, second = run(CPU, rest, position=1_100)
    assert whole[2][1] == pytest.approx(first[1] + second[1])
    assert whole[2][0] == pytest.approx(first[0] + second[0], rel=1e-3)  # copies are exchanged at the cut


def test_a_high_rate_and_a_wide_window_still_learn():
    """Documents of three words each, so all pairs push the same way: near log 3, and far below log 6."""
    job = make_job(40, 64, 3_000, scale=0.05)
    words = np.arange(3_000) // 50 % 2 * 20 + np.random.default_rng(1).integers(0, 3, 3_000)
    job["ids"] = np.where(job["ids"] == END, END, words).astype(np.int32)
    for _ in range(4):
        center, context, (loss, pairs) = run(CPU, job, window=15, fixed_window=True, learning_rate=0.1)
        job |= {"center": center, "context": context}
    assert loss / pairs < np.log(4)
