"""Find the lines of a text most like a question: a document's vector is the mean of its words' vectors.

python examples/embed_documents.py words.rows lines.txt "where do functions come from"
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

import rowspace as rs

SHOWN_LINES = 5


def embed(table: rs.Table, documents: list[str]) -> np.ndarray:
    """The mean vector of each document's known words, float32 (documents, dim); zero where none is known."""
    vectors = np.zeros((len(documents), table.dim), np.float32)
    for place, document in enumerate(documents):
        known = table.lookup(document.lower().split(), missing="skip")
        if len(known):
            vectors[place] = known.mean(axis=0)
    return vectors


def main() -> None:
    """Embed every line and the question, and print the nearest lines."""
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    table = rs.open(sys.argv[1])
    lines = [line for line in Path(sys.argv[2]).read_text("utf-8").splitlines() if line.strip()]
    lines = list(dict.fromkeys(lines))  # the keys of a table are distinct
    documents = rs.Table.from_arrays(lines, embed(table, lines))
    for line, score in rs.nearest(documents, embed(table, [sys.argv[3]])[0], k=SHOWN_LINES):
        print(f"{score:.3f}  {line}")


if __name__ == "__main__":
    main()
