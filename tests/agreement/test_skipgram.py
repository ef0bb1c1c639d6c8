"""Skip-gram: the Numba kernel computes what the reference says, and the reference what word2vec says."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace import kernels
from rowspace.arrays import END

REFERENCE = kernels.load("skipgram", "reference")
CPU = kernels.load("skipgram", "cpu")
ALWAYS = 2**32 - 1


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
    }


def run(module, job, **settings):
    arrays = {name: value.copy() for name, value in job.items()}
    options = {"window": 5, "negatives": 5, "learning_rate": 0.05, "seed": 2**63 + 5, "position": 1_000}
    result = module.skipgram_(**arrays, **options | settings)
    return arrays["center"], arrays["context"], result


@pytest.mark.parametrize(
    ("rows", "stride", "length", "window", "negatives"),
    [
        (1, 16, 40, 5, 5),  # every negative is the context row itself
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
def test_the_kernel_agrees_with_the_reference(rows, stride, length, window, negatives):
    job = make_job(rows, stride, length)
    settings = {"window": window, "negatives": negatives}
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
def test_a_dropped_token_is_no_center_and_no_context(module):
    job = make_job(3, 16, 3)
    keep = np.array([ALWAYS, 0, ALWAYS], np.uint32)
    job |= {"ids": np.array([0, 1, 2], np.int32), "keep": keep}
    job["noise_threshold"][:], job["noise_alias"][:] = 0, 0  # nearly every negative is row 0
    center, _, (_, pairs) = run(module, job, window=1)
    assert pairs == pytest.approx(2.0)  # 0 and 2 are neighbours now
    np.testing.assert_array_equal(center[1], job["center"][1])


def test_the_reference_follows_the_gradient_of_its_loss():
    """One block, tiny rate: the rows move along the numerical gradient of the loss that is reported."""
    job = make_job(6, 16, 12, documents=100)
    job["keep"][:] = ALWAYS
    rate = 1e-4
    center, context, (loss, _) = run(REFERENCE, job, learning_rate=rate)
    for name, moved in (("center", center), ("context", context)):
        for place in [(0, 0), (3, 7), (5, 15)]:
            shifted = {**job, name: job[name].copy()}
            shifted[name][place] += 1e-2
            slope = (run(REFERENCE, shifted, learning_rate=0.0)[2][0] - loss) / 1e-2
            step = float(moved[place]) - float(job[name][place])
            assert step == pytest.approx(-rate * slope, rel=0.05, abs=2e-6)


def test_negatives_come_from_the_noise_distribution():
    threshold, alias = np.array([ALWAYS, 2**31, 0], np.uint32), np.array([0, 0, 1], np.int32)
    drawn = np.concatenate([REFERENCE.draw_negatives(threshold, alias, 5, i) for i in range(1_000)])
    shares = np.bincount(drawn, minlength=3) / len(drawn)
    np.testing.assert_allclose(shares, [1 / 3 + 1 / 6, 1 / 6 + 1 / 3, 0], atol=0.01)


def test_what_is_drawn_depends_on_the_position_not_on_the_cut():
    """Cut between two documents, after a multiple of sixteen kept tokens: the same rows, bit for bit."""
    job = make_job(40, 32, 34, documents=17)
    job["keep"][:] = ALWAYS
    whole = run(CPU, job)
    center, context, first = run(CPU, {**job, "ids": job["ids"][:17]})
    rest = {**job, "ids": job["ids"][17:], "center": center, "context": context}
    center, context, second = run(CPU, rest, position=1_017)
    np.testing.assert_array_equal(whole[0], center)
    np.testing.assert_array_equal(whole[1], context)
    assert whole[2][0] == pytest.approx(first[0] + second[0])


def test_rounds_follow_the_settings():
    assert REFERENCE.num_rounds(5, 5) == 1
    assert REFERENCE.num_rounds(1, 1) == 1
    assert REFERENCE.num_rounds(10, 10) == 4
    assert REFERENCE.num_rounds(15, 20) == 10
