"""Optimizers that step the rows a batch met, and torch's own rules for everything else in the model.

Each takes all parameters of a model, is a torch.optim.Optimizer, and so works with learning-rate
schedulers, gradient accumulation, clipping by global norm, GradScaler, DistributedDataParallel and
checkpoints. State has torch's names: a state_dict of torch's optimizer of the same name can be loaded.
"""

from rowspace.nn.optim.adagrad import Adagrad
from rowspace.nn.optim.adam import Adam
from rowspace.nn.optim.adamw import AdamW
from rowspace.nn.optim.rowwise_adagrad import RowwiseAdagrad
from rowspace.nn.optim.sgd import SGD

__all__ = ["SGD", "Adagrad", "Adam", "AdamW", "RowwiseAdagrad"]
