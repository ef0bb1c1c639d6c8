"""CBOW: the Numba kernel computes what the reference says, and the reference what the paper says."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace import kernels
from rowspace.arrays import END

REFERENCE = kernels.load("cbow", "reference")
CPU = kernels.load("cbow", "cpu")
ALWAYS = 2**32 - 1
TRAINED = ("center", "context", "positions")


def make_job(words, stride, length, *, seed=0, documents=50, scale=0.3, bags=0, places=0):
    """Rows with sizeable values, a stream cut into documents, and random sub-sampling and noise.

    `bags` is the largest number of rows of a word, 0 for plain words; `places` that of place vectors.
    """
    rng = np.random.default_rng(seed)
    ids = rng.integers(0, words, length).astype(np.int32)
    ids[documents - 1 :: documents] = END
    rows = 2 * words if bags else words
    sizes = rng.integers(1, bags + 1, words) if bags else np.zeros(0, np.int64)
    return {
        "center": rng.normal(0, scale, (rows, stride)).astype(np.float32),
        "context": rng.normal(0, scale, (words, stride)).astype(np.float32),
        "bag_ids": rng.integers(0, rows, sizes.sum()).astype(np.int32),
        "bag_offsets": np.concatenate([[0], np.cumsum(sizes)]) if bags else np.zeros(0, np.int64),
        "positions": rng.normal(1, 0.3, (places, stride)).astype(np.float32),
        "ids": ids,
        "keep": rng.integers(2**31, 2**32, words).astype(np.uint32),
        "noise_threshold": rng.integers(0, 2**32, words).astype(np.uint32),
        "noise_alias": rng.integers(0, words, words).astype(np.int32),
    }


def run(module, job, **settings):
    arrays = {name: value.copy() for name, value in job.items()}
    options = {
        "window": 5, "negatives": 5, "fixed_window": False, "divided_gradient": True,
        "learning_rate": 0.05, "seed": 2**63 + 5, "position": 1_000,
    }  # fmt: skip
    result = module.cbow_(**arrays, **options | settings)
    return {name: arrays[name] for name in TRAINED}, result


def assert_agreement(job, *, atol=2e-5, rel=2e-6, **settings):
    rows, (loss, pairs) = run(CPU, job, **settings)
    rows_, (loss_, pairs_) = run(REFERENCE, job, **settings)
    largest = max(1.0, *(float(np.abs(values).max(initial=0)) for values in rows_.values()))
    for name in TRAINED:
        np.testing.assert_allclose(rows[name], rows_[name], atol=atol * largest, err_msg=name)
    assert loss == pytest.approx(loss_, rel=rel)
    assert pairs == pairs_


@pytest.mark.parametrize("divided_gradient", [True, False])
@pytest.mark.parametrize("fixed_window", [True, False])
@pytest.mark.parametrize(
    ("words", "stride", "length", "window", "negatives"),
    [
        (1, 16, 40, 5, 5),  # every negative is the token itself
        (3, 16, 100, 5, 5),
        (20, 16, 300, 1, 1),
        (50, 32, 1_000, 5, 5),
        (30, 48, 400, 30, 7),  # windows longer than a block
        (30, 48, 40, 1, 50),
        (300, 64, 500, 15, 20),
        (1_000, 112, 17, 2, 3),  # one lane in the second block
        (40, 80, 1, 5, 5),
        (40, 16, 0, 5, 5),
    ],
)
def test_the_kernel_agrees_with_the_reference(
    words, stride, length, window, negatives, fixed_window, divided_gradient
):
    job = make_job(words, stride, length)
    settings = {"fixed_window": fixed_window, "divided_gradient": divided_gradient}
    assert_agreement(job, window=window, negatives=negatives, **settings)


@pytest.mark.parametrize("divided_gradient", [True, False])
@pytest.mark.parametrize(("bags", "places"), [(6, 0), (0, 8), (6, 8)])
def test_bags_and_place_vectors_agree_too(bags, places, divided_gradient):
    job = make_job(40, 48, 400, bags=bags, places=places)
    assert_agreement(job, window=4, divided_gradient=divided_gradient)
    assert_agreement(job, window=4, divided_gradient=divided_gradient, fixed_window=True, negatives=40)


def test_large_logits_neither_overflow_nor_vanish():
    assert_agreement(make_job(30, 32, 200, scale=6.0), atol=1e-4, rel=1e-5, learning_rate=1e-3)


def one_document(words, *, noise=0):
    """A stream 0, 1, 2 ... of which every token is kept, with `noise` as the only negative."""
    job = make_job(words, 16, words)
    job["ids"] = np.arange(words, dtype=np.int32)
    job["keep"][:] = ALWAYS
    job["noise_threshold"][:], job["noise_alias"][:] = 0, noise
    job["noise_threshold"][noise] = ALWAYS
    return job


@pytest.mark.parametrize("module", [REFERENCE, CPU])
@pytest.mark.parametrize("sizes", [[1, 1, 1, 1], [3, 1, 1, 1], [2, 1, 4, 1]])
def test_the_input_is_the_mean_of_all_rows_in_the_window(module, sizes):
    """Of the words 0, 1, 2 the middle one is predicted from the rows of both others; word 3 is the noise."""
    job = one_document(4, noise=3)
    job["ids"] = np.array([0, 1, 2], np.int32)
    if sizes != [1, 1, 1, 1]:
        job["bag_offsets"] = np.concatenate([[0], np.cumsum(sizes)])
        job["bag_ids"] = np.arange(sum(sizes), dtype=np.int32) % 4
    bags = np.split(np.arange(sum(sizes)) % 4, np.cumsum(sizes)[:-1])
    expected = 0.0
    for token, window in ((0, [1]), (1, [0, 2]), (2, [1])):
        x = job["center"][np.concatenate([bags[word] for word in window])].mean(axis=0)
        expected += np.logaddexp(0, -x @ job["context"][token]) + 5 * np.logaddexp(0, x @ job["context"][3])
    _, (loss, pairs) = run(module, job, window=1, learning_rate=0.0)
    assert loss == pytest.approx(expected, rel=1e-5)
    assert pairs == 3


@pytest.mark.parametrize("module", [REFERENCE, CPU])
def test_a_divided_gradient_is_shared_out_and_a_classic_one_is_not(module):
    """Rows 0 and 2 share the mean that predicts 1; row 1 alone predicts 0 and 2."""
    job = one_document(3)
    divided, _ = run(module, job, window=1, divided_gradient=True)
    classic, _ = run(module, job, window=1, divided_gradient=False)
    shared, whole = divided["center"] - job["center"], classic["center"] - job["center"]
    assert np.abs(shared).min() > 0
    np.testing.assert_allclose(whole[[0, 2]], 2 * shared[[0, 2]], rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(whole[1], shared[1], rtol=1e-4, atol=1e-6)
    np.testing.assert_array_equal(classic["context"], divided["context"])


@pytest.mark.parametrize(("bags", "places"), [(False, 0), (True, 0), (False, 6), (True, 6)])
def test_the_reference_follows_the_gradient_of_its_loss(bags, places):
    """One block, tiny rate: everything trained moves along the numerical gradient of the loss.

    A row in a bag of three moves three times as far: the gradient of a word goes whole to each of its rows.
    """
    job = make_job(6, 16, 12, documents=100, places=places)
    if bags:
        job["bag_ids"] = np.array([[b, (b + 1) % 6, (b + 3) % 6] for b in range(6)], np.int32).ravel()
        job["bag_offsets"] = np.arange(0, 19, 3)
    job["keep"][:] = ALWAYS
    rate = 1e-4
    moved, (loss, _) = run(REFERENCE, job, window=3, learning_rate=rate)
    for name in TRAINED if places else TRAINED[:2]:
        for cell in [(0, 0), (3, 7), (5, 15)]:
            shifted = {**job, name: job[name].copy()}
            shifted[name][cell] += 1e-2
            slope = (run(REFERENCE, shifted, window=3, learning_rate=0.0)[1][0] - loss) / 1e-2
            step = float(moved[name][cell]) - float(job[name][cell])
            times = 3 if bags and name == "center" else 1
            assert step == pytest.approx(-rate * slope * times, rel=0.05, abs=2e-6)


@pytest.mark.parametrize("module", [REFERENCE, CPU])
def test_place_vectors_of_ones_are_none_at_all(module):
    job = make_job(40, 32, 300)
    _, plain = run(module, job, learning_rate=0.0)
    _, ones = run(module, {**job, "positions": np.ones((10, 32), np.float32)}, learning_rate=0.0)
    assert ones == pytest.approx(plain, rel=1e-6)


@pytest.mark.parametrize("module", [REFERENCE, CPU])
@pytest.mark.parametrize(("bags", "places"), [(0, 0), (4, 10)])
def test_a_learning_rate_of_zero_moves_nothing(module, bags, places):
    job = make_job(40, 32, 300, bags=bags, places=places)
    rows, (loss, pairs) = run(module, job, learning_rate=0.0)
    assert loss > pairs > 200
    for name in TRAINED:
        np.testing.assert_array_equal(rows[name], job[name])


@pytest.mark.parametrize("module", [REFERENCE, CPU])
@pytest.mark.parametrize("places", [0, 10])
def test_padding_columns_stay_zero(module, places):
    job = make_job(20, 32, 300, places=places)
    for name in TRAINED:
        job[name][:, 20:] = 0
    rows, _ = run(module, job)
    for name in TRAINED:
        assert not rows[name][:, 20:].any()
    assert (rows["center"][:, :20] != job["center"][:, :20]).any()


@pytest.mark.parametrize("module", [REFERENCE, CPU])
@pytest.mark.parametrize("places", [0, 10])
def test_documents_do_not_see_each_other(module, places):
    """A word alone in its document has no pair, no loss, and does not move, whatever stands around it."""
    job = make_job(5, 16, 7, places=places)
    job |= {"ids": np.array([0, 1, END, 2, END, 3, 4], np.int32), "keep": np.full(5, ALWAYS, np.uint32)}
    job["noise_threshold"][:], job["noise_alias"][:] = 0, 2
    rows, (_, pairs) = run(module, job)
    assert pairs == 4
    np.testing.assert_array_equal(rows["center"][2], job["center"][2])
    assert (rows["center"][[0, 1, 3, 4]] != job["center"][[0, 1, 3, 4]]).any(axis=1).all()


@pytest.mark.parametrize("module", [REFERENCE, CPU])
def test_a_dropped_token_is_neither_predicted_nor_context(module):
    job = one_document(3)
    job["keep"][1] = 0
    rows, (_, pairs) = run(module, job, window=1)
    assert pairs == 2  # 0 and 2 are neighbours now
    for name in ("center", "context"):
        np.testing.assert_array_equal(rows[name][1], job[name][1])


def test_windows_reach_equally_often_to_each_distance():
    job = make_job(50, 16, 4_000, documents=5_000)
    kept = REFERENCE.keep_tokens(job["ids"], job["keep"], seed=3, position=0)
    found = []
    for start in range(100, 2_000, 16):
        lanes = np.arange(start, start + 16)
        inputs = REFERENCE.open_windows(kept, lanes, job["bag_offsets"], seed=3, window=4, fixed=False)
        found += (inputs.inside.sum(axis=0) // 2).tolist()
    np.testing.assert_allclose(np.bincount(found) / len(found), [0, 0.25, 0.25, 0.25, 0.25], atol=0.04)


def test_what_is_drawn_depends_on_the_position_not_on_the_cut():
    """Cut between two documents, after a multiple of sixteen kept tokens: the same rows, bit for bit."""
    job = make_job(40, 32, 34, documents=17)
    job["keep"][:] = ALWAYS
    whole, (loss, _) = run(CPU, job)
    rows, (first, _) = run(CPU, {**job, "ids": job["ids"][:17]})
    rows, (second, _) = run(CPU, {**job, **rows, "ids": job["ids"][17:]}, position=1_017)
    for name in TRAINED:
        np.testing.assert_array_equal(whole[name], rows[name])
    assert loss == pytest.approx(first + second)


@pytest.mark.parametrize("divided_gradient", [True, False])
@pytest.mark.parametrize(("window", "negatives", "places"), [(15, 20, 0), (15, 20, 30), (2, 20, 0)])
def test_many_steps_at_a_high_rate_stay_finite_and_learn(window, negatives, places, divided_gradient):
    """Two sets of ten words, never mixed: the hardest case, as each block meets every row of its set."""
    rng = np.random.default_rng(1)
    job = make_job(20, 32, 6_000, places=places, scale=0.01)
    job["ids"] = (rng.integers(0, 10, 6_000) + 10 * (np.arange(6_000) // 50 % 2)).astype(np.int32)
    job["ids"][49::50] = END
    job["noise_threshold"][:] = ALWAYS
    settings = {"window": window, "negatives": negatives, "divided_gradient": divided_gradient}
    first = run(CPU, job, learning_rate=0.0, **settings)[1]
    for epoch in range(3):
        rows, last = run(CPU, job, learning_rate=0.1, seed=epoch, **settings)
        job |= rows
    assert all(np.isfinite(values).all() for values in rows.values())
    assert last[0] / last[1] < 0.9 * first[0] / first[1]


@pytest.mark.parametrize(
    ("window", "negatives", "fixed_window", "divided_gradient", "rounds"),
    [
        (5, 5, False, False, 1),
        (5, 5, False, True, 1),
        (5, 10, False, False, 2),
        (15, 20, False, False, 7),
        (15, 20, True, False, 13),
        (15, 10, False, True, 1),
        (15, 20, False, True, 2),
        (1, 20, True, True, 1),
    ],
)
def test_rounds_follow_the_settings(window, negatives, fixed_window, divided_gradient, rounds):
    settings = {"fixed_window": fixed_window, "divided_gradient": divided_gradient}
    assert REFERENCE.num_rounds(window, negatives, **settings) == rounds
