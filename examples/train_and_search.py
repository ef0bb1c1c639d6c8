"""Train word vectors on a text and print the neighbours of its most frequent longer words.

python examples/train_and_search.py book.txt
python examples/train_and_search.py book.txt --dim 50 --epochs 20 --table book.rows
"""

from __future__ import annotations

import argparse
from itertools import islice
from pathlib import Path

import rowspace as rs

SHOWN_WORDS, SHORTEST = 10, 5


def main() -> None:
    """Read the arguments, train, save where asked, and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("text", type=Path, help="a text file; each line is a document")
    parser.add_argument("--dim", type=int, default=100)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--table", type=Path, help="save the table here")
    arguments = parser.parse_args()

    corpus = rs.open_corpus(arguments.text, lowercase=True, pattern=r"\w+")
    table = rs.Word2Vec(dim=arguments.dim, epochs=arguments.epochs).fit(corpus)
    if arguments.table:
        rs.write(table, arguments.table)

    words = list(islice((key for key in table.keys if len(key) >= SHORTEST), SHOWN_WORDS))
    for word, answer in zip(words, rs.nearest(table, words, k=5), strict=True):
        print(f"{word:>15}  {' '.join(answer.keys)}")


if __name__ == "__main__":
    main()
