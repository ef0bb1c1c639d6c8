"""Each encoder against a plain computation, and what padding must not change."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from rowspace.tasks.classification.networks.encoders import (
    ENCODERS,
    AttentionEncoder,
    ConvolutionEncoder,
    RecurrentEncoder,
)

DIM, WIDTH, SIZES = 4, 3, (6, 4, 1)


@pytest.fixture
def texts():
    """Three texts, and padding: zeros."""
    torch.manual_seed(3)
    is_token = torch.arange(max(SIZES)) < torch.tensor(SIZES).unsqueeze(1)
    return torch.randn(3, max(SIZES), DIM) * is_token.unsqueeze(2), is_token


def test_padding_changes_nothing(encoder, texts):
    words, is_token = texts
    found = ENCODERS[encoder](DIM, WIDTH)
    whole = found(words, is_token)
    assert whole.shape == (3, found.num_features)
    for text, size in enumerate(SIZES):
        alone = found(words[text : text + 1, :size], is_token[text : text + 1, :size])
        torch.testing.assert_close(alone[0], whole[text], rtol=1e-5, atol=1e-6)


def test_padding_gets_no_gradient(encoder, texts):
    words, is_token = texts
    words.requires_grad_()
    ENCODERS[encoder](DIM, WIDTH)(words, is_token).sum().backward()
    behind = words.grad[1, 5:]  # an even filter looks at one place behind the end, whose row never learns
    assert not behind.any()
    assert words.grad[0].any()


def test_convolution_is_the_maximum_over_windows(texts):
    words, is_token = texts
    encoder = ConvolutionEncoder(DIM, WIDTH)
    text = np.zeros((2 + SIZES[1] + 2, DIM), np.float32)
    text[2:-2] = words[1, : SIZES[1]].numpy()
    wanted = []
    for each in encoder.filters:
        filters, bias = (part.detach().numpy() for part in each.parameters())
        size = filters.shape[2]
        seen = [
            np.einsum("wds,sd->w", filters, text[place + 2 - size // 2 :][:size]) + bias
            for place in range(SIZES[1])
        ]
        wanted.append(np.maximum(seen, 0).max(axis=0))
    found = encoder(words, is_token)[1].detach().numpy()
    np.testing.assert_allclose(found, np.concatenate(wanted), rtol=1e-5, atol=1e-6)


def test_recurrence_is_that_of_torch_on_each_text(texts):
    words, is_token = texts
    encoder = RecurrentEncoder(DIM, WIDTH)
    both = torch.nn.LSTM(DIM, WIDTH, batch_first=True, bidirectional=True)
    state = {name: value for name, value in encoder.forth.state_dict().items()}
    state |= {f"{name}_reverse": value for name, value in encoder.back.state_dict().items()}
    both.load_state_dict(state)
    found = encoder(words, is_token)
    for text, size in enumerate(SIZES):
        states, _ = both(words[text : text + 1, :size])
        torch.testing.assert_close(found[text], states[0].amax(0), rtol=1e-5, atol=1e-6)


def test_attention_is_a_weighted_mean(texts):
    words, is_token = texts
    encoder = AttentionEncoder(DIM, WIDTH)
    values = torch.tanh(encoder.values(words[1, : SIZES[1]]))
    powers = torch.exp(encoder.matter(values).squeeze(1))
    wanted = (powers.unsqueeze(1) * values).sum(0) / powers.sum()
    torch.testing.assert_close(encoder(words, is_token)[1], wanted, rtol=1e-5, atol=1e-6)
