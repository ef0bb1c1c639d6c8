"""Lexicon: the pieces that both languages share, learned by merging (Sennrich et al., ACL 2016)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from rowspace.errors import MissingExtraError, RecipeError
from rowspace.tasks.translation.batches import END, PADDING, START
from rowspace.tasks.translation.copying import SLOTS
from rowspace.vocabulary import Words

SPACE = "▁"  # stands for the space before a word
OWN = ("<padding>", "<start>", "<end>")  # at the rows PADDING, START and END
# What merges never cross: a slot, a contraction, a word and the space before it, a digit, signs, spaces.
CUTS = "|".join(
    (
        f"[{SLOTS[0]}-{SLOTS[-1]}]", r"'\p{L}+", rf"{SPACE}?[\p{{L}}\p{{M}}]+", rf"{SPACE}?\p{{N}}",
        rf"{SPACE}?[^\p{{L}}\p{{N}}{SPACE}]+", f"{SPACE}+",
    )
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Lexicon:
    """Texts as pieces and back, by a tokenizer of the `tokenizers` library, given as its JSON.

    Nothing in a text is read as one of the rows that stand for padding, start and end. Characters that
    learning never met have no piece: `copying` has put slots in their place before.
    """

    tokenizer_json: str

    @classmethod
    def learn(cls, texts: Iterable[str], num_pieces: int) -> Lexicon:
        """Learn at most `num_pieces` pieces, single characters and those that are no text among them.

        Raises MissingExtraError without the extra `subword`.

        >>> lexicon = Lexicon.learn(["low lower lowest"] * 9, 30)
        >>> lexicon.decode(lexicon.encode(["lower, lowest!"]))
        ['lower lowest']
        """
        library = _library()
        tokenizer = library.Tokenizer(library.models.BPE())
        tokenizer.normalizer = library.normalizers.NFC()
        space = {"replacement": SPACE, "prepend_scheme": "always"}
        tokenizer.pre_tokenizer = library.pre_tokenizers.Sequence(
            [
                library.pre_tokenizers.Metaspace(**space, split=False),
                library.pre_tokenizers.Split(library.Regex(CUTS), "isolated"),
            ]
        )
        tokenizer.decoder = library.decoders.Metaspace(**space)
        trainer = library.trainers.BpeTrainer(
            vocab_size=num_pieces, limit_alphabet=num_pieces // 2, show_progress=False,
            special_tokens=[*OWN, SPACE, *SLOTS],
        )  # fmt: skip
        tokenizer.train_from_iterator(texts, trainer)
        described = json.loads(tokenizer.to_str())
        described["added_tokens"] = []  # which would be found inside texts
        return cls(json.dumps(described, ensure_ascii=False))

    @cached_property
    def pieces(self) -> Words:
        """The pieces, each at its row; the space before a word is ▁."""
        tokenizer = self._tokenizer
        return Words.from_keys([tokenizer.id_to_token(row) for row in range(tokenizer.get_vocab_size())])

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        """The rows of the pieces of each text, END behind them."""
        found = self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        return [[*text.ids, END] for text in found]

    def decode(self, sequences: Iterable[Sequence[int]]) -> list[str]:
        """The text of each sequence of rows."""
        kept = [[row for row in rows if row not in (PADDING, START, END)] for rows in sequences]
        texts: list[str] = self._tokenizer.decode_batch(kept)
        return texts

    @cached_property
    def _tokenizer(self) -> Any:
        try:
            return _library().Tokenizer.from_str(self.tokenizer_json)
        except MissingExtraError:
            raise
        except Exception as error:  # the library raises plain Exception
            raise RecipeError(f"the tokenizers library cannot read this tokenizer: {error}") from error


def _library() -> Any:
    try:
        import tokenizers  # noqa: PLC0415 - an optional extra
    except ImportError:
        raise MissingExtraError(
            "translation needs the tokenizers library: pip install 'rowspace[subword]'"
        ) from None
    return tokenizers
