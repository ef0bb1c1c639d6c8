"""Every token in its place, every sentence once."""

from __future__ import annotations

import numpy as np

from rowspace.tasks.tagging.batches import MOST_TOKENS, TOKENS_AT_ONCE, Encoded, pieces_of
from rowspace.tasks.tagging.columns import Sentence
from rowspace.tasks.tagging.lexicon import Lexicon

RNG = np.random.default_rng(0)
TEXTS = [[f"w{word}" for word in RNG.integers(0, 9, size)] for size in RNG.integers(1, 8, 30)]
LEXICON = Lexicon.of([Sentence(tuple(text), ("O",) * len(text)) for text in TEXTS])
TAGS = [[int(token[1]) for token in text] for text in TEXTS]
ENCODED = Encoded.of(TEXTS, LEXICON, TAGS)


def told(batch):
    """The words of each sentence, from the batch alone."""
    keys, words = LEXICON.own.keys, [[] for _ in range(len(batch.steps.lengths))]
    for sentence, row in zip(batch.steps.sentence_of.tolist(), batch.own.tolist(), strict=True):
        words[sentence].append(keys[row])
    return words


def test_a_batch_holds_its_sentences():
    chosen = np.argsort(-ENCODED.lengths, kind="stable")[3:9]
    batch = ENCODED.batch(chosen)
    words = told(batch)
    assert words == [TEXTS[each] for each in chosen]
    tags = batch.tags[batch.steps.sentence_of == 2]
    assert tags.tolist() == TAGS[chosen[2]]
    starts, middle = batch.spelling.starts, []
    for form in batch.form_of.tolist():  # each word is <w>, w, its number, </w>
        stretches = batch.spelling.stretches[batch.spelling.ids[starts[form] : starts[form + 1]]]
        middle.append(LEXICON.characters.keys[int(stretches[2, 1])])
    assert middle == [str(tag) for tag in batch.tags.tolist()]


def test_shuffled_batches_hold_every_sentence_once():
    def drawn(seed):
        return [each.tolist() for each in ENCODED.shuffled(4, np.random.default_rng(seed))]

    groups = drawn(1)
    assert max(map(len, groups)) == 4
    assert sorted(each for group in groups for each in group) == list(range(len(TEXTS)))
    for group in groups:
        lengths = [len(TEXTS[each]) for each in group]
        assert lengths == sorted(lengths, reverse=True)
    assert groups == drawn(1) != drawn(2)


def test_batches_in_order_say_whose_they_are():
    texts = [["a"] * size for size in (3, MOST_TOKENS, 1)] + [["b"] * 40] * (TOKENS_AT_ONCE // 40)
    lexicon = Lexicon.of([Sentence(("a", "b"), ("O", "O"))])
    met = []
    for chosen, batch in Encoded.of(texts, lexicon).in_order():
        assert len(batch.own) <= TOKENS_AT_ONCE
        assert batch.steps.lengths.tolist() == [len(texts[each]) for each in chosen]
        met += chosen.tolist()
    assert sorted(met) == list(range(len(texts)))


def test_pieces_are_the_sentence():
    tokens = [str(number) for number in range(2 * MOST_TOKENS + 3)]
    pieces = pieces_of(tokens)
    assert [len(piece) for piece in pieces] == [MOST_TOKENS, MOST_TOKENS, 3]
    assert [token for piece in pieces for token in piece] == tokens
    assert pieces_of([]) == []
