"""Generation: language models, which go on with texts. Needs PyTorch.

>>> from rowspace.tasks.generation import TextGenerator
>>> TextGenerator(layers=2).network
'recurrent'
"""

from rowspace.tasks.generation.conversation import Conversation
from rowspace.tasks.generation.generation_model import GenerationModel
from rowspace.tasks.generation.report import LanguageReport
from rowspace.tasks.generation.sampling import Sampling
from rowspace.tasks.generation.text_generator import TextGenerator

__all__ = ["Conversation", "GenerationModel", "LanguageReport", "Sampling", "TextGenerator"]
