"""torch.export, ONNX and torch.compile of what the layers compute.

They trace through Python, and so cannot pass the run-time type checks that conftest.py puts around each
function of the package. Each test therefore runs this file in a process of its own.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch

from rowspace import nn as rnn

IDS, OTHERS = torch.tensor([[1, 2, 6], [0, 3, 3]]), torch.tensor([[4, 4, 1], [5, 2, 2], [0, 1, 6]])


class Model(torch.nn.Module):
    """A layer between other things."""

    def __init__(self, layer: torch.nn.Module) -> None:
        super().__init__()
        self.layer, self.output = layer, torch.nn.Linear(4, 2)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        return self.output(self.layer(ids)).sin()


def models() -> list[Model]:
    policies = [{}, {"out_of_range": "zero"}, {"out_of_range": "unknown", "unknown": rnn.Unknown(row=0)}]
    single = [rnn.Embedding(7, 4, **policy) for policy in policies]
    bags = [rnn.EmbeddingBag(7, 4, mode=mode) for mode in ("sum", "mean", "max")]
    bags.append(rnn.EmbeddingBag(7, 4, mode="mean", padding_idx=3))
    return [Model(layer) for layer in (*single, *bags)]


def gradient(model: Model, run: torch.nn.Module) -> torch.Tensor:
    model.zero_grad()
    run(IDS).sum().backward()
    return model.layer.weight.grad.clone()


def exported() -> None:
    for model in models():
        dims = {0: torch.export.Dim("batch", min=2, max=100)}
        program = torch.export.export(model.eval(), (IDS,), dynamic_shapes=(dims,))
        torch.testing.assert_close(program.module()(OTHERS), model(OTHERS))


def in_onnx() -> None:
    import onnx
    import onnxruntime

    for model in models():
        with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the exporter's own deprecations
            path = Path(folder) / "model.onnx"
            torch.onnx.export(model.eval(), (IDS,), path, dynamo=True, verbose=False)
            session = onnxruntime.InferenceSession(path)
            assert not {node.op_type for node in onnx.load(path).graph.node} & {"SequenceEmpty", "Loop"}
            (found,) = session.run(None, {session.get_inputs()[0].name: IDS.numpy()})
        np.testing.assert_allclose(found, model(IDS).detach().numpy(), atol=1e-6)


def compiled_whole() -> None:
    for model in models():
        torch.compiler.reset()
        compiled = torch.compile(model, backend="aot_eager", fullgraph=True)
        torch.testing.assert_close(compiled(IDS), model(IDS))
        torch.testing.assert_close(gradient(model, compiled), gradient(model, model))


def compiled_around_collected_rows() -> None:
    for model in models():
        torch.compiler.reset()
        expected = model.layer.weight.detach() - gradient(model, model)
        model.zero_grad()
        optimizer = rnn.optim.SGD(model.layer.parameters(), lr=1.0)
        compiled = torch.compile(model, backend="aot_eager")
        compiled(IDS).sum().backward()
        optimizer.step()
        torch.testing.assert_close(model.layer.weight.detach(), expected)


CHECKS = {each.__name__: each for each in (exported, in_onnx, compiled_whole, compiled_around_collected_rows)}


@pytest.mark.parametrize("name", CHECKS)
def test_in_a_process_of_its_own(name: str) -> None:
    if name == "in_onnx":
        pytest.importorskip("onnxscript")
        pytest.importorskip("onnxruntime")
    done = subprocess.run([sys.executable, __file__, name], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]


if __name__ == "__main__":
    CHECKS[sys.argv[1]]()
