"""Pieces learned from the words themselves, by byte-pair merging or a unigram model: un, known, ness."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import repeat
from typing import Any, ClassVar, Literal, get_args

import numpy as np

from rowspace.arrays import PackedKeys, Rows
from rowspace.corpus import Scan
from rowspace.errors import CorpusError, MissingExtraError, RecipeError, ShapeError

Method = Literal["byte-pair", "unigram"]

UNKNOWN = "<unk>"  # stands for characters that were never seen; it is no part of a bag
LONGEST_LEARNT = 256  # bytes; what is longer is no word, and learning from it takes for ever
MOST_SAMPLES = 20_000_000  # occurrences shown to the learner, which forgets frequencies' last digits
MOST_CACHED = 1 << 18


@dataclass(frozen=True, eq=False)
class Pieces:
    """The pieces of a tokenizer of the `tokenizers` library, given as its JSON; needs the extra `subword`.

    A key is one text, spaces included. Bytes that are no UTF-8 are read as U+FFFD, and characters that
    the tokenizer does not know have no rows.
    """

    tokenizer_json: str

    kind: ClassVar[str] = "pieces"
    own_rows: ClassVar[bool] = True

    @cached_property
    def num_rows(self) -> int:
        """The number of rows: one for each piece of the tokenizer."""
        try:
            parsed = json.loads(self.tokenizer_json)
            vocabulary = parsed["model"]["vocab"]
            ids = list(vocabulary.values()) if isinstance(vocabulary, dict) else range(len(vocabulary))
            added = [token["id"] for token in parsed.get("added_tokens") or []]
            return max([*ids, *added], default=-1) + 1
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise RecipeError(f"pieces need the JSON of a tokenizer, but: {error!r}") from error

    def bags(self, keys: PackedKeys) -> Rows:
        """The row of each piece of each key, from left to right."""
        texts = [keys.bytes_at(place).decode("utf-8", "replace") for place in range(len(keys))]
        found = self._tokenizer.encode_batch_fast(texts, add_special_tokens=False)
        bags = [[row for row in text.ids if row != self._unknown_id] for text in found]
        offsets = np.zeros(len(bags) + 1, np.int64)
        np.cumsum([len(bag) for bag in bags], out=offsets[1:])
        return Rows(np.array([row for bag in bags for row in bag], np.int64), offsets)

    def tokenize(self, text: str) -> list[str]:
        """The pieces of a text that is cut at white space: for `rowspace.open_corpus(..., tokenize=)`.

        Where a piece is unknown its own characters stand for it, so that no text is lost.
        """
        return [piece for word in text.split() for piece in self._pieces_of(word)]

    def compacted(self, keys: PackedKeys) -> Pieces:
        """Itself: every piece was learned because words use it."""
        del keys
        return self

    def to_json(self) -> dict[str, Any]:
        """Nothing: the tokenizer holds it all."""
        return {}

    def arrays(self) -> dict[str, np.ndarray]:
        """The JSON of the tokenizer, as UTF-8."""
        return {"tokenizer": np.frombuffer(self.tokenizer_json.encode(), np.uint8)}

    @staticmethod
    def from_json(parameters: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> Pieces:
        """The splitter of this tokenizer; ShapeError or RecipeError where it is none."""
        del parameters
        if "tokenizer" not in arrays:
            raise ShapeError("pieces need a tokenizer, but there is none")
        try:
            pieces = Pieces(arrays["tokenizer"].tobytes().decode())
        except UnicodeDecodeError as error:
            raise RecipeError(f"a tokenizer's JSON must be UTF-8: {error}") from error
        if pieces.num_rows < 1:
            raise RecipeError("a tokenizer must have pieces, but this one has none")
        return pieces

    def _pieces_of(self, word: str) -> list[str]:
        pieces = self._cache.get(word)
        if pieces is None:
            if len(self._cache) >= MOST_CACHED:
                self._cache.clear()
            readable = word.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
            found = self._tokenizer.encode(readable, add_special_tokens=False)
            pieces = [
                readable[start:end] if row == self._unknown_id else token
                for row, token, (start, end) in zip(found.ids, found.tokens, found.offsets, strict=True)
            ]
            self._cache[word] = pieces
        return pieces

    @cached_property
    def _cache(self) -> dict[str, list[str]]:
        return {}

    @cached_property
    def _tokenizer(self) -> Any:
        try:
            return _library().Tokenizer.from_str(self.tokenizer_json)
        except MissingExtraError:
            raise
        except Exception as error:  # the library raises plain Exception
            raise RecipeError(f"the tokenizers library cannot read this tokenizer: {error}") from error

    @cached_property
    def _unknown_id(self) -> int | None:
        unknown: int | None = self._tokenizer.token_to_id(UNKNOWN)
        return unknown


def learn_pieces(scan: Scan, *, num_pieces: int = 8000, method: Method = "byte-pair") -> Pieces:
    """Learn the pieces of a corpus from its keys and their counts.

    "byte-pair" merges the most frequent pair again and again (Sennrich et al. 2016); "unigram" prunes a
    large set by likelihood (Kudo 2018), at several times the cost, and its pieces are more often true
    affixes. `num_pieces` counts the single characters and the unknown piece too. Keys of more than 256
    bytes are passed over. Raises MissingExtraError, RecipeError, and CorpusError where nothing is left.

    >>> from rowspace.corpus import open_corpus
    >>> text = "known known kind kind good good unkind undo until kindness goodness madness"
    >>> with open_corpus([text]).scan() as scan:
    ...     pieces = learn_pieces(scan, num_pieces=32)
    >>> pieces.tokenize("unknownness")
    ['un', 'known', 'ness']
    """
    if method not in get_args(Method):
        raise RecipeError(f"method must be one of {', '.join(get_args(Method))}, but is {method!r}")
    if num_pieces < 2:
        raise RecipeError(f"num_pieces must be 2 at least, a piece and the unknown, but is {num_pieces}")
    fit = np.flatnonzero((np.diff(scan.keys.offsets) <= LONGEST_LEARNT) & (scan.counts > 0))
    if not len(fit):
        raise CorpusError(
            f"pieces are learned from keys of up to {LONGEST_LEARNT} bytes, but the corpus has none"
        )
    tokenizer, trainer = _blank(method, num_pieces)
    try:
        tokenizer.train_from_iterator(_samples(scan, fit), trainer)
    except Exception as error:  # the library raises plain Exception
        raise RecipeError(
            f"{num_pieces} pieces cannot be learned from these words by {method}: {error}"
        ) from error
    return Pieces(tokenizer.to_str())


def _samples(scan: Scan, places: np.ndarray) -> Iterator[str]:
    """Each key as often as it occurs, or in proportion and at least once."""
    ordered = places[np.lexsort((places, -scan.counts[places]))]
    share = min(1.0, MOST_SAMPLES / int(scan.counts[places].sum()))
    for place in ordered.tolist():
        key = scan.keys.bytes_at(place).decode("utf-8", "replace")
        yield from repeat(key, max(1, round(share * int(scan.counts[place]))))


def _blank(method: Method, num_pieces: int) -> tuple[Any, Any]:
    """A tokenizer that has learned nothing, and its trainer."""
    library = _library()
    models, trainers = library.models, library.trainers
    options = {"vocab_size": num_pieces, "special_tokens": [UNKNOWN], "show_progress": False}
    if method == "byte-pair":
        model = models.BPE(unk_token=UNKNOWN, fuse_unk=True)
        return library.Tokenizer(model), trainers.BpeTrainer(**options)
    return library.Tokenizer(models.Unigram()), trainers.UnigramTrainer(unk_token=UNKNOWN, **options)


def _library() -> Any:
    try:
        import tokenizers  # noqa: PLC0415 - an optional extra
    except ImportError:
        raise MissingExtraError(
            "learned pieces need the tokenizers library: pip install 'rowspace[subword]'"
        ) from None
    return tokenizers
