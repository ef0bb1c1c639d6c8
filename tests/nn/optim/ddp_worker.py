"""One process of the training that test_distributed.py starts: python ddp_worker.py RANK WORLD FOLDER."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path

import torch
from torch.nn.parallel import DistributedDataParallel

from rowspace.nn.embedding import Embedding
from rowspace.nn.optim import SGD, AdamW, RowwiseAdagrad

ROWS, STEPS, BATCH = 24, 20, 8
OPTIMIZERS = {
    "AdamW": lambda params: AdamW(params, lr=0.01, weight_decay=0.1),
    "SGD": lambda params: SGD(params, lr=0.05, momentum=0.9),
    "RowwiseAdagrad": lambda params: RowwiseAdagrad(params, lr=0.05),
}


def train(name: str, sparse: bool, rank: int, world: int) -> list[torch.Tensor]:
    """This process's part of each batch; the weights after the last step."""
    torch.manual_seed(4)
    layer = Embedding(ROWS, 4, sparse=sparse)
    head = torch.nn.Linear(4, 1)
    model = torch.nn.Sequential(layer, torch.nn.Tanh(), head)
    forward = DistributedDataParallel(model) if world > 1 else model
    optimizer = OPTIMIZERS[name](model.parameters())
    for _ in range(STEPS):
        ids, target = (torch.rand(BATCH) ** 2 * (ROWS - 3)).long(), torch.randn(BATCH, 1)
        optimizer.zero_grad()
        (forward(ids[rank::world]) - target[rank::world]).square().mean().backward()
        torch.nn.utils.clip_grad_norm_(head.parameters(), 1.0)
        optimizer.step()
    layer.settle()
    return [layer.weight.detach(), head.weight.detach()]


def train_all(rank: int, world: int) -> dict[str, list[torch.Tensor]]:
    """Train with each optimizer, with dense and with sparse gradients between processes."""
    return {
        f"{name} {'sparse' if sparse else 'dense'}": train(name, sparse, rank, world)
        for name in OPTIMIZERS
        for sparse in (False, True)
    }


def main(rank: int, world: int, folder: Path) -> None:
    """Meet the other processes, train, and leave the weights in the folder."""
    torch.set_num_threads(1)
    torch.distributed.init_process_group(
        "gloo",
        init_method=f"file://{folder / 'meeting'}",
        rank=rank,
        world_size=world,
        timeout=timedelta(seconds=120),
    )
    torch.save(train_all(rank, world), folder / f"{rank}.pt")
    torch.distributed.destroy_process_group()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
