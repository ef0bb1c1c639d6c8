"""Skip-gram: the Numba kernel computes what the reference says, and the reference what word2vec says."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace import kernels
from rowspace.arrays import END

REFERENCE = kernels.load("skipgram", "reference")
CPU = kernels.load("skipgram", "cpu")
ALWAYS = 2**32 - 1
PLAIN = {"bag_ids": np.empty(0, np.int32), "bag_offsets": np.empty(0, np.int64)}


def make_job(rows, stride, length, *, seed=0, documents=50, scale=0.3):
    """Rows with sizeable values, a stream cut into documents, and random sub-sampling and noise."""
    rng = np.random.default_rng(seed)
    ids = rng.integers(0, rows, length).astype(np.int32)
    ids[documents - 1 :: documents] = END
    return {
        "center": rng.normal(0, scale, (rows, stride)).astype(np.float32),
        "context": rng.normal(0, scale, (rows, stride)).astype(np.float32),
        "ids": ids,
        "keep": rng.integers(2**31, 2**32, rows).astype(np.uint32),
        "noise_threshold": rng.integers(0, 2**32, rows).astype(np.uint32),
        "noise_alias": rng.integers(0, rows, rows).astype(np.int32),
        **PLAIN,
    }


def make_bags(job, *, shared_rows=30, largest=9, seed=0):
    """Let each word of a job stand for its own row and some of `shared_rows` more, a few of them twice."""
    rng = np.random.default_rng(seed)
    words, stride = job["center"].shape
    bags = [
        [word, *(words + rng.integers(0, shared_rows, rng.integers(0, largest)))] for word in range(words)
    ]
    shared = rng.normal(0, 0.3, (shared_rows, stride)).astype(np.float32)
    return {
        **job,
        "center": np.concatenate([job["center"], shared]),
        "bag_ids": np.concatenate(bags).astype(np.int32),
        "bag_offsets": np.cumsum([0, *map(len, bags)]),
    }


def run(module, job, **settings):
    arrays = {name: value.copy() for name, value in job.items()}
    options = {"window": 5, "negatives": 5, "fixed_window": False, "learning_rate": 0.05}
    options |= {"seed": 2**63 + 5, "position": 1_000}
    result = module.skipgram_(**arrays, **options | settings)
    return arrays["center"], arrays["context"], result


@pytest.mark.parametrize(
    ("rows", "stride", "length", "window", "negatives"),
    [
        (1, 16, 20, 5, 5),  # every negative is the context row itself
        (3, 16, 100, 5, 5),
        (20, 16, 300, 1, 1),
        (50, 32, 1_000, 5, 5),
        (30, 48, 400, 30, 7),  # windows longer than a block
        (30, 48, 40, 1, 50),
        (500, 112, 700, 10, 10),
        (300, 64, 500, 15, 20),
        (1_000, 112, 17, 2, 3),  # one lane in the second block
        (40, 80, 1, 5, 5),
        (40, 16, 0, 5, 5),
    ],
)
@pytest.mark.parametrize("bags", [False, True])
@pytest.mark.parametrize("fixed_window", [False, True])
def test_the_kernel_agrees_with_the_reference(rows, stride, length, window, negatives, bags, fixed_window):
    job = make_job(rows, stride, length)
    if bags:
        job = make_bags(job)
    settings = {"window": window, "negatives": negatives, "fixed_window": fixed_window}
    center, context, (loss, pairs) = run(CPU, job, **settings)
    center_, context_, (loss_, pairs_) = run(REFERENCE, job, **settings)
    largest = max(1.0, float(np.abs(center_).max()), float(np.abs(context_).max()))
    np.testing.assert_allclose(center, center_, atol=2e-5 * largest)
    np.testing.assert_allclose(context, context_, atol=2e-5 * largest)
    assert loss == pytest.approx(loss_, rel=2e-6)
    assert pairs == pytest.approx(pairs_, rel=1e-6)


def test_large_logits_neither_overflow_nor_vanish():
    job = make_job(30, 32, 200, scale=4.0)
    center, context, (loss, _) = run(CPU, job, learning_rate=1e-3)
    center_, context_, (loss_, _) = run(REFERENCE, job, learning_rate=1e-3)
    np.testing.assert_allclose(center, center_, atol=1e-4)
    np.testing.assert_allclose(context, context_, atol=1e-4)
    assert loss == pytest.approx(loss_, rel=1e-5)


@pytest.mark.parametrize("module", [REFERENCE, CPU])
def test_padding_columns_stay_zero(module):
    job = make_job(20, 32, 300)
    job["center"][:, 20:] = job["context"][:, 20:] = 0
    center, context, _ = run(module, job)
    assert not center[:, 20:].any() and not context[:, 20:].any()
    assert center[:, :20].any()


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
def test_pairs_weigh_by_distance(module):
    """Three words, window 2: the neighbours count 1 each way, the two ends 1/2 each way."""
    job = make_job(3, 16, 3)
    job |= {"ids": np.array([0, 1, 2], np.int32), "keep": np.full(3, ALWAYS, np.uint32)}
    assert run(module, job, window=2)[2][1] == pytest.approx(4 * 1 + 2 * 0.5)


@pytest.mark.parametrize("module", [REFERENCE, CPU])
def test_pairs_count_alike_in_a_fixed_window(module):
    job = make_job(3, 16, 3)
    job |= {"ids": np.array([0, 1, 2], np.int32), "keep": np.full(3, ALWAYS, np.uint32)}
    assert run(module, job, window=2, fixed_window=True)[2][1] == pytest.approx(6.0)


@pytest.mark.parametrize("module", [REFERENCE, CPU])
def test_bags_of_one_are_plain_words(module):
    job = make_job(300, 32, 300)
    bags = {"bag_ids": np.arange(300, dtype=np.int32), "bag_offsets": np.arange(301)}
    plain, bagged = run(module, job), run(module, {**job, **bags})
    np.testing.assert_allclose(plain[0], bagged[0], atol=1e-6)
    np.testing.assert_allclose(plain[1], bagged[1], atol=1e-6)
    assert plain[2] == pytest.approx(bagged[2])


@pytest.mark.parametrize("module", [REFERENCE, CPU])
def test_every_row_of_a_bag_gets_the_whole_move(module):
    """Word 0 is rows 0 and 5, word 1 row 1 alone: rows 0 and 5 move as far as their mean does."""
    job = make_job(6, 16, 2)
    bags = {"bag_ids": np.array([0, 5, 1], np.int32), "bag_offsets": np.array([0, 2, 3])}
    job |= {**bags, "ids": np.array([0, 1], np.int32), "keep": np.full(6, ALWAYS, np.uint32)}
    moved = run(module, job)[0] - job["center"]
    assert np.abs(moved[0]).max() > 1e-3
    np.testing.assert_allclose(moved[0], moved[5], atol=1e-7)
    assert not moved[2:5].any()


@pytest.mark.parametrize("module", [REFERENCE, CPU])
@pytest.mark.parametrize("window", [5, 15])
def test_learning_rate_zero_moves_nothing(module, window):
    job = make_bags(make_job(40, 32, 300))
    center, context, (loss, pairs) = run(module, job, learning_rate=0.0, window=window)
    np.testing.assert_array_equal(center, job["center"])
    np.testing.assert_array_equal(context, job["context"])
    assert loss > 0 and pairs > 0


@pytest.mark.parametrize("module", [REFERENCE, CPU])
def test_a_dropped_token_is_no_center_and_no_context(module):
    job = make_job(3, 16, 3)
    keep = np.array([ALWAYS, 0, ALWAYS], np.uint32)
    job |= {"ids": np.array([0, 1, 2], np.int32), "keep": keep}
    job["noise_threshold"][:], job["noise_alias"][:] = 0, 0  # nearly every negative is row 0
    center, _, (_, pairs) = run(module, job, window=1)
    assert pairs == pytest.approx(2.0)  # 0 and 2 are neighbours now
    np.testing.assert_array_equal(center[1], job["center"][1])


@pytest.mark.parametrize("fixed_window", [False, True])
def test_the_reference_follows_the_gradient_of_its_loss(fixed_window):
    """One block, tiny rate: the rows move along the numerical gradient of the loss that is reported."""
    job = make_job(6, 16, 12, documents=100)
    job["keep"][:] = ALWAYS
    rate = 1e-4
    center, context, _ = run(REFERENCE, job, learning_rate=rate, fixed_window=fixed_window)
    loss, _ = run(REFERENCE, job, learning_rate=0.0, fixed_window=fixed_window)[2]
    for name, moved in (("center", center), ("context", context)):
        for place in [(0, 0), (3, 7), (5, 15)]:
            shifted = {**job, name: job[name].copy()}
            shifted[name][place] += 1e-2
            other, _ = run(REFERENCE, shifted, learning_rate=0.0, fixed_window=fixed_window)[2]
            slope = (other - loss) / 1e-2
            step = float(moved[place]) - float(job[name][place])
            assert step == pytest.approx(-rate * slope, rel=0.05, abs=2e-6)


def test_negatives_come_from_the_noise_distribution():
    threshold, alias = np.array([ALWAYS, 2**31, 0], np.uint32), np.array([0, 0, 1], np.int32)
    drawn = np.concatenate([REFERENCE.draw_negatives(threshold, alias, 5, i) for i in range(1_000)])
    shares = np.bincount(drawn, minlength=3) / len(drawn)
    np.testing.assert_allclose(shares, [1 / 3 + 1 / 6, 1 / 6 + 1 / 3, 0], atol=0.01)


def test_what_is_drawn_depends_on_the_position_not_on_the_cut():
    """Cut between two documents, after a multiple of sixteen kept tokens: the same rows, bit for bit."""
    job = make_job(300, 32, 34, documents=17)
    job["keep"][:] = ALWAYS
    whole = run(CPU, job)
    center, context, first = run(CPU, {**job, "ids": job["ids"][:17]})
    rest = {**job, "ids": job["ids"][17:], "center": center, "context": context}
    center, context, second = run(CPU, rest, position=1_017)
    np.testing.assert_array_equal(whole[0], center)
    np.testing.assert_array_equal(whole[1], context)
    assert whole[2][0] == pytest.approx(first[0] + second[0])


@pytest.mark.parametrize(
    ("window", "negatives", "fixed_window", "rounds"),
    [(5, 5, False, 1), (1, 1, False, 1), (10, 10, False, 4), (15, 20, False, 10), (5, 5, True, 2)],
)
def test_rounds_follow_the_settings(window, negatives, fixed_window, rounds):
    found = REFERENCE.num_rounds(window, negatives, fixed_window=fixed_window, num_words=1_000)
    assert found == rounds
    few = REFERENCE.num_rounds(window, negatives, fixed_window=fixed_window, num_words=16)
    pairs = 2 * window if fixed_window else window + 1
    assert few == -(-pairs * negatives // 2) >= rounds
