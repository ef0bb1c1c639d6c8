"""Phrases: learned, applied in trainers, kept on disk."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rowspace.corpus import Corpus, open_corpus
from rowspace.corpus.phrases import ENGLISH_CONNECTORS, Phrases, learn_phrases
from rowspace.errors import CorpusError, FileAccessError, FormatError, RecipeError
from rowspace.training import Word2Vec

_RNG = np.random.default_rng(8)
FILLERS = [f"w{number}" for number in range(30)]


def text() -> list[list[str]]:
    """Random words; "new york" and "bank of america" always together; "new york city" often."""
    documents = []
    for _ in range(200):
        document = _RNG.choice(FILLERS, 12).tolist()
        document[3:5] = ["new", "york"]
        document[5:5] = ["city"] * int(_RNG.random() < 0.7)
        document[9:12] = ["bank", "of", "america"]
        documents.append(document)
    return documents


TEXT = text()


def test_what_always_stands_together_is_found() -> None:
    phrases = learn_phrases(TEXT, threshold=2, connectors=ENGLISH_CONNECTORS)
    assert list(phrases.scores)[:2] == ["bank_of_america", "new_york"] or list(phrases.scores)[:2] == [
        "new_york",
        "bank_of_america",
    ]
    assert phrases.join(["in", "new", "york", "of"]) == ["in", "new_york", "of"]
    assert len(phrases) == len(phrases.scores)


def test_a_second_pass_joins_longer_phrases() -> None:
    phrases = learn_phrases(TEXT, threshold=1, passes=2)
    assert len(phrases.passes) == 2
    assert phrases.join(["new", "york", "city"]) == ["new_york_city"]


def test_the_corpus_is_one_like_any_other() -> None:
    phrases = learn_phrases(TEXT, threshold=2, connectors=["of"], passes=2)
    corpus = phrases.apply(TEXT)
    assert isinstance(corpus, Corpus) and open_corpus(corpus) is corpus
    documents = [phrases.join(document) for document in TEXT]
    assert list(corpus) == documents == list(corpus)
    assert [each for part in range(3) for each in corpus.shard(part, 3)] != []
    with corpus.scan(threads=2) as scan:
        counts = dict(zip(scan.keys, scan.counts.tolist(), strict=True))
    assert counts == {key: sum(document.count(key) for document in documents) for key in counts}
    assert "new" not in counts and scan.num_tokens == sum(map(len, documents))


def test_shards_together_are_the_whole() -> None:
    corpus = learn_phrases(TEXT, threshold=2).apply(TEXT)
    shards = sorted(map(tuple, (document for part in range(3) for document in corpus.shard(part, 3))))
    assert shards == sorted(map(tuple, corpus))
    total = 0
    for part in range(3):
        with corpus.shard(part, 3).scan() as scan:
            total += scan.num_tokens
    assert total == sum(map(len, corpus))


def test_a_trainer_learns_on_phrases() -> None:
    corpus = learn_phrases(TEXT, threshold=2).apply(TEXT)
    table = Word2Vec(dim=4, min_count=1, epochs=1).fit(corpus, threads=1)
    assert "new_york" in table and "new" not in table


@pytest.mark.parametrize("threads", [1, 2])
def test_threads_change_nothing(threads: int) -> None:
    wanted = learn_phrases(TEXT, threshold=1, passes=2, connectors=["of"])
    found = learn_phrases(TEXT, threshold=1, passes=2, connectors=["of"], threads=threads)
    assert [list(step.items()) for step in found.passes] == [list(step.items()) for step in wanted.passes]


TOKENS = st.text(min_size=1, max_size=5)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.dictionaries(st.tuples(TOKENS, TOKENS), st.floats(allow_nan=False)), max_size=3), TOKENS)
def test_any_phrases_come_back_from_a_file(tmp_path_factory, passes, delimiter) -> None:
    path = tmp_path_factory.mktemp("phrases") / "phrases.json"
    Phrases(tuple(passes), delimiter).save(path)
    loaded = Phrases.load(path)
    assert list(loaded.passes) == passes and loaded.delimiter == delimiter


def test_bytes_that_are_no_utf8_and_connectors_come_back_too(tmp_path: Path) -> None:
    phrases = Phrases(({("\udcff", "of", "b"): 1.5},), "_", ("of",))
    phrases.save(tmp_path / "p")
    assert Phrases.load(tmp_path / "p").scores == {"\udcff_of_b": 1.5}
    assert Phrases.load(tmp_path / "p").connectors == ("of",)
    assert [path.name for path in tmp_path.iterdir()] == ["p"]


@pytest.mark.parametrize(
    ("phrase", "connectors", "message"),
    [
        (("alone",), (), "two tokens"),
        (("a", "b", "c"), ("of",), "'b'"),
        (("a", *["of"] * 70, "b"), ("of",), "connectors inside"),
        (("a", "b"), ("of", "of"), "distinct"),
        (("a", "b"), tuple(map(str, range(256))), "at most 255"),
    ],
)
def test_phrases_that_cannot_be_are_refused(tmp_path: Path, phrase, connectors, message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        Phrases(({phrase: 1.0},), "_", connectors)
    content = {"format": "rowspace phrases", "version": 1, "delimiter": "_", "connectors": connectors}
    (tmp_path / "p").write_text(json.dumps(content | {"passes": [[[phrase, 1.0]]]}))
    with pytest.raises(FormatError, match=message):
        Phrases.load(tmp_path / "p")


def test_a_file_cut_anywhere_is_refused(tmp_path: Path) -> None:
    Phrases(({("new", "of", "york"): 1.5},), "_", ("of",)).save(tmp_path / "p")
    content = (tmp_path / "p").read_bytes()
    for end in range(len(content)):
        (tmp_path / "cut").write_bytes(content[:end])
        with pytest.raises(FormatError, match="cut: byte"):
            Phrases.load(tmp_path / "cut")


@pytest.mark.parametrize(
    "change",
    [
        {"format": "other"},
        {"version": 2},
        {"delimiter": 3},
        {"connectors": None},
        {"connectors": ["of", "of"]},
        {"passes": 5},
        {"passes": [[[["a"], 1.0]]]},
        {"passes": [[[["a", 1], 1.0]]]},
        {"passes": [[[["a", "no connector", "b"], 1.0]]]},
        {"passes": [[[["a", "b"], None]]]},
        {"passes": [[[[["a"], "b"], 1.0]]]},
    ],
)
def test_a_lying_file_is_refused(tmp_path: Path, change: dict[str, object]) -> None:
    Phrases(({("new", "york"): 1.5},)).save(tmp_path / "p")
    content = json.loads((tmp_path / "p").read_text()) | change
    (tmp_path / "p").write_text(json.dumps(content))
    with pytest.raises(FormatError, match="p: byte 0"):
        Phrases.load(tmp_path / "p")


def test_what_is_no_json_and_no_file(tmp_path: Path) -> None:
    (tmp_path / "p").write_bytes(b"\xff\xfe")
    with pytest.raises(FormatError, match="JSON"):
        Phrases.load(tmp_path / "p")
    (tmp_path / "p").write_text("[" * 100_000)
    with pytest.raises(FormatError, match="JSON"):
        Phrases.load(tmp_path / "p")
    with pytest.raises(FileAccessError, match="missing"):
        Phrases.load(tmp_path / "missing")
    with pytest.raises(FileAccessError, match="cannot be written"):
        Phrases(()).save(tmp_path / "no folder" / "p")


@pytest.mark.unchecked
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"min_count": 0}, "at least 1"),
        ({"passes": 0}, "at least 1"),
        ({"scoring": "pmi"}, "scoring must be one of default, npmi"),
        ({"scoring": "npmi", "threshold": 1.0}, "from -1 to below 1 with npmi"),
        ({"threshold": -1.0}, "from 0 to below inf"),
        ({"threshold": float("nan")}, "threshold"),
        ({"delimiter": ""}, "delimiter"),
        ({"delimiter": " "}, "white space"),
        ({"connectors": "of"}, "must be a list of tokens"),
        ({"connectors": [str(number) for number in range(256)]}, "at most 255"),
    ],
)
def test_options_out_of_range_are_named(options: dict[str, object], message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        learn_phrases(TEXT, **options)


def test_nothing_to_learn_from(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="none"):
        learn_phrases([""])
    assert len(learn_phrases([["one"]])) == 0
    assert len(learn_phrases(["a", "b"], min_count=1)) == 0
    with pytest.raises(FileAccessError):
        learn_phrases(tmp_path / "missing.txt")
