"""A network learns, in each way of using given rows, and goes on after a kill."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
from dataclasses import replace

import numpy as np
import pytest
import torch

from rowspace.errors import CorpusError, DivergedError, RecipeError
from rowspace.tasks.classification.networks import NetworkClassifier, NetworkTextModel
from rowspace.tasks.classification.networks.lexicon import GIVEN_LENGTH
from rowspace.tasks.classification.networks.network import TextNetwork


def test_it_learns_and_keeps_the_best_epoch(small, encoder, pairs):
    found = replace(small, encoder=encoder).fit(pairs[:64], validation=pairs[64:], threads=1)
    assert found.evaluate(pairs[64:]).accuracy == 1.0
    assert found.facts["best_epoch"] == int(np.argmax(found.facts["scores"])) + 1
    assert found.facts["losses"][-1] < found.facts["losses"][0]


@pytest.mark.parametrize(
    ("pretrained", "own", "given"), [("both", 8, 5), ("frozen", None, 5), ("tuned", 5, None)]
)
def test_given_rows_are_used_as_asked(small, pairs, rows, pretrained, own, given):
    found = replace(small, pretrained=pretrained, epochs=1).fit(pairs, table=rows, threads=1)
    network = found.network
    assert (network.own.embedding_dim if network.own else None) == own
    assert (network.given.embedding_dim if network.given else None) == given
    table = found.to_table()
    assert table.dim == (own or given)
    assert ("heron" in table) == (pretrained != "both")
    scale = np.sqrt((rows.vectors**2).sum(1).mean()) / GIVEN_LENGTH
    if network.given is not None:
        np.testing.assert_allclose(network.given.weight.numpy(), rows.vectors / scale, rtol=1e-5)
    if pretrained == "tuned":
        np.testing.assert_allclose(table["heron"], rows["heron"] / scale, rtol=1e-5)  # never met
        assert np.abs(table["dog"] - rows["dog"] / scale).max() > 1e-3


def test_a_word_that_only_the_table_knows_is_read(small, pairs, rows):
    found = replace(small, pretrained="frozen", epochs=12).fit(pairs, table=rows, threads=1)
    assert found.predict(["the heron the heron"]) == found.predict(["the dog the dog"]) == ["animal"]


def test_several_labels_a_text(small):
    data = [("x", "a b"), (["x", "y"], "b c"), ([], "d e")] * 16
    found = replace(small, loss="one-vs-all", epochs=15).fit(data, threads=1)
    tops = found.predict_top(["a b", "b c", "d e"], threshold=0.5)
    assert [sorted(label for label, _ in top) for top in tops] == [["x"], ["x", "y"], []]
    assert found.evaluate(data).f1 == 1.0


def test_the_same_seed_gives_the_same_model_and_leaves_torch_alone(small, pairs):
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    first, again, other = (
        replace(small, epochs=1, seed=seed).fit(pairs, threads=1).facts["losses"] for seed in (1, 1, 2)
    )
    assert first == again != other
    assert torch.rand(1) == expected


def test_a_training_that_was_killed_goes_on_to_the_same_file(tmp_path):
    """The process is killed by SIGKILL inside an epoch: no handler runs."""
    program = textwrap.dedent(
        """
        import os, signal, sys
        from rowspace.tasks.classification.networks import NetworkClassifier
        from rowspace.tasks.classification.networks.learner import TextLearner

        checkpoint, output, last = sys.argv[1:]
        steps, batch = [], TextLearner.batch

        def counted(self, chosen):
            steps.append(1)
            if len(steps) == int(last):
                os.kill(os.getpid(), signal.SIGKILL)
            return batch(self, chosen)

        TextLearner.batch = counted
        data = [("x", f"a b c{each % 7}") if each % 2 else ("y", f"b d e{each % 5}") for each in range(40)]
        recipe = NetworkClassifier(dim=6, width=4, epochs=3, batch=8)
        model = recipe.fit(
            data, validation=data[:9], threads=1, checkpoint=checkpoint, checkpoint_minutes=0, resume=True
        )
        model.save(output)
        """
    )

    def run(name: str, last: int) -> int:
        arguments = [str(tmp_path / f"{name}.part"), str(tmp_path / name), str(last)]
        return subprocess.run([sys.executable, "-c", program, *arguments], check=False).returncode

    assert run("whole", 0) == 0
    assert run("killed", 8) == -signal.SIGKILL
    assert not (tmp_path / "killed").exists()
    assert run("killed", 0) == 0
    assert (tmp_path / "killed").read_bytes() == (tmp_path / "whole").read_bytes()


def test_a_checkpoint_belongs_to_its_recipe_and_data(small, pairs, rows, tmp_path):
    recipe, path = replace(small, epochs=1), tmp_path / "c.part"
    recipe.fit(pairs, checkpoint=path)
    with pytest.raises(RecipeError, match="never overwritten unasked"):
        recipe.fit(pairs, checkpoint=path)
    for changed, data, table in ((recipe, pairs[1:], None), (recipe, pairs, rows)):
        with pytest.raises(RecipeError, match=r"differs in (data|table)"):
            changed.fit(data, table=table, checkpoint=path, resume=True)
    with pytest.raises(RecipeError, match="differs in width"):
        replace(recipe, width=5).fit(pairs, checkpoint=path, resume=True)
    with pytest.raises(RecipeError, match="resume"):
        recipe.fit(pairs, resume=True)


def test_patience_ends_early_and_holds_texts_out(small, pairs):
    found = replace(small, epochs=30, patience=2).fit(pairs, threads=1)
    assert len(found.facts["scores"]) < 30
    assert found.facts["texts"] == 72
    with pytest.raises(CorpusError, match="to hold texts out"):
        replace(small, loss="one-vs-all", patience=1).fit(pairs[:1])


def test_what_cannot_be_learned_is_refused(small, tmp_path):
    with pytest.raises(CorpusError, match="all have the label 'x'"):
        small.fit([("x", "a"), ("x", "b")])
    with pytest.raises(CorpusError, match="example 2 has none"):
        small.fit([("x", "a"), ([], "b")])
    with pytest.raises(CorpusError, match="no text has any"):
        replace(small, loss="one-vs-all").fit([([], "b")])
    with pytest.raises(CorpusError, match="there is none"):
        small.fit([])
    wrong = tmp_path / "data"
    wrong.write_bytes(b"x\ta\ny\tcaf\xe9\n")
    with pytest.raises(CorpusError, match="line 2: text must be UTF-8"):
        small.fit(wrong)
    wrong.write_text("no label here\n")
    with pytest.raises(CorpusError, match="line 1 must be a label, a tab"):
        small.fit(wrong)


def test_texts_without_words_are_learned_as_one(small):
    found = replace(small, epochs=2).fit([("x", ""), ("y", ""), ("x", " "), ("x", "")], threads=1)
    assert found.predict(["", "new"])[0] == "x"


def test_a_loss_that_is_not_finite_is_told(small, pairs, monkeypatch):
    forward = TextNetwork.forward
    monkeypatch.setattr(TextNetwork, "forward", lambda self, batch: forward(self, batch) * float("nan"))
    with pytest.raises(DivergedError, match="lower learning_rate"):
        replace(small, epochs=1).fit(pairs)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("encoder", "rnn"), ("dim", 0), ("width", 0), ("dropout", 1.0), ("pretrained", "no"), ("rarity", -1),
        ("length", 0), ("batch", 0), ("epochs", 0), ("learning_rate", 0), ("patience", 0), ("loss", "tree"),
    ],
)  # fmt: skip
@pytest.mark.unchecked
def test_fields_out_of_range_are_refused(field, value):
    with pytest.raises(RecipeError, match=field):
        NetworkClassifier(**{field: value})


def test_real_reviews_are_told_apart(data_dir):
    folder = data_dir / "classification" / "subj"
    recipe = NetworkClassifier(encoder="attention", dim=32, width=32, epochs=2)
    found: NetworkTextModel = recipe.fit(folder / "train.tsv", threads=1)
    assert found.evaluate(folder / "test.tsv").accuracy > 0.85
