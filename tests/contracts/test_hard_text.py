"""Text that is hard on a trainer: every recipe gives finite rows or one clear error, and ends."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rowspace.corpus import open_corpus
from rowspace.errors import CorpusError, RowspaceError
from rowspace.training import PPMI, FastText, GloVe, NothingLearnedWarning, Word2Vec

SMALL = {"dim": 4, "min_count": 1, "subsample": 0.0}
WORD2VEC, FASTTEXT = Word2Vec(**SMALL, epochs=2), FastText(**SMALL, epochs=2, buckets=1_000)
RECIPES = {
    "skipgram": WORD2VEC,
    "cbow": replace(WORD2VEC, model="cbow"),
    "hierarchical": replace(WORD2VEC, loss="hierarchical"),
    "hierarchical cbow": replace(WORD2VEC, loss="hierarchical", model="cbow"),
    "fasttext": FASTTEXT,
    "floret": replace(FASTTEXT, hashes=2),
    "no n-grams": replace(FASTTEXT, max_n=0, min_n=0),
    "glove": GloVe(**SMALL, epochs=2),
    "ppmi": replace(PPMI(**SMALL), dim=1),
}
TEXTS = {
    "one word": ["word"],
    "one word again and again": ["word word word word"] * 20,
    "one-letter words": ["a b c a b", "c b a"] * 10,
    "words alone": ["one", "two", "three"] * 5,
    "a word of a megabyte": ["short " + "x" * (1 << 20) + " words beside", "a short word"] * 2,
    "blank documents between": ["", "a b a", "", "", "b a b", ""] * 5,
    "few words, much text": [
        " ".join("abcdefghijklmnop"[i * step % 16] for i in range(40)) for step in range(1, 400)
    ],
    "other alphabets": ["ни один язык", "日本 語 の 文", "é è ê \N{GRINNING FACE}", "ни 日本 é"] * 5,
}


@pytest.mark.filterwarnings("ignore::rowspace.training.NothingLearnedWarning")
@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("name", RECIPES)
def test_rows_are_finite_or_the_error_is_clear(name, text):
    try:
        table = RECIPES[name].fit(TEXTS[text], threads=2)
    except RowspaceError as error:
        assert len(str(error)) > 20
        assert name in ("glove", "ppmi"), "only counts can be nothing at all"
    else:
        assert np.isfinite(table.vectors).all()
        assert len(table) >= 1


@pytest.mark.parametrize("name", RECIPES)
def test_an_empty_shard_is_an_empty_corpus(name):
    shard = open_corpus(["the only document"]).shard(1, 2)
    with pytest.raises(CorpusError, match="a corpus must hold tokens"):
        RECIPES[name].fit(shard)


@pytest.mark.parametrize("name", ["skipgram", "fasttext", "hierarchical"])
def test_nothing_to_learn_is_said(name):
    with pytest.warns(NothingLearnedWarning):
        RECIPES[name].fit(TEXTS["words alone"])
