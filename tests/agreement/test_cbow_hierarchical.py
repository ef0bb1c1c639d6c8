"""CBOW along a tree: the Numba kernel computes what the reference says, and the reference the method."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace import kernels
from rowspace.arrays import END
from rowspace.training import huffman

REFERENCE = kernels.load("cbow_hierarchical", "reference")
CPU = kernels.load("cbow_hierarchical", "cpu")
ALWAYS = 2**32 - 1


def make_job(words, stride, length, *, seed=0, documents=50, scale=0.3, bag_size=0):
    """Rows with sizeable values, a Huffman tree, a stream cut into documents, and random sub-sampling."""
    rng = np.random.default_rng(seed)
    ids = rng.integers(0, words, length).astype(np.int32)
    ids[documents - 1 :: documents] = END
    tree = huffman.paths(1 + rng.zipf(1.3, words).clip(max=10**9))
    sizes = rng.integers(1, bag_size + 1, words) if bag_size else np.empty(0, np.int64)
    return {
        "center": rng.normal(0, scale, (words + 40 * bool(bag_size), stride)).astype(np.float32),
        "context": rng.normal(0, scale, (max(1, tree.num_nodes), stride)).astype(np.float32),
        "bag_ids": rng.integers(0, words + 40, sizes.sum()).astype(np.int32),
        "bag_offsets": np.concatenate([[0], np.cumsum(sizes)]) if bag_size else np.empty(0, np.int64),
        "ids": ids,
        "keep": rng.integers(2**31, 2**32, words).astype(np.uint32),
        "path_nodes": tree.nodes,
        "path_codes": tree.codes,
        "path_offsets": tree.offsets,
    }


def run(module, job, **settings):
    arrays = {name: value.copy() for name, value in job.items()}
    options = {
        "window": 5,
        "fixed_window": False,
        "divided_gradient": True,
        "learning_rate": 0.05,
        "seed": 2**63 + 5,
        "position": 1_000,
    }
    result = module.cbow_hierarchical_(**arrays, **options | settings)
    return arrays["center"], arrays["context"], result


def check_agreement(job, **settings):
    center, context, (loss, pairs) = run(CPU, job, **settings)
    center_, context_, (loss_, pairs_) = run(REFERENCE, job, **settings)
    largest = max(1.0, float(np.abs(center_).max()), float(np.abs(context_).max()))
    np.testing.assert_allclose(center, center_, atol=2e-5 * largest)
    np.testing.assert_allclose(context, context_, atol=2e-5 * largest)
    assert loss == pytest.approx(loss_, rel=2e-6)
    assert pairs == pairs_


@pytest.mark.parametrize("divided_gradient", [False, True])
@pytest.mark.parametrize("fixed_window", [False, True])
@pytest.mark.parametrize("bag_size", [0, 4])
@pytest.mark.parametrize(
    ("words", "stride", "length", "window"),
    [
        (1, 16, 40, 5),  # no node at all
        (2, 16, 60, 5),  # the root alone
        (20, 32, 300, 1),
        (50, 48, 600, 5),
        (40, 16, 200, 30),  # windows longer than documents
        (500, 112, 600, 10),  # more nodes than have copies
        (40, 80, 1, 5),
        (40, 16, 0, 5),
    ],
)
def test_the_kernel_agrees_with_the_reference(
    words, stride, length, window, bag_size, fixed_window, divided_gradient
):
    job = make_job(words, stride, length, bag_size=bag_size)
    check_agreement(job, window=window, fixed_window=fixed_window, divided_gradient=divided_gradient)


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


@pytest.mark.parametrize("module", [REFERENCE, CPU])
def test_a_token_without_neighbours_is_not_predicted(module):
    job = make_job(4, 16, 4)
    job |= {"ids": np.array([0, END, 1, END], np.int32), "keep": np.full(4, ALWAYS, np.uint32)}
    center, context, result = run(module, job)
    assert result == (0.0, 0.0)
    np.testing.assert_array_equal(center, job["center"])
    np.testing.assert_array_equal(context, job["context"])


@pytest.mark.parametrize("module", [REFERENCE, CPU])
def test_a_divided_gradient_is_shared_out_and_a_classic_one_is_not(module):
    """Both neighbours of the middle word get the step of the mean: half of it, or the whole."""
    job = make_job(30, 16, 3, scale=0.1)
    job |= {"ids": np.array([7, 8, 9], np.int32), "keep": np.full(30, ALWAYS, np.uint32)}
    options = {"window": 1, "fixed_window": True, "learning_rate": 1e-3}
    classic = run(module, job, divided_gradient=False, **options)[0] - job["center"]
    divided = run(module, job, divided_gradient=True, **options)[0] - job["center"]
    np.testing.assert_allclose(divided[[7, 9]], classic[[7, 9]] / 2, rtol=0.02, atol=1e-7)
    np.testing.assert_allclose(divided[8], classic[8], rtol=0.02, atol=1e-7)  # alone in both windows


def test_the_reference_follows_the_gradient_of_its_loss():
    """A tiny rate: the rows move along the numerical gradient of the loss that is reported."""
    job = make_job(6, 16, 5)
    job |= {"ids": np.array([3, 5, 0, 1, 2], np.int32)}
    job["keep"][:] = ALWAYS
    rate = 1e-4
    center, context, (loss, _) = run(REFERENCE, job, learning_rate=rate)
    for name, moved in (("center", center), ("context", context)):
        for place in [(3, 0), (1, 7), (4, 15)]:
            shifted = {**job, name: job[name].copy()}
            shifted[name][place] += 1e-2
            slope = (run(REFERENCE, shifted, learning_rate=0.0)[2][0] - loss) / 1e-2
            step = float(moved[place]) - float(job[name][place])
            assert step == pytest.approx(-rate * slope, rel=0.05, abs=1e-6)


def test_one_thread_gives_the_same_bits_every_time():
    job = make_job(200, 32, 2_000)
    first, second = run(CPU, job), run(CPU, job)
    assert first[0].tobytes() == second[0].tobytes() and first[1].tobytes() == second[1].tobytes()


def test_a_high_rate_and_a_wide_window_still_learn():
    """Documents of three words each, so all pairs push the same way: near log 3, and far below log 6."""
    job = make_job(40, 64, 3_000, scale=0.05)
    words = np.arange(3_000) // 50 % 2 * 20 + np.random.default_rng(1).integers(0, 3, 3_000)
    job["ids"] = np.where(job["ids"] == END, END, words).astype(np.int32)
    for _ in range(4):
        center, context, (loss, pairs) = run(CPU, job, window=15, fixed_window=True, learning_rate=0.1)
        job |= {"center": center, "context": context}
    assert loss / pairs < np.log(4)
