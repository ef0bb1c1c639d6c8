"""Corpora: text, files, streams and columns, read once into an int32 stream of row ids."""

from __future__ import annotations

from rowspace.corpus.encoded import EncodedCorpus
from rowspace.corpus.opening import open_corpus
from rowspace.corpus.phrases import Phrases, learn_phrases
from rowspace.corpus.protocol import Corpus
from rowspace.corpus.scan import Scan

__all__ = ["Corpus", "EncodedCorpus", "Phrases", "Scan", "learn_phrases", "open_corpus"]
