"""Translation: from one language to another, learned from pairs of sentences. Needs PyTorch.

>>> from rowspace.tasks.translation import Translator
>>> Translator(dim=128).network
'recurrent'
"""

from rowspace.tasks.translation.parallel_text import read_pairs
from rowspace.tasks.translation.report import TranslationReport
from rowspace.tasks.translation.translation_model import TranslationModel
from rowspace.tasks.translation.translator import Translator

__all__ = ["TranslationModel", "TranslationReport", "Translator", "read_pairs"]
