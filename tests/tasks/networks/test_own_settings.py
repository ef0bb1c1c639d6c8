"""PyTorch is lent, not taken."""

from __future__ import annotations

import torch

from rowspace.tasks.networks import own_settings


def test_own_settings_gives_torch_back_as_it_was():
    threads, state = torch.get_num_threads(), torch.get_rng_state()
    with own_settings(1):
        assert torch.get_num_threads() == 1
        torch.manual_seed(1)
    assert torch.get_num_threads() == threads
    assert torch.equal(torch.get_rng_state(), state)
