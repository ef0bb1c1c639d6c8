"""The two kernels of the linear text classifier move rows alike, for every loss, and as one by one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from rowspace import kernels
from rowspace.kernels.reference.text_classifier import HIERARCHICAL, ONE_VS_ALL, SOFTMAX
from rowspace.training.huffman import paths

reference, cpu = kernels.load("text_classifier", "reference"), kernels.load("text_classifier", "cpu")

TEXTS, ROWS, LABELS, STRIDE = 40, 30, 6, 32
LOSSES = [SOFTMAX, ONE_VS_ALL, HIERARCHICAL]


def task(seed: int, *, loss: int = SOFTMAX, several: bool = False) -> dict[str, np.ndarray]:
    """Random bags and labels; some texts have no entries, and with `several` some have no label."""
    rng = np.random.default_rng(seed)
    bags = [rng.choice(ROWS, rng.integers(0, 8), replace=False).astype(np.int32) for _ in range(TEXTS)]
    counts = [rng.integers(1, 4, len(bag)).astype(np.float32) for bag in bags]
    labels = [
        rng.choice(LABELS, rng.integers(0, 4) if several else 1, replace=False).astype(np.int32) for _ in bags
    ]
    tree = paths(np.arange(1, LABELS + 1))
    outputs = LABELS - 1 if loss == HIERARCHICAL else LABELS
    return {
        "vectors": rng.normal(0, 0.3, (ROWS, STRIDE)).astype(np.float32),
        "output": rng.normal(0, 0.3, (outputs, STRIDE)).astype(np.float32),
        "rows": np.concatenate(bags), "counts": np.concatenate(counts),
        "offsets": np.cumsum([0, *map(len, bags)]),
        "sizes": np.array([count.sum() for count in counts], np.int32),
        "labels": np.concatenate(labels), "label_offsets": np.cumsum([0, *map(len, labels)]),
        "path_nodes": tree.nodes, "path_codes": tree.codes, "path_offsets": tree.offsets,
        "order": rng.permutation(TEXTS),
    }  # fmt: skip


def trained(module, arrays, loss, **changes) -> tuple[np.ndarray, np.ndarray, float]:
    arrays = {name: array.copy() for name, array in arrays.items()}
    options = {"first_moving": 3, "first_shared": 25, "rate": 0.5, "rate_fall": 0.01, "seed": 11}
    summed = module.train_texts_(**arrays, loss=loss, **(options | changes))
    return arrays["vectors"], arrays["output"], summed


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("several", [False, True])
def test_kernels_agree(loss, several):
    for seed in range(5):
        arrays = task(seed, loss=loss, several=several)
        left, right = trained(reference, arrays, loss), trained(cpu, arrays, loss)
        np.testing.assert_allclose(left[0], right[0], rtol=0, atol=1e-5)
        np.testing.assert_allclose(left[1], right[1], rtol=0, atol=1e-5)
        assert left[2] == pytest.approx(right[2], rel=1e-5)


@pytest.mark.parametrize("loss", LOSSES)
def test_the_step_is_the_gradient_of_the_loss(loss):
    """A tiny step lowers the loss of the text by rate * |gradient|**2, rows and outputs together."""
    arrays = task(3, loss=loss) | {"order": np.array([0])}
    text = int(np.argmax(arrays["sizes"] > 0))
    arrays["order"][0] = text
    arrays["counts"][:] = 1
    arrays["sizes"] = np.diff(arrays["offsets"]).astype(np.int32)
    settings = {"first_moving": 0, "first_shared": ROWS, "rate_fall": 0.0}
    rate = 1e-3
    vectors, output, before = trained(reference, arrays, loss, rate=rate, **settings)
    moved = np.square(vectors - arrays["vectors"]).sum() + np.square(output - arrays["output"]).sum()
    after = trained(reference, arrays | {"vectors": vectors, "output": output}, loss, rate=0.0, **settings)[2]
    assert moved > 0
    assert before - after == pytest.approx(moved / rate, rel=0.05)


@pytest.mark.parametrize("module", [reference, cpu], ids=["reference", "cpu"])
def test_shared_rows_move_as_rows_of_their_own_would(module):
    """Three rows of one text alone stay equal: one row with count 3 that moves once is the same."""
    arrays = task(0)
    own = {
        "vectors": np.zeros((4, STRIDE), np.float32), "rows": np.array([0, 1, 2, 3], np.int32),
        "counts": np.ones(4, np.float32), "offsets": np.array([0, 4]), "sizes": np.array([4], np.int32),
        "labels": np.array([2], np.int32), "label_offsets": np.array([0, 1]), "order": np.zeros(5, np.int64),
    }  # fmt: skip
    shared = {
        "vectors": np.zeros((2, STRIDE), np.float32), "rows": np.array([0, 1], np.int32),
        "counts": np.array([1, 3], np.float32), "offsets": np.array([0, 2]),
    }  # fmt: skip
    left = trained(module, arrays | own, SOFTMAX, first_moving=0, first_shared=4)
    right = trained(module, arrays | own | shared, SOFTMAX, first_moving=0, first_shared=1)
    assert np.abs(left[0]).max() > 0.01
    for row, twin in enumerate([0, 1, 1, 1]):
        np.testing.assert_allclose(left[0][row], right[0][twin], atol=1e-6)
    np.testing.assert_allclose(left[1], right[1], atol=1e-6)


def test_frozen_rows_stay_and_one_thread_gives_the_same_bits():
    arrays = task(1)
    first, second = (trained(cpu, arrays, SOFTMAX) for _ in range(2))
    assert first[0][:3].tobytes() == arrays["vectors"][:3].tobytes()
    assert (first[0] != arrays["vectors"])[3:].any()
    assert first[0].tobytes() == second[0].tobytes()
    assert first[1].tobytes() == second[1].tobytes()


def test_averages_agree():
    arrays = task(2)
    names = ("vectors", "rows", "counts", "offsets", "sizes")
    left = reference.average_texts(*(arrays[name] for name in names))
    np.testing.assert_allclose(left, cpu.average_texts(*(arrays[name] for name in names)), atol=1e-6)
    assert not left[arrays["sizes"] == 0].any()


def test_two_threads_learn_what_one_learns():
    arrays = task(5)
    arrays["labels"] = (
        arrays["rows"][np.minimum(arrays["offsets"][:-1], len(arrays["rows"]) - 1)] % LABELS
    ).astype(np.int32)
    shared = {name: array.copy() for name, array in arrays.items()}
    options = {
        "loss": SOFTMAX,
        "first_moving": 0,
        "first_shared": ROWS,
        "rate": 0.5,
        "rate_fall": 0.0,
        "seed": 1,
    }

    def work(half: np.ndarray) -> float:
        return cpu.train_texts_(**(shared | {"order": half}), **options)

    with ThreadPoolExecutor(2) as pool:
        losses = [sum(pool.map(work, np.array_split(shared["order"], 2))) for _ in range(60)]
    assert losses[-1] < losses[0] / 4
