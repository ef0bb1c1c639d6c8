"""What a row tells of a label by itself, as naive Bayes counts it, turned into where the row starts.

Of n texts with the row, N_c have the label c, which a share p_c of all texts has. With one text of evidence
before any, which is as all texts are, the row's word is log((N_c + p_c) / (n p_c + p_c)) for label c, the
logarithm of how much more frequent the label is among those texts. The row starts at the sum of these times
the directions d_c of the labels, so that the mean of a text's rows starts at the mean evidence of its words
(Wang & Manning, ACL 2012, weigh features so).
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float32

from rowspace.arrays import Offsets, Vectors
from rowspace.kernels.reference.text_classifier import LabelIds
from rowspace.kernels.reference.text_features import EntryRows

Directions = Float32[np.ndarray, "labels dim"]
Shares = Float32[np.ndarray, "labels"]


def add_evidence_(
    vectors: Vectors,
    rows: EntryRows,
    offsets: Offsets,
    label_ids: LabelIds,
    label_offsets: Offsets,
    directions: Directions,
    shares: Shares,
    *,
    first_row: int,
    last_row: int,
    evidence: float,
) -> None:
    """Add `evidence` times the word of each row on each label times its direction, in place.

    Text t has the distinct rows rows[offsets[t]:offsets[t + 1]]. Rows from `first_row` to before `last_row`
    move; `directions` is (labels, dim).
    """
    everything = directions.sum(axis=0)
    text_of = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    for row in range(first_row, last_row):
        met = text_of[rows == row]
        labels = [label_ids[label_offsets[text] : label_offsets[text + 1]] for text in met.tolist()]
        counts = np.bincount(np.concatenate([label_ids[:0], *labels]), minlength=len(shares))
        seen = np.flatnonzero(counts)
        words = np.log1p(counts[seen].astype(np.float32) / shares[seen])
        start = words @ directions[seen] - np.log1p(np.float32(len(met))) * everything
        vectors[row] += np.float32(evidence) * start
