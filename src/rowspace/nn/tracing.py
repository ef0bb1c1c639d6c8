"""Whether Python may look at the values of a tensor, or somebody is only recording what is done to it."""

from __future__ import annotations

import torch
from torch import Tensor
from torch._C._functorch import is_functorch_wrapped_tensor
from torch._subclasses.fake_tensor import FakeTensor


def has_values(tensor: Tensor) -> bool:
    """Whether a branch on values means anything: not while compiling, exporting or tracing, nor under vmap.

    >>> has_values(torch.ones(2)), has_values(torch.ones(2, device="meta"))
    (True, False)
    """
    return not (
        torch.compiler.is_compiling()
        or torch._C._get_tracing_state() is not None
        or tensor.is_meta
        or isinstance(tensor, FakeTensor)
        or is_functorch_wrapped_tensor(tensor)
    )
