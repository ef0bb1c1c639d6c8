"""Which variants there are, and what they refuse."""

from __future__ import annotations

import pytest

from rowspace.errors import RecipeError
from rowspace.selection.variant import KINDS, Variant, standard_variants


def test_a_pretrained_variant_has_the_dim_of_its_table(table):
    assert Variant("pre-trained frozen", table=table).dim == table.dim == 8
    assert Variant("pre-trained frozen", 8, table) == Variant("pre-trained frozen", table=table)


def test_names(table):
    assert str(Variant("pre-trained fine-tuned", table=table)) == "pre-trained fine-tuned 8"
    assert str(Variant("pre-trained fine-tuned", table=table, name="GloVe")) == "GloVe"


def test_which_are_frozen(table):
    frozen = {variant.kind for variant in standard_variants(table) if variant.is_frozen}
    assert frozen == {"one-hot", "random frozen", "pre-trained frozen"}


def test_the_standard_variants_have_every_kind_and_random_rows_of_the_tables_dim(table):
    variants = standard_variants(table, [16, 4, 16])
    assert {variant.kind for variant in variants} == set(KINDS)
    assert [variant.dim for variant in variants if variant.kind == "random trained"] == [4, 8, 16]
    assert len({*map(str, variants)}) == len(variants)
    assert not any(variant.is_pretrained for variant in standard_variants(dims=[4]))


@pytest.mark.parametrize(
    ("kind", "dim", "rule"),
    [
        ("one-hot", 3, "as long as there are keys"),
        ("random frozen", None, "dim must be a whole number"),
        ("random trained", 0, "dim must be a whole number"),
        ("pre-trained frozen", 4, "takes the rows of a table"),
    ],
)
def test_contradictions(kind, dim, rule):
    with pytest.raises(RecipeError, match=rule):
        Variant(kind, dim)


def test_tables_where_they_mean_nothing_or_have_another_dim(table):
    with pytest.raises(RecipeError, match="takes no table, but one was given"):
        Variant("random trained", 8, table)
    with pytest.raises(RecipeError, match="the dim of their table, 8, but dim is 9"):
        Variant("pre-trained frozen", 9, table)


@pytest.mark.unchecked
def test_an_unknown_kind():
    with pytest.raises(RecipeError, match="kind must be one of one-hot"):
        Variant("frozen", 3)
