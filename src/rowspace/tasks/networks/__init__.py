"""What the tasks with a network share: their training, its checkpoints, and their files."""

from rowspace.tasks.networks import tensor_files
from rowspace.tasks.networks.arrays import load_state_, put_words, state_arrays, words_of
from rowspace.tasks.networks.checkpoint import Checkpoint
from rowspace.tasks.networks.dropout import Dropout
from rowspace.tasks.networks.fingerprint import fingerprint, table_sum
from rowspace.tasks.networks.given_rows import scaled
from rowspace.tasks.networks.history import History
from rowspace.tasks.networks.own_settings import own_settings
from rowspace.tasks.networks.plan import Plan
from rowspace.tasks.networks.training import Learner, Training

__all__ = [
    "Checkpoint",
    "Dropout",
    "History",
    "Learner",
    "Plan",
    "Training",
    "fingerprint",
    "load_state_",
    "own_settings",
    "put_words",
    "scaled",
    "state_arrays",
    "table_sum",
    "tensor_files",
    "words_of",
]
