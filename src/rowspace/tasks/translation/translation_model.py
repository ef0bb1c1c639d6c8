"""TranslationModel: what a Translator has learned; it translates, is scored, saved and loaded."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, final

import numpy as np
import torch

from rowspace.errors import FormatError, RecipeError, ShapeError
from rowspace.table import Table
from rowspace.tasks.networks import load_state_, put_words, state_arrays, tensor_files, words_of
from rowspace.tasks.translation.batches import Encoded, Ragged
from rowspace.tasks.translation.copying import SLOTS, Copying, show
from rowspace.tasks.translation.cutting import joined, parts_of
from rowspace.tasks.translation.lexicon import Lexicon
from rowspace.tasks.translation.network import Sizes, TranslationNetwork
from rowspace.tasks.translation.parallel_text import Pair, Source, read_pairs
from rowspace.tasks.translation.report import TranslationReport, score
from rowspace.tasks.translation.search import Search
from rowspace.training.ranges import check_integer, check_real
from rowspace.vocabulary import Words

FORMAT = "rowspace-translator"
PIECES_AT_ONCE = 4096  # of targets, where only the loss is wanted


@final
class TranslationModel:
    """A fitted translator; its `facts` are JSON: the recipe, and the loss and score of each epoch."""

    def __init__(
        self,
        lexicon: Lexicon,
        copying: Copying,
        *,
        sizes: Sizes,
        backward: bool,
        facts: Mapping[str, Any],
    ) -> None:
        """A model whose network has learned nothing yet; Translator.fit and `load` make trained ones."""
        self.lexicon, self.copying = lexicon, copying
        self.sizes, self.backward, self.facts = sizes, backward, dict(facts)
        self.network = TranslationNetwork(lexicon.pieces, sizes).eval()

    def predict(self, texts: Iterable[str], *, beam: int = 4, length_power: float = 1.0) -> list[str]:
        """The translation of each text, found by beam search.

        Each line of a text is translated by itself, one of more than 40 words in parts that end with a
        sentence where they can. What is empty stays empty. Unknown names, numbers, and words with unknown
        characters are taken over as they are. A hypothesis of n pieces is judged by the sum of its
        log-probabilities divided by ((5 + n) / 6) ** length_power: the greater, the longer.

        Raises ShapeError for a single str, RecipeError for a setting out of range.
        """
        if isinstance(texts, str):
            raise ShapeError(
                f"texts must be a list of texts, but is the single str {texts[:40]!r}; write [it]"
            )
        check_integer("beam", beam, 1, 256)
        check_real("length_power", length_power, 0, 10)
        parts = [parts_of(text) for text in texts]
        asked = list(dict.fromkeys(part for lines in parts for line in lines for part in line))
        hidden = [self.copying.hide(part) for part in asked]
        sources = Ragged.of(self.lexicon.encode([text for text, _ in hidden]))
        found = self.lexicon.decode(Search(beam, length_power, self._slots()).run(self.network, sources))
        shown = [show(text, words) for text, (_, words) in zip(found, hidden, strict=True)]
        translation_of = dict(zip(asked, shown, strict=True))
        return [joined(lines, translation_of) for lines in parts]

    def evaluate(self, data: Source, *, beam: int = 4, length_power: float = 1.0) -> TranslationReport:
        """BLEU, chrF and loss on pairs: a file of parallel text, or an iterable, in the order of training's.

        Raises CorpusError as `read_pairs`, and MissingExtraError without sacreBLEU.
        """
        pairs = read_pairs(data, backward=self.backward)
        sources = list(dict.fromkeys(source for source, _ in pairs))
        found = self.predict(sources, beam=beam, length_power=length_power)
        return score(pairs, dict(zip(sources, found, strict=True)), self.loss(pairs))

    @torch.no_grad()
    def loss(self, pairs: Sequence[Pair]) -> float:
        """The mean negative log-probability of a piece of the targets, in nats."""
        data = self.encode(pairs)
        total = count = 0.0
        for chosen in data.shuffled(np.arange(len(data)), PIECES_AT_ONCE, np.random.default_rng(0)):
            batch = data.batch(chosen)
            total += float(self.network.loss(batch, 0.0)) * len(batch.wanted)
            count += len(batch.wanted)
        return total / count

    def encode(self, pairs: Sequence[Pair]) -> Encoded:
        """Pairs as rows of pieces."""
        sides = ([pair[side] for pair in pairs] for side in (0, 1))
        return Encoded(*(Ragged.of(self.lexicon.encode(side)) for side in sides))

    def _slots(self) -> tuple[int, ...]:
        return tuple(map(self.lexicon.pieces.find, SLOTS))

    def to_table(self) -> Table:
        """The rows of the pieces; ▁ stands for the space before a word.

        Tied rows serve both languages and the output; of others these are the source's.
        """
        return self.network.source.to_table()

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the model to one safetensors file, wholly or not at all. Raises FileAccessError."""
        arrays, known = state_arrays(self.network), self.copying.known
        counts = np.fromiter(known.values(), np.int64, len(known))
        put_words(arrays, "known", Words.from_keys(known, counts=counts))
        described = {
            "sizes": asdict(self.sizes), "backward": self.backward, "facts": self.facts,
            "translated": sorted(self.copying.translated),
        }  # fmt: skip
        metadata = {"model": json.dumps(described), "tokenizer": self.lexicon.tokenizer_json}
        return tensor_files.write(Path(path), FORMAT, arrays, metadata)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> TranslationModel:
        """Read a saved model. Raises FileAccessError, and FormatError for a damaged or another file."""
        arrays, metadata = tensor_files.read(Path(path), FORMAT)
        try:
            described = json.loads(metadata["model"])
            known = words_of(arrays, "known")
            counts = dict(zip(known.keys, known.counts.tolist(), strict=True))  # type: ignore[union-attr]
            model = cls(
                Lexicon(metadata["tokenizer"]), Copying.of(counts, described["translated"]),
                sizes=Sizes(**described["sizes"]), backward=described["backward"], facts=described["facts"],
            )  # fmt: skip
            load_state_(model.network, arrays)
        except (KeyError, TypeError, ValueError, AttributeError, RuntimeError, RecipeError) as error:
            raise FormatError(
                Path(path), 8, f"the file contradicts itself: {error}; save it again"
            ) from error
        return model
