"""Supervised models of fastText: what they predict there, they predict here."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.errors import FormatError, RowspaceError
from rowspace.tasks.classification import LinearTextModel, TextClassifier

TEXTS = [
    "How do I bake a cake ?",
    "guten tag wie geht es dir heute",
    "ça va, привет",
    "",
    "xyzzyq",
    "a\tb  c",
]
# fastText takes sigmoids from a table of 512 values between -8 and 8.
TABLE_ERROR = 0.008


def theirs(path, texts) -> tuple[list[dict[str, float]], list[str]]:
    """The chances of all labels for each text, and the best label, as fastText has them."""
    fasttext = pytest.importorskip("fasttext")
    fasttext.FastText.eprint = lambda text: None
    model = fasttext.load_model(str(path)).f
    told = [model.predict(f"{text}\n", 10_000, 0.0, "strict") for text in texts]
    chances = [{label.removeprefix("__label__"): chance for chance, label in best} for best in told]
    return chances, [best[0][1].removeprefix("__label__") for best in told]


def compare(path, texts, tolerance: float = 1e-4) -> None:
    model = LinearTextModel.from_fasttext(path)
    chances, best = theirs(path, texts)
    for row, expected in zip(model.chances(texts), chances, strict=True):
        assert expected.keys() <= {*model.labels}
        given = [expected.get(label, 0.0) for label in model.labels]  # a tree is not followed below 1e-5
        np.testing.assert_allclose(row, given, rtol=0, atol=tolerance)
    if tolerance < TABLE_ERROR:
        assert model.predict(texts) == best


@pytest.mark.data
@pytest.mark.parametrize("name", ["cooking.model.bin", "lid.176.ftz"])
def test_models_of_others(data_dir, name):
    compare(data_dir / "vectors" / "fasttext" / name, TEXTS)


@pytest.mark.parametrize("loss", ["softmax", "hs", "ova", "ns"])
@pytest.mark.parametrize(
    "settings",
    [{}, {"wordNgrams": 2, "bucket": 5000}, {"wordNgrams": 3, "minn": 2, "maxn": 4, "bucket": 700}],
    ids=["words", "bigrams", "shared buckets"],
)
def test_every_loss_and_kind_of_ngram(pairs, tmp_path, loss, settings):
    fasttext = pytest.importorskip("fasttext")
    train, path = tmp_path / "train.txt", tmp_path / "model.bin"
    train.write_text(
        "".join(f"__label__{label}{place % 3} {text}\n" for place, (label, text) in enumerate(pairs))
    )
    # With fewer threads than ten fastText leaves rows as it found the memory.
    model = fasttext.train_supervised(str(train), loss=loss, dim=10, thread=12, verbose=0, **settings)
    model.save_model(str(path))
    texts = [text for _, text in pairs[:20]] + TEXTS
    compare(path, texts, TABLE_ERROR if loss in ("ova", "ns") else 1e-4)


def test_a_pruned_and_quantised_model(pairs, tmp_path):
    fasttext = pytest.importorskip("fasttext")
    train, path = tmp_path / "train.txt", tmp_path / "model.ftz"
    train.write_text("".join(f"__label__{label} {text} w{n}\n" for n, (label, text) in enumerate(pairs * 4)))
    model = fasttext.train_supervised(str(train), dim=8, thread=12, verbose=0, wordNgrams=2, bucket=3000)
    model.quantize(cutoff=400, qnorm=True)
    model.save_model(str(path))
    compare(path, [text for _, text in pairs] + TEXTS)


@pytest.mark.data
def test_a_read_model_is_saved_and_written_again(data_dir, tmp_path):
    model = LinearTextModel.from_fasttext(data_dir / "vectors" / "fasttext" / "lid.176.ftz")
    again = LinearTextModel.load(model.save(tmp_path / "model"))
    assert again.chances(TEXTS).tobytes() == model.chances(TEXTS).tobytes()
    assert again.predict(["guten tag wie geht es dir heute"]) == ["de"]


def test_what_is_no_supervised_model(tmp_path, pairs):
    from rowspace import Table, write

    path = tmp_path / "words.bin"
    table = Table.from_arrays(["a", "b"], np.eye(2, dtype=np.float32))
    write(table, path, format="fasttext")
    with pytest.raises(FormatError, match=r"a supervised model is needed"):
        LinearTextModel.from_fasttext(path)
    own = TextClassifier(dim=4, word_ngrams=1).fit(pairs, threads=1).to_fasttext(tmp_path / "own.bin")
    whole = own.read_bytes()
    for length in range(0, len(whole), 97):
        path.write_bytes(whole[:length])
        with pytest.raises(RowspaceError):
            LinearTextModel.from_fasttext(path)
    path.write_bytes(whole + b"x")
    with pytest.raises(FormatError, match="must end after the output matrix"):
        LinearTextModel.from_fasttext(path)
    path.write_bytes(whole[:-4] + np.float32(np.nan).tobytes())
    with pytest.raises(FormatError, match="must be finite"):
        LinearTextModel.from_fasttext(path)
