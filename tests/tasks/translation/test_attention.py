"""Attention is torch's."""

from __future__ import annotations

import torch

from rowspace.tasks.translation.attention import Attention, causal_mask


def test_it_is_scaled_dot_product_attention():
    torch.manual_seed(1)
    attention = Attention(12, 3)
    asking, offering = torch.randn(2, 4, 12), torch.randn(2, 5, 12)
    mask = torch.zeros(2, 1, 1, 5)
    mask[1, ..., 3:] = -torch.inf
    keys, values = attention.keys_and_values(offering)
    queries = attention.queries(asking).view(2, 4, 3, 4).transpose(1, 2)
    plain = torch.nn.functional.scaled_dot_product_attention(queries, keys, values, mask)
    torch.testing.assert_close(
        attention(asking, keys, values, mask), attention.output(plain.transpose(1, 2).flatten(2))
    )


def test_nothing_comes_from_places_ahead():
    torch.manual_seed(1)
    attention, states = Attention(8, 2), torch.randn(1, 6, 8)
    whole = attention(states, *attention.keys_and_values(states), causal_mask(6))
    part = attention(states[:, :4], *attention.keys_and_values(states[:, :4]), causal_mask(4))
    torch.testing.assert_close(whole[:, :4], part)
