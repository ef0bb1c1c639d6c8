"""GenerationModel: what a TextGenerator has learned; it goes on with texts, is scored, saved and loaded."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar, final

import numpy as np

from rowspace.arrays import RowIds
from rowspace.errors import CorpusError, FormatError, RecipeError, ShapeError
from rowspace.table import Table
from rowspace.tasks.generation.continuing import go_on
from rowspace.tasks.generation.conversation import Conversation
from rowspace.tasks.generation.cursor import Cursor
from rowspace.tasks.generation.encoding import END_KEY, UNKNOWN_KEY, Rules, encode, ids_of
from rowspace.tasks.generation.network import LanguageNetwork, Sizes
from rowspace.tasks.generation.report import LanguageReport
from rowspace.tasks.generation.sampling import Sampling
from rowspace.tasks.generation.scoring import log_likelihoods
from rowspace.tasks.networks import (
    load_state_,
    own_settings,
    put_words,
    state_arrays,
    tensor_files,
    words_of,
)
from rowspace.training.ranges import check_integer
from rowspace.vocabulary import Words

Prefixes = TypeVar("Prefixes", str, Sequence[str])  # what is asked is answered in kind

FORMAT = "rowspace-text-generator"
SEED = 1
TEXTS_AT_ONCE = 64


@final
class GenerationModel:
    """A fitted language model. `facts` are JSON: the recipe, the losses, scores on validation text.

    Texts are cut into words as in training; the answers are words with a blank between two. The unknown word
    is never generated. All draws follow from `seed`, and those for a text do not depend on other texts.

    >>> from rowspace.tasks.generation import TextGenerator
    >>> small = TextGenerator(dim=8, hidden=8, batch=2, length=4, epochs=9, learning_rate=0.03)
    >>> model = small.fit(["sun and moon", "day and night"] * 20, threads=1)
    >>> model.predict(["sun", "day and"], temperature=0, length=1)
    ['and', 'night']
    >>> model.suggest("sun and", k=1)[0][0]
    'moon'
    """

    def __init__(self, words: Words, *, rules: Rules, sizes: Sizes, facts: Mapping[str, Any]) -> None:
        """A model whose network has learned nothing yet; TextGenerator.fit and `load` make trained ones."""
        self.words, self.rules, self.sizes, self.facts = words, rules, sizes, dict(facts)
        self.end = words.find(END_KEY)
        self.network = LanguageNetwork(words, sizes).eval()

    def predict(
        self,
        prefix: Prefixes,
        *,
        length: int = 30,
        temperature: float = 1.0,
        top_k: int = 0,
        top_p: float = 1.0,
        repetition: float = 1.0,
        seed: int = SEED,
    ) -> Prefixes:
        """What follows a prefix, or each of a list: at most `length` words, up to the end of the sentence.

        Args:
            prefix: The beginning of a sentence; "" for a new one. Of many texts each is one prefix.
            length: The most words to generate.
            temperature: Below 1 likely words become likelier; 0 always takes the likeliest.
            top_k: Draw from so many of the likeliest words alone; 0: from all.
            top_p: Draw from the likeliest words that together have this chance.
            repetition: Above 1 a word that the text already holds becomes less likely.
            seed: Of the draws.

        Raises RecipeError for a value out of range, and ShapeError for a prefix that is no text.
        """
        sampling = Sampling(temperature, top_k, top_p, repetition)
        check_integer("length", length, 0)
        if isinstance(prefix, str):
            return self._following([prefix], sampling, length, seed)[0]
        texts = list(prefix)
        if not all(isinstance(text, str) for text in texts):
            raise ShapeError(
                "a prefix must be a str, or all of a list of them, but some are not; convert them"
            )
        found: list[str] = []
        for first in range(0, len(texts), TEXTS_AT_ONCE):
            found += self._following(texts[first : first + TEXTS_AT_ONCE], sampling, length, seed)
        return found

    def complete(self, prefix: Prefixes, **options: Any) -> Prefixes:
        """Each prefix with what follows it; `options` are those of `predict`."""
        if isinstance(prefix, str):
            return f"{prefix} {self.predict(prefix, **options)}".strip()
        found = self.predict(prefix, **options)
        return [f"{each} {following}".strip() for each, following in zip(prefix, found, strict=True)]

    def suggest(self, prefix: str, k: int = 5) -> list[tuple[str, float]]:
        """The `k` likeliest next words and their chances, the likeliest first.

        The end of the sentence, "</s>", may be among them; the unknown word is not, so that chances add up
        to less than one.
        """
        check_integer("k", k, 1)
        chances = np.exp(Cursor(self.network, [self._ids(prefix)]).log_chances()[0])
        order = np.argsort(-chances, kind="stable")
        best = order[order != self.words.unknown_row][:k].tolist()
        return [(self.words.keys[row], float(chances[row])) for row in best]

    def converse(
        self,
        *,
        length: int = 30,
        temperature: float = 1.0,
        top_k: int = 0,
        top_p: float = 1.0,
        repetition: float = 1.0,
        seed: int = SEED,
    ) -> Conversation:
        """A conversation: each line that it is told is answered by the sentence expected after it.

        The arguments are those of `predict`, for each answer.
        """
        check_integer("length", length, 0)
        return Conversation(
            self.network,
            read=lambda text: ids_of(self.rules.words_of(text), self.words),
            write=self._text,
            end=self.end,
            never=self.words.unknown_row,
            length=length,
            sampling=Sampling(temperature, top_k, top_p, repetition),
            seed=seed,
        )

    def evaluate(self, text: Any) -> LanguageReport:
        """Score the model on a text: whatever open_corpus takes. Ends and unknown words count too.

        Raises CorpusError for a text without words.
        """
        with self.rules.scan(text) as scan:
            ids = encode(scan, self.words)
            sentences = scan.num_documents
        if not len(ids):
            raise CorpusError("a text must hold words to be scored, but this one has none; check the path")
        loss = -float(log_likelihoods(self.network, ids, self.end).mean())
        unknown = int((ids == self.words.unknown_row).sum())
        return LanguageReport(loss, tokens=len(ids), sentences=sentences, unknown=unknown)

    def to_table(self) -> Table:
        """The rows of the words that were learned, those that are read."""
        return self.network.rows.to_table()

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the model to one safetensors file, wholly or not at all. Raises FileAccessError."""
        arrays = state_arrays(self.network)
        put_words(arrays, "vocabulary", self.words)
        described = {"sizes": asdict(self.sizes), "rules": asdict(self.rules), "facts": self.facts}
        return tensor_files.write(Path(path), FORMAT, arrays, {"model": json.dumps(described)})

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> GenerationModel:
        """Read a saved model. Raises FileAccessError, and FormatError for a damaged or another file."""
        arrays, metadata = tensor_files.read(Path(path), FORMAT)
        try:
            described = json.loads(metadata["model"])
            words = words_of(arrays, "vocabulary", unknown_key=UNKNOWN_KEY)
            if words is None:
                raise KeyError("vocabulary")
            rules, sizes = Rules(**described["rules"]), Sizes(**described["sizes"])
            with own_settings(None):  # the network's first values are drawn, and then written over
                model = cls(words, rules=rules, sizes=sizes, facts=described["facts"])
            load_state_(model.network, arrays)
        except (KeyError, TypeError, ValueError, RuntimeError, RecipeError) as error:
            raise FormatError(
                Path(path), 8, f"the file contradicts itself: {error}; save it again"
            ) from error
        return model

    def _following(self, texts: Sequence[str], sampling: Sampling, length: int, seed: int) -> list[str]:
        ids = [self._ids(text) for text in texts]
        found = go_on(
            Cursor(self.network, ids), ids, sampling, length=length, end=self.end,
            never=[self.words.unknown_row], rngs=[np.random.default_rng(seed) for _ in texts],
        )  # fmt: skip
        return [self._text(each) for each in found]

    def _ids(self, text: str) -> RowIds:
        """The ids of a text behind the end of a sentence before it."""
        if not isinstance(text, str):
            raise ShapeError(f"a prefix must be a str, but is a {type(text).__name__}; convert it")
        return np.concatenate([[self.end], ids_of(self.rules.words_of(text), self.words)])

    def _text(self, ids: list[int]) -> str:
        return " ".join(self.words.keys[row] for row in ids)
