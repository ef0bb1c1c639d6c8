"""From what a user hands to a layer to row ids: keys found, ids checked, unknown values replaced."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Bool, Int64
from torch import Tensor

from rowspace.errors import RecipeError
from rowspace.nn.keys import KeyRows, rows_of_keys
from rowspace.nn.row_ids import OutOfRange, RowIdCheck
from rowspace.nn.unknown import Unknown, UnknownReport
from rowspace.vocabulary import Vocabulary

# What a vocabulary says of unknown keys, in a layer's words: in a tensor no vector can be skipped.
POLICY_OF_VOCABULARY: dict[str, OutOfRange] = {
    "raise": "raise",
    "unknown": "unknown",
    "zero": "zero",
    "skip": "zero",
}


@dataclass(eq=False)
class Inputs:
    """What one layer knows about its inputs: the vocabulary, the policy for ids, and the unknown row."""

    name: str  # as errors name the layer
    vocabulary: Vocabulary | None
    check: RowIdCheck
    unknown: Unknown | None
    report: UnknownReport

    @classmethod
    def of(
        cls,
        name: str,
        num_rows: int,
        vocabulary: Vocabulary | None,
        policy: OutOfRange,
        unknown: Unknown | None,
        padding_row: int | None,
    ) -> Inputs:
        """Join the parts, and raise RecipeError where they contradict each other."""
        buckets = 0 if unknown is None else unknown.buckets
        if vocabulary is not None and vocabulary.num_rows + buckets > num_rows:
            raise RecipeError(
                f"{name}: the vocabulary and its buckets need {vocabulary.num_rows + buckets} rows, but the "
                f"table has {num_rows}; from_table and from_vocabulary make it large enough"
            )
        placed = None if unknown is None else unknown.placed(vocabulary, padding_row)
        row = None if placed is None else placed.row
        check = RowIdCheck(policy, num_rows, row, buckets=max(1, buckets))
        return cls(name, vocabulary, check, placed, UnknownReport())

    def ids_of(
        self, ids: Tensor, weight: Tensor, training: bool
    ) -> tuple[Int64[Tensor, "*batch"], Bool[Tensor, "*batch"] | None]:
        """Ids in [0, num_rows), and where the vector is to be zero (None: nowhere)."""
        self.check.num_rows = weight.shape[0]  # a weight may be put in another's place
        safe, zeros = self.check.check(ids, self.name, weight.device, self.report)
        if self.unknown is not None:
            safe = self.unknown.replace(safe, training, self.report)
        return safe, zeros

    def rows_of(self, keys: Any, device: torch.device, training: bool) -> KeyRows:
        """The rows of keys, by the policy for unknown ones."""
        if self.vocabulary is None:
            raise RecipeError(
                f"{self.name} has no vocabulary, so it takes row ids as a tensor, but got a "
                f"{type(keys).__name__}; make it with from_table or from_vocabulary to pass keys"
            )
        found = rows_of_keys(
            self.vocabulary,
            keys,
            self.check.policy,
            self.unknown,
            self.report,
            training=training,
            name=self.name,
        )
        return found.to(device)


def asked_unknown(vocabulary: Vocabulary, unknown: Unknown | None, options: dict[str, Any]) -> Unknown | None:
    """What a layer over `vocabulary` is to do with unknown keys; completes `options` by its policy.

    A policy of "unknown" alone asks for a row, and a row alone for the policy.
    """
    if unknown is not None:
        options.setdefault("out_of_range", "unknown")
    options.setdefault("out_of_range", POLICY_OF_VOCABULARY[vocabulary.missing])
    return Unknown() if unknown is None and options["out_of_range"] == "unknown" else unknown
