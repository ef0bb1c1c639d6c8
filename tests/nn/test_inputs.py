from __future__ import annotations

import pytest
import torch

from rowspace.errors import RecipeError
from rowspace.nn.inputs import Inputs, asked_unknown
from rowspace.nn.unknown import Unknown
from rowspace.vocabulary import Words


def test_unknown_values_are_replaced_after_the_check_and_reported() -> None:
    words = Words.from_keys(["a", "b", "<unk>"], unknown_key="<unk>")
    inputs = Inputs.of("layer", 3, words, "unknown", Unknown(rate=1.0), None)
    weight = torch.zeros(3, 2)
    ids, zeros = inputs.ids_of(torch.tensor([0, 7]), weight, training=False)
    assert (ids.tolist(), zeros) == ([0, 2], None)
    ids, _ = inputs.ids_of(torch.tensor([0, 7]), weight, training=True)
    assert ids.tolist() == [2, 2]
    assert (inputs.report.lookups, inputs.report.unknown) == (4, 2)


def test_a_vocabulary_and_its_buckets_must_fit() -> None:
    with pytest.raises(RecipeError, match="need 6 rows, but the table has 5"):
        Inputs.of("layer", 5, Words.from_keys(["a", "b"]), "unknown", Unknown(buckets=4), None)


@pytest.mark.parametrize(
    ("missing", "policy"), [("raise", "raise"), ("zero", "zero"), ("skip", "zero"), ("unknown", "unknown")]
)
def test_without_a_word_the_vocabularys_own_policy_holds(missing, policy) -> None:
    words = Words.from_keys(["a", "<unk>"], unknown_key="<unk>", missing=missing)
    options: dict[str, str] = {}
    unknown = asked_unknown(words, None, options)
    assert options == {"out_of_range": policy}
    assert (unknown is not None) == (policy == "unknown")


def test_a_row_for_unknown_values_asks_for_the_policy() -> None:
    options: dict[str, str] = {}
    given = Unknown()
    assert asked_unknown(Words.from_keys(["a"]), given, options) is given
    assert options == {"out_of_range": "unknown"}
