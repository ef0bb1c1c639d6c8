"""An LSTM in both directions over sentences that lie step by step, without a graph of every step."""

from __future__ import annotations

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor
from torch.autograd.function import once_differentiable

from rowspace.tasks.tagging.steps import Steps


class BiLSTM(torch.nn.Module):
    """torch.nn.LSTM of one layer in both directions (Hochreiter & Schmidhuber 1997), for `Steps`.

    Both directions take each step together, and the gradients of all weights are single products at the end;
    torch's own keeps a graph of every step, in which each slice of the input costs as much as the whole.

    >>> layer = BiLSTM(5, 3)
    >>> layer(torch.zeros(4, 5), Steps(torch.tensor([2, 1, 1]))).shape
    torch.Size([4, 6])
    """

    def __init__(self, width: int, hidden: int) -> None:
        """Weights are drawn as torch.nn.LSTM draws them."""
        super().__init__()
        self.inputs = torch.nn.Linear(width, 8 * hidden)  # of each direction the gates i, f, o and g
        self.recurrent = torch.nn.Parameter(torch.empty(2, hidden, 4 * hidden))
        for weight in self.parameters():
            torch.nn.init.uniform_(weight, -(hidden**-0.5), hidden**-0.5)

    def forward(self, features: Float[Tensor, "tokens width"], steps: Steps) -> Float[Tensor, "tokens both"]:
        """The states of each token, those of the direction from the start first."""
        mirrored = steps.mirrored
        ahead, back = self.inputs(features).chunk(2, 1)
        gates = torch.stack([ahead, back[mirrored]])
        states: Tensor = _BothDirections.apply(gates, self.recurrent, steps)  # type: ignore[no-untyped-call]
        return torch.cat([states[0], states[1][mirrored]], 1)


class _BothDirections(torch.autograd.Function):
    """From the gates' inputs to the states, step by step."""

    @staticmethod
    def forward(
        ctx: Any, gates: Float[Tensor, "2 tokens gates"], recurrent: Tensor, steps: Steps
    ) -> Float[Tensor, "2 tokens hidden"]:
        hidden = recurrent.shape[1]
        state = cell = gates.new_zeros(2, int(steps.sizes[0]), hidden)
        seen: list[tuple[Tensor, ...]] = []
        for step in steps.slices:
            count = step.stop - step.start
            opened = torch.baddbmm(gates[:, step], state[:, :count], recurrent)
            opened[..., : 3 * hidden].sigmoid_()
            opened[..., 3 * hidden :].tanh_()
            keep_in, keep, keep_out, new = opened.chunk(4, 2)
            cell = torch.addcmul(keep_in * new, keep, cell[:, :count])
            bent = cell.tanh()
            state = keep_out * bent
            seen.append((opened, cell, bent, state))
        opened, cells, bent, states = (torch.cat(parts, 1) for parts in zip(*seen, strict=True))
        ctx.steps = steps
        ctx.save_for_backward(recurrent, opened, cells, bent, states)
        return states

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, of_states: Tensor) -> tuple[Tensor | None, ...]:
        recurrent, opened, cells, bent, states = ctx.saved_tensors
        steps, hidden = ctx.steps, recurrent.shape[1]
        first, before = int(steps.sizes[0]), steps.before
        slopes, to_cell = _slopes(opened, torch.nn.functional.pad(cells[:, before], (0, 0, first, 0)), bent)
        of_gates = torch.empty_like(slopes)
        turned = recurrent.transpose(1, 2)
        keep = opened[..., hidden : 2 * hidden]
        from_state = from_cell = of_states.new_zeros(2, 0, hidden)  # what later steps send back
        for step in reversed(steps.slices):
            later = from_state.shape[1]
            of_state = of_states[:, step].clone()
            of_state[:, :later] += from_state
            of_cell = of_state * to_cell[:, step]
            of_cell[:, :later] += from_cell
            torch.mul(slopes[:, step], of_cell.unsqueeze(2), out=of_gates[:, step])
            torch.mul(slopes[:, step, 2], of_state, out=of_gates[:, step, 2])
            from_state = torch.bmm(of_gates[:, step].flatten(2), turned)
            from_cell = of_cell * keep[:, step]
        whole = of_gates.flatten(2)
        return whole, states[:, before].transpose(1, 2) @ whole[:, first:], None


def _slopes(opened: Tensor, cells_before: Tensor, bent: Tensor) -> tuple[Tensor, Tensor]:
    """How the cell (for gate o the state) moves with the input of each gate, and the state with the cell."""
    keep_in, _, keep_out, new = opened.chunk(4, 2)
    gates = torch.unflatten(opened[..., : 3 * new.shape[2]], 2, (3, -1))
    slopes = torch.empty(*opened.shape[:2], 4, new.shape[2], dtype=opened.dtype)
    slopes[:, :, :3] = gates * (1 - gates)
    slopes[:, :, 0] *= new
    slopes[:, :, 1] *= cells_before
    slopes[:, :, 2] *= bent
    slopes[:, :, 3] = keep_in * (1 - new * new)
    return slopes, keep_out * (1 - bent * bent)
