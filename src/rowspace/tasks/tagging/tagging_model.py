"""TaggingModel: what a Tagger has learned; it tags, is scored, saved and loaded."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, final

from rowspace.errors import FormatError, RecipeError, ShapeError
from rowspace.stores import DenseStore
from rowspace.table import Table
from rowspace.tasks.networks import load_state_, put_words, state_arrays, tensor_files, words_of
from rowspace.tasks.tagging.columns import Source, read_sentences
from rowspace.tasks.tagging.decoding import find_ranges
from rowspace.tasks.tagging.lexicon import UNKNOWN, Lexicon
from rowspace.tasks.tagging.network import Sizes, TaggingNetwork
from rowspace.tasks.tagging.ranges import Range, ranges_of
from rowspace.tasks.tagging.report import TaggingReport, compare
from rowspace.tasks.tagging.schemes import WRITERS, Scheme, tags_of
from rowspace.tasks.tagging.span import Span, spans_of
from rowspace.tasks.tagging.tokens import Places, joined_places, tokenize_lines
from rowspace.vocabulary import Words

FORMAT = "rowspace-tagger"
VOCABULARIES = ("own", "given", "shapes", "characters")


@final
class TaggingModel:
    """A fitted tagger. `facts` are JSON: the recipe, the loss of each epoch, F1 on validation data."""

    def __init__(
        self,
        lexicon: Lexicon,
        labels: Sequence[str],
        *,
        sizes: Sizes,
        scheme: Scheme,
        facts: Mapping[str, Any],
    ) -> None:
        """A model whose network has learned nothing yet; Tagger.fit and `load` make trained ones."""
        self.lexicon, self.labels, self.sizes = lexicon, tuple(labels), sizes
        self.scheme, self.facts = scheme, dict(facts)
        self.tags = tags_of(self.labels)
        self.network = TaggingNetwork(lexicon, self.tags, sizes).eval()

    def predict(self, texts: Iterable[str | Sequence[str]]) -> list[list[Span]]:
        """The spans of each text: a str, which `tokens.tokenize` cuts into tokens, or a sequence of tokens.

        Characters of a sequence of tokens count as if one blank stood between two. An empty text has no
        spans. Each line of a str is a sentence; one of more than 256 tokens is tagged in pieces.

        Raises ShapeError for a single str.
        """
        if isinstance(texts, str):
            raise ShapeError(
                f"texts must be a list of texts, but is the single str {texts[:40]!r}; write [it]"
            )
        cut = [_lines(text) for text in texts]
        following = iter(self.find_ranges([tokens for _, lines in cut for tokens, _ in lines]))
        return [_spans(text, lines, [next(following) for _ in lines]) for text, lines in cut]

    def tag(self, sentences: Iterable[Sequence[str]]) -> list[list[str]]:
        """A tag for each token of each sentence, in the scheme of the training data (BIO or BIOES)."""
        listed = [list(tokens) for tokens in sentences]
        writer = WRITERS[self.scheme]
        return [
            writer(ranges, len(tokens))
            for ranges, tokens in zip(self.find_ranges(listed), listed, strict=True)
        ]

    def find_ranges(self, sentences: Sequence[Sequence[str]]) -> list[list[Range]]:
        """The label, first token and one past the last of each span, for each sentence."""
        return find_ranges(self.network, self.lexicon, self.tags, sentences)

    def evaluate(self, data: Source) -> TaggingReport:
        """Precision, recall and F1 over the spans of tagged sentences: a file in columns, or pairs.

        Labels that training never met count as missed, and the report names them. Raises CorpusError.
        """
        sentences = read_sentences(data)
        found = self.find_ranges([sentence.tokens for sentence in sentences])
        wanted = [ranges_of(sentence.tags) for sentence in sentences]
        tokens = sum(len(sentence.tokens) for sentence in sentences)
        return compare(wanted, found, self.labels, tokens=tokens)

    def to_table(self) -> Table:
        """The word rows that were learned; where given rows were only used as they are, those.

        Raises RecipeError for a model without word rows.
        """
        if self.network.own is not None:
            return self.network.own.to_table()
        if self.network.given is None or self.lexicon.given is None:
            raise RecipeError("a table needs word rows, but dim is 0 and no table was given; set dim")
        return Table(self.lexicon.given, DenseStore(self.network.given.weight.detach().numpy().copy()))

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the model to one safetensors file, wholly or not at all. Raises FileAccessError."""
        arrays = state_arrays(self.network)
        for name in VOCABULARIES:
            words: Words | None = getattr(self.lexicon, name)
            if words is not None:
                put_words(arrays, name, words)
        described = {
            "labels": self.labels, "scheme": self.scheme, "sizes": asdict(self.sizes), "facts": self.facts
        }  # fmt: skip
        return tensor_files.write(Path(path), FORMAT, arrays, {"model": json.dumps(described)})

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> TaggingModel:
        """Read a saved model. Raises FileAccessError, and FormatError for a damaged or another file."""
        arrays, metadata = tensor_files.read(Path(path), FORMAT)
        try:
            described = json.loads(metadata["model"])
            words: dict[str, Any] = {
                name: words_of(arrays, name, unknown_key=None if name == "given" else UNKNOWN)
                for name in VOCABULARIES
            }
            lexicon = Lexicon(**words)
            model = cls(
                lexicon, described["labels"], sizes=Sizes(**described["sizes"]), scheme=described["scheme"],
                facts=described["facts"],
            )  # fmt: skip
            load_state_(model.network, arrays)
        except (KeyError, TypeError, ValueError, RuntimeError, RecipeError) as error:
            raise FormatError(
                Path(path), 8, f"the file contradicts itself: {error}; save it again"
            ) from error
        return model


Lines = list[tuple[Sequence[str], Places]]


def _lines(text: str | Sequence[str]) -> tuple[str, Lines]:
    """A text, and its lines as tokens with their places; tokens are a line."""
    if isinstance(text, str):
        return text, [*tokenize_lines(text)]
    return " ".join(text), [(text, joined_places(text))]


def _spans(text: str, lines: Lines, found: Sequence[Sequence[Range]]) -> list[Span]:
    """The spans of the ranges found in each line, their tokens counted from the start of the text."""
    ranges: list[Range] = []
    places: Places = []
    for (_, of_line), in_line in zip(lines, found, strict=True):
        ranges += [(label, first + len(places), stop + len(places)) for label, first, stop in in_line]
        places += of_line
    return spans_of(ranges, text, places)
