"""Text classification by networks that read words in their order. Needs PyTorch.

>>> from rowspace.tasks.classification.networks import NetworkClassifier
>>> NetworkClassifier(encoder="recurrent").width
100
"""

from __future__ import annotations

from rowspace.tasks.classification.networks.network_classifier import NetworkClassifier
from rowspace.tasks.classification.networks.network_model import NetworkTextModel

__all__ = ["NetworkClassifier", "NetworkTextModel"]
