"""Training: epochs over batches, and the best epoch kept.

Every draw follows from the seed, the epoch and the step, so that the network, the optimizer's moments, the
best epoch so far and how far it has come are all there is to keep of a training.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any, Protocol, TypeVar, runtime_checkable

import numpy as np
import torch
from jaxtyping import Int64
from torch import Tensor
from tqdm import tqdm

from rowspace.errors import DivergedError
from rowspace.nn import optim
from rowspace.nn.optim.row_optimizer import RowOptimizer
from rowspace.tasks.networks.checkpoint import Arrays, Checkpoint
from rowspace.tasks.networks.history import History
from rowspace.tasks.networks.plan import Plan
from rowspace.training.progress import SHOW_AFTER_SECONDS

B = TypeVar("B")
Chosen = Int64[np.ndarray, "_"]  # the examples of a batch
NETWORK, BEST, OPTIMIZER = "network.", "best.", "optimizer."
Tensors = dict[str, Tensor]


@runtime_checkable
class Learner(Protocol[B]):
    """What a task brings to its training."""

    @property
    def network(self) -> torch.nn.Module:
        """What is trained; what it carries from batch to batch are buffers."""

    def order(self, rng: np.random.Generator) -> Sequence[Chosen]:
        """The examples of each batch of an epoch, drawn from `rng` alone; as many batches in each epoch."""

    def batch(self, chosen: Chosen) -> B:
        """These examples as the network takes them."""

    def loss(self, batch: B) -> tuple[Tensor, int]:
        """The mean loss, and of how many sentences or tokens it is the mean."""

    def score(self) -> float | None:
        """How good the network is on validation data, higher is better; None without such data."""


class Training:
    """A network in training; `run` returns when it is done."""

    def __init__(
        self,
        learner: Learner[Any],
        plan: Plan,
        *,
        optimizer: Callable[[list[torch.nn.Parameter], float], RowOptimizer] = optim.Adam,
        checkpoint: Checkpoint | None = None,
        score_name: str = "score",
        unit: str = " batches",
    ) -> None:
        """`optimizer` makes one from the parameters that learn and the learning rate.

        Where the checkpoint's file exists, training will go on from it.
        """
        self._learner, self._plan, self._checkpoint = learner, plan, checkpoint
        self._score_name, self._unit = score_name, unit
        learned = [each for each in learner.network.parameters() if each.requires_grad]
        self._optimizer = optimizer(learned, plan.learning_rate)
        self._best: Tensors = {}
        self._step = 0  # of the epoch that is under way
        self._sums = [0.0, 0.0]  # of its losses, and of how many they are
        self.history = History()
        self._restore()

    def run(self, *, shows_progress: bool = False) -> History:
        """Train to the last epoch or until patience ends, and leave the network at its best epoch.

        Raises DivergedError where the loss leaves the finite numbers.
        """
        plan, history = self._plan, self.history
        order = self._order()
        done = len(history.losses) * len(order) + self._step
        with tqdm(
            total=plan.epochs * len(order), initial=done, unit=self._unit,
            disable=not shows_progress, delay=SHOW_AFTER_SECONDS, dynamic_ncols=True,
        ) as bar:  # fmt: skip
            while len(history.losses) < plan.epochs and not history.is_over(plan.patience):
                bar.set_description(f"epoch {len(history.losses) + 1}/{plan.epochs}", refresh=False)
                self._epoch(self._order(), bar)
                self._rate()
                self._tell(bar)
        if self._checkpoint is not None:
            self._save(self._checkpoint)
        self._load(self._best)
        self._learner.network.eval()
        return history

    def _order(self) -> Sequence[Chosen]:
        """The batches of the epoch that is under way."""
        return self._learner.order(np.random.default_rng([self._plan.seed, len(self.history.losses)]))

    def _epoch(self, order: Sequence[Chosen], bar: Any) -> None:
        """What is left of a pass over the data."""
        self._learner.network.train()
        while self._step < len(order):
            self._learn(order[self._step], len(order))
            self._step += 1
            bar.update()
            if self._checkpoint is not None and self._checkpoint.is_due:
                self._save(self._checkpoint)
        total, count = self._sums
        self.history.losses.append(total / max(1, count))
        self._step, self._sums = 0, [0.0, 0.0]

    def _learn(self, chosen: Chosen, batches: int) -> None:
        """One step."""
        plan, epoch = self._plan, len(self.history.losses)
        torch.manual_seed(int(np.random.default_rng([plan.seed, epoch, self._step]).integers(1 << 62)))
        for group in self._optimizer.param_groups:
            group["lr"] = plan.rate(epoch * batches + self._step, plan.epochs * batches)
        self._optimizer.zero_grad()
        loss, count = self._learner.loss(self._learner.batch(chosen))
        seen = float(loss.detach())
        if not np.isfinite(seen):
            raise DivergedError(
                f"the loss must stay finite, but is {seen} in epoch {epoch + 1}; lower learning_rate"
            )
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(self._learner.network.parameters(), plan.longest_gradient)
        self._optimizer.step()
        self._sums[0] += seen * count
        self._sums[1] += count

    def _rate(self) -> None:
        """Score the network as it is, and keep it if it is the best so far."""
        self._learner.network.eval()
        score = self._learner.score()
        if score is None:
            return
        self.history.scores.append(score)
        if self.history.best == len(self.history.scores) - 1:
            self._best = {name: value.clone() for name, value in self._learned().items()}

    def _tell(self, bar: Any) -> None:
        told = {"loss": f"{self.history.losses[-1]:.3f}"}
        if self.history.scores:
            told[self._score_name] = f"{self.history.scores[-1]:.4f}"
        bar.set_postfix(told, refresh=False)

    def _learned(self) -> Tensors:
        """What training moves, brought up to date; given rows that stay as they are, are none of it."""
        network = self._learner.network
        state = network.state_dict()  # settles rows that lag behind
        moving: Tensors = {name: each for name, each in network.named_parameters() if each.requires_grad}
        moving.update(network.named_buffers())
        return {name: state.get(name, value).detach() for name, value in moving.items()}

    def _load(self, tensors: Tensors) -> None:
        """Fill the network with what `_learned` gave."""
        network = self._learner.network
        network.load_state_dict(tensors, strict=False)
        for name, buffer in network.named_buffers():
            if name in tensors:
                buffer.copy_(tensors[name])

    def _save(self, checkpoint: Checkpoint) -> None:
        """Keep all that the next step follows from."""
        moments = self._optimizer.state_dict()["state"]
        tensors = {
            **{NETWORK + name: value for name, value in self._learned().items()},
            **{BEST + name: value for name, value in self._best.items()},
            **{
                f"{OPTIMIZER}{place}.{name}": value
                for place, state in moments.items()
                for name, value in state.items()
            },
        }
        arrays = {
            name: value.detach().reshape(value.shape or (1,)).numpy() for name, value in tensors.items()
        }
        checkpoint.save(arrays, {"history": asdict(self.history), "step": self._step, "sums": self._sums})

    def _restore(self) -> None:
        """Go on from the checkpoint, if there is one."""
        saved = self._checkpoint.load() if self._checkpoint is not None else None
        if saved is None:
            return
        arrays, state = saved
        parts = _parted(arrays)
        self.history, self._best = History(**state["history"]), parts[BEST]
        self._step, self._sums = state["step"], state["sums"]
        self._load(parts[NETWORK])
        self._optimizer.load_state_dict({**self._optimizer.state_dict(), "state": _moments(parts[OPTIMIZER])})


def _parted(arrays: Arrays) -> dict[str, Tensors]:
    """The tensors of the network, of its best epoch and of the optimizer, each by their own names."""
    parts: dict[str, Tensors] = {NETWORK: {}, BEST: {}, OPTIMIZER: {}}
    for name, array in arrays.items():
        part = next(each for each in parts if name.startswith(each))
        parts[part][name.removeprefix(part)] = torch.from_numpy(array)
    return parts


def _moments(tensors: Tensors) -> dict[int, Tensors]:
    """The optimizer's state by parameter; a step is a number, not an array of one."""
    moments: dict[int, Tensors] = {}
    for name, value in tensors.items():
        place, _, field_name = name.partition(".")
        moments.setdefault(int(place), {})[field_name] = value[0] if field_name == "step" else value
    return moments
