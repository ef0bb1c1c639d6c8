"""Unknown values, the rows that stand for them, and the report."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from rowspace.arrays import PackedKeys
from rowspace.errors import RecipeError
from rowspace.kernels.reference.hash_index import hash_key
from rowspace.nn.embedding import Embedding
from rowspace.nn.unknown import Unknown, UnknownReport, hash_keys, num_own_rows, unknown_row_of
from rowspace.vocabulary import Floret, NGrams, Subwords, Words

KEYS = ["<pad>", "a", "b", "<unk>", "c", "d"]
COUNTS = np.array([0, 9, 5, 7, 2, 1])
WORDS = Words.from_keys(KEYS, counts=COUNTS, unknown_key="<unk>")


def test_settings_out_of_range_are_refused():
    for options, told in [
        ({"rate": 1.5}, r"rate is a share .* is 1\.5"),
        ({"rate": -0.1}, "rate is a share"),
        ({"rarity": -1.0}, "rarity is a count and must not be negative"),
        ({"min_count": 0}, "min_count must be at least 1, but is 0"),
        ({"buckets": -1}, "buckets must not be negative, but is -1"),
        ({"row": -1}, "must not be negative, but is -1"),
        ({"row": 3, "buckets": 2}, "row=3 and buckets=2; leave one of them out"),
    ]:
        with pytest.raises(RecipeError, match=told):
            Unknown(**options)


def test_what_a_vocabulary_cannot_give_is_refused():
    plain = Words.from_keys(["a", "b"])
    with pytest.raises(RecipeError, match=r"has no unknown key; pass unknown=rnn\.Unknown\(row="):
        Unknown().placed(plain)
    for unknown in (Unknown(row=0, min_count=2), Unknown(row=0, rarity=0.25)):
        with pytest.raises(RecipeError, match="rarity and min_count need a vocabulary that knows how often"):
            unknown.placed(plain)
    for unknown in (Unknown(), Unknown(row=0, min_count=2), Unknown(row=0, rarity=1), Unknown(buckets=3)):
        with pytest.raises(RecipeError, match="without a vocabulary an unknown row is all"):
            unknown.placed(None)


def test_nothing_happens_without_a_rate_or_rare_keys():
    ids = torch.arange(6)
    for unknown in (Unknown(row=3), Unknown().placed(WORDS), Unknown(buckets=4).placed(WORDS)):
        assert unknown.replace(ids, training=True) is ids


def test_a_share_is_replaced_in_training_but_never_the_padding():
    unknown = Unknown(rate=0.3).placed(WORDS, padding_row=0)
    ids = torch.arange(6).repeat(5_000).reshape(5_000, 6)
    replaced = unknown.replace(ids, training=True, generator=torch.Generator().manual_seed(1))
    changed = replaced != ids
    assert changed[:, [0, 3]].sum() == 0
    assert (replaced[changed] == 3).all()
    shares = changed[:, [1, 2, 4, 5]].double().mean(0)
    assert ((shares - 0.3).abs() < 0.03).all()
    assert unknown.replace(ids, training=False) is ids


def test_randomness_is_the_generators_or_torchs():
    unknown, ids = Unknown(row=0, rate=0.5), torch.arange(1, 200)
    draws = [unknown.replace(ids, True, generator=torch.Generator().manual_seed(seed)) for seed in (1, 1, 2)]
    assert torch.equal(draws[0], draws[1])
    assert not torch.equal(draws[0], draws[2])
    torch.manual_seed(5)
    first = unknown.replace(ids, True)
    torch.manual_seed(5)
    assert torch.equal(first, unknown.replace(ids, True))


def test_the_rarer_a_key_the_more_often_it_is_replaced():
    unknown = Unknown(rarity=2.0, rate=0.1).placed(WORDS, padding_row=0)
    ids = torch.arange(6).repeat(20_000).reshape(20_000, 6)
    replaced = unknown.replace(ids, training=True, generator=torch.Generator().manual_seed(1))
    shares = (replaced != ids).double().mean(0)
    by_rarity = 2 / (2 + torch.from_numpy(COUNTS))
    wanted = 0.1 + 0.9 * by_rarity
    wanted[[0, 3]] = 0
    assert ((shares - wanted).abs() < 0.015).all()
    assert unknown.replace(ids, training=False) is ids


def test_keys_that_nobody_met_are_replaced_in_training_and_stand_for_themselves_after_it():
    words = Words.from_keys(["a", "never"], counts=np.array([9, 0]), unknown_key="a")
    unknown = Unknown(rarity=0.25).placed(words)
    assert unknown.replace(torch.tensor([1] * 50), training=True).tolist() == [0] * 50
    assert unknown.replace(torch.tensor([1]), training=False).tolist() == [1]


def test_rare_keys_are_unknown_for_good():
    unknown = Unknown(min_count=3).placed(WORDS, padding_row=0)
    for training in (True, False):
        assert unknown.replace(torch.arange(6), training).tolist() == [0, 1, 2, 3, 3, 3]
    report = UnknownReport()
    unknown.replace(torch.tensor([[4, 1], [5, 5]]), False, report)
    assert (report.replaced, report.unknown) == (3, 0)


def test_buckets_are_chosen_by_the_hash_of_the_key():
    unknown = Unknown(buckets=4, rate=1.0).placed(WORDS, padding_row=0)
    wanted = [0, *(6 + hash_key(key.encode()) % 4 for key in KEYS[1:])]
    assert unknown.row == 6
    assert unknown.replace(torch.arange(6), training=True).tolist() == wanted
    assert unknown.buckets_of(PackedKeys.from_strings(KEYS[1:])).tolist() == wanted[1:]
    assert unknown.replace(torch.arange(6, 10), training=True).tolist() == [6, 7, 8, 9]


def test_rare_keys_have_buckets_too():
    unknown = Unknown(buckets=4, min_count=3).placed(WORDS, padding_row=0)
    ids = unknown.replace(torch.arange(6), training=False)
    assert ids[:4].tolist() == [0, 1, 2, 3]
    assert ids[4:].tolist() == unknown.buckets_of(PackedKeys.from_strings(["c", "d"])).tolist()


def test_rows_of_parts_are_never_replaced():
    vocabulary = Subwords(WORDS, NGrams(3, 3, 20))
    for unknown in (Unknown(rate=1.0), Unknown(buckets=2, rate=1.0), Unknown(min_count=10)):
        ids = torch.arange(vocabulary.num_rows)
        replaced = unknown.placed(vocabulary).replace(ids, training=True)
        assert torch.equal(replaced[6:], ids[6:])
        assert not torch.equal(replaced[:6], ids[:6])


def test_placing_again_adds_what_became_known():
    once = Unknown(rate=1.0, buckets=3, min_count=3).placed(WORDS)
    again = once.placed(WORDS, padding_row=1)
    assert (again.row, again.replace(torch.tensor([1]), training=True).tolist()) == (6, [1])


def test_the_hash_of_many_keys_is_that_of_each():
    keys = ["", "a", "ö", "long key " * 9, "\udcff", "a", "zz"]
    wanted = [hash_key(key.encode("utf-8", "surrogateescape")) for key in keys]
    assert hash_keys(PackedKeys.from_strings(keys)).tolist() == wanted
    assert len(hash_keys(PackedKeys.from_strings([]))) == 0


def test_own_rows_and_the_unknown_row_of_vocabularies():
    assert (num_own_rows(WORDS), unknown_row_of(WORDS)) == (6, 3)
    assert unknown_row_of(Words.from_keys(["a"])) == -1
    subwords = Subwords(WORDS, NGrams(3, 3, 20))
    assert (num_own_rows(subwords), unknown_row_of(subwords)) == (6, 3)
    shared = Subwords(WORDS, Floret(3, 3, 20, 1))
    assert (num_own_rows(shared), unknown_row_of(shared)) == (0, -1)


def test_an_unknown_is_copied_and_pickled_with_a_layer():
    unknown = Unknown(min_count=3, buckets=2).placed(WORDS)
    for twin in (copy.deepcopy(unknown), pickle.loads(pickle.dumps(unknown))):
        assert torch.equal(twin.replace(torch.arange(6), False), unknown.replace(torch.arange(6), False))


@pytest.mark.unchecked  # the compiler cannot see into the checks
def test_the_compiler_follows_replacement():
    unknown = Unknown(min_count=3, rate=0.0).placed(WORDS)
    compiled = torch.compile(lambda ids: unknown.replace(ids, True), fullgraph=True, backend="eager")
    assert compiled(torch.arange(6)).tolist() == [3, 1, 2, 3, 3, 3]


# The report.


def test_a_report_adds_up_and_starts_again():
    report = UnknownReport()
    assert (report.rate, report.most_frequent()) == (0.0, [])
    report.add_lookups(10)
    report.add_unknown(torch.tensor([True, False, True]))
    report.add_unknown_keys(["x", "y", "x"])
    report.add_replaced(torch.tensor([[True], [False]]))
    assert (report.lookups, report.unknown, report.replaced, report.rate) == (10, 5, 1, 0.5)
    assert repr(report) == "UnknownReport(lookups=10, unknown=5, replaced=1, rate=0.5)"
    report.reset()
    assert (report.lookups, report.unknown, report.replaced, report.most_frequent()) == (0, 0, 0, [])


def test_a_report_remembers_the_frequent_keys_in_bounded_memory():
    report = UnknownReport()
    for step in range(30):
        report.add_unknown_keys([f"rare {step} {place}" for place in range(1_000)] + ["often"] * 3)
    assert len(report._keys) <= 10_000
    assert report.most_frequent(1) == [("often", 90)]
    assert report.unknown == 30 * 1_003


@pytest.mark.gpu
def test_a_report_adds_up_on_a_device():
    if not torch.cuda.is_available():
        pytest.skip("needs a CUDA device")
    report = UnknownReport()
    with torch.inference_mode():
        report.add_unknown(torch.ones(3, dtype=torch.bool, device="cuda"))
    report.add_unknown(torch.tensor([True, False], device="cuda"))
    report.add_unknown(torch.tensor([True, False]))
    assert report.unknown == 5


def test_what_is_only_recorded_is_not_counted():
    report = UnknownReport()
    torch.vmap(lambda row: report.add_unknown(row) or row)(torch.ones(2, 3, dtype=torch.bool))
    report.add_unknown(torch.ones(3, dtype=torch.bool, device="meta"))
    assert report.unknown == 0


# Inside the layer.


def test_a_layer_reports_what_it_did_not_know():
    layer = Embedding.from_vocabulary(WORDS, 4, unknown=Unknown(rate=0.5))
    layer.eval()
    layer([["a", "x"], ["x", "b"]])
    layer(torch.tensor([1, 99, 2, -5]))
    report = layer.unknown_report()
    assert (report.lookups, report.unknown, report.replaced) == (8, 4, 0)
    assert report.most_frequent() == [("x", 2)]
    layer.train()
    torch.manual_seed(0)
    layer(["a"] * 100)
    assert 30 < report.replaced < 70


def test_the_unknown_row_learns_only_by_a_rate():
    for rate in (0.0, 0.5):
        torch.manual_seed(1)
        layer = Embedding.from_vocabulary(WORDS, 4, unknown=Unknown(rate=rate), padding_idx=0)
        layer([["a", "b"], ["c", "<pad>"]] * 20).sum().backward()
        gradient = layer.weight.grad
        assert bool(gradient[3].any()) is (rate > 0)
        assert not gradient[0].any()


def test_buckets_are_rows_of_the_layer_that_learn():
    layer = Embedding.from_vocabulary(WORDS, 4, unknown=Unknown(buckets=3, rate=0.5))
    assert layer.weight.shape == (9, 4)
    torch.manual_seed(0)
    layer(["a", "b", "c", "d"] * 50).sum().backward()
    hit = set(layer.inputs.unknown.stand_ins(torch.tensor([1, 2, 4, 5])).tolist())
    assert {row for row in range(6, 9) if layer.weight.grad[row].any()} == hit
    layer.eval()
    bucket = layer.inputs.unknown.buckets_of(PackedKeys.from_strings(["zzz"]))[0]
    assert torch.equal(layer("zzz"), layer.weight[bucket])
    assert torch.equal(layer(torch.tensor([10])), layer.weight[[6 + 10 % 3]])
    assert layer.to_table().shape == (6, 4)


class Tagger(torch.nn.Module):
    """Is the middle one of three words part of a name?"""

    def __init__(self, words: Embedding) -> None:
        super().__init__()
        self.words = words
        self.judge = torch.nn.Linear(3 * words.embedding_dim, 1)

    def forward(self, windows: torch.Tensor) -> torch.Tensor:
        return self.judge(self.words(windows).flatten(1)).squeeze(1)

    def fit(self, windows: torch.Tensor, names: torch.Tensor, epochs: int) -> None:
        optimizer = torch.optim.Adam(self.parameters(), lr=0.01)
        for _ in range(epochs):
            for batch in torch.randperm(len(names)).split(512):
                optimizer.zero_grad()
                F.binary_cross_entropy_with_logits(self(windows[batch]), names[batch]).backward()
                optimizer.step()


def read_windows(path: Path, limit: int) -> tuple[list[str], torch.Tensor]:
    """Three keys a word, its own in the middle, and whether it is part of a name."""
    keys, names = [], []
    for sentence in path.read_text(encoding="utf-8").split("\n\n", limit // 5)[:-1]:
        words, tags = zip(*(line.split("\t") for line in sentence.splitlines()), strict=True)
        padded = ["</s>", *(word.removeprefix("en:").lower() for word in words), "</s>"]
        for place, tag in enumerate(tags):
            keys += padded[place : place + 3]
            names.append(float(tag != "O"))
    return keys[: 3 * limit], torch.tensor(names[:limit])


@pytest.mark.data
def test_the_trained_row_beats_a_random_one_and_a_zero_one_on_unseen_words(data_dir):
    """Unseen words are mostly names, which a row can only know that learned in the place of rare words."""
    folder = data_dir / "tagging" / "wikiann-en"
    keys, names = read_windows(folder / "dev.conll", 20_000)
    seen, counts = np.unique(keys[1::3], return_counts=True)
    vocabulary = Words.from_keys([*seen.tolist(), "</s>"], counts=np.append(counts, len(names)))
    torch.manual_seed(1)
    tagger = Tagger(Embedding.from_vocabulary(vocabulary, 16, unknown=Unknown(rarity=0.25)))
    tagger.fit(torch.from_numpy(vocabulary.find_all(keys)).reshape(-1, 3), names, epochs=2)
    tagger.eval()

    keys, names = read_windows(folder / "test.conll", 20_000)
    windows = torch.from_numpy(vocabulary.find_all(keys)).reshape(-1, 3)  # -1 for a word that is unknown
    windows, names = windows[windows[:, 1] < 0], names[windows[:, 1] < 0]
    assert len(windows) > 4_000
    row = tagger.words.inputs.unknown.row
    trained = tagger.words.weight[row].detach().clone()

    @torch.no_grad()
    def loss(vector: torch.Tensor) -> float:
        tagger.words.weight[row] = vector
        return F.binary_cross_entropy_with_logits(tagger(windows), names).item()

    spread = tagger.words.weight.detach().std()
    random = [loss(torch.randn(16) * spread) for _ in range(20)]
    assert loss(trained) < 0.97 * loss(torch.zeros(16))
    assert loss(trained) < 0.9 * np.mean(random)
