"""Files of labelled texts are known by their content."""

from __future__ import annotations

import gzip
import json

import pytest

from rowspace.corpus.labelled import LabelledTexts, open_labelled
from rowspace.errors import CorpusError, FileAccessError

FORMS = {
    "tabs": "ham\tSee you\nspam\tWin, now é\n",
    "prefix": "__label__ham See you\n__label__spam Win, now é\n",
    "csv": 'text,label\nSee you,ham\n"Win, now é",spam\n',
    "tsv-header": "label\ttext\nham\tSee you\nspam\tWin, now é\n",
    "semicolons": "label;text\nham;See you\nspam;Win, now é\n",
    "json": json.dumps({"label": "ham", "text": "See you"}) + "\n"
    + json.dumps({"text": "Win, now é", "label": "spam"}),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("packed", [False, True])
def test_forms_are_known_by_content(tmp_path, form, packed):
    raw = b"\xef\xbb\xbf" + FORMS[form].encode()
    path = tmp_path / "data"
    path.write_bytes(gzip.compress(raw) if packed else raw)
    data = open_labelled(path)
    assert data.labels == [("ham",), ("spam",)]
    assert [text.strip() for text in data.texts] == ["See you", "Win, now é"]


def test_parquet_and_field_names(tmp_path):
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    pq.write_table(pa.table({"kind": ["a"], "body": ["X"]}), tmp_path / "data")
    data = open_labelled(tmp_path / "data", label_field="kind", text_field="body", lowercase=True)
    assert (data.labels, data.texts) == ([("a",)], ["x"])


def test_broken_utf8_is_refused_replaced_or_kept(tmp_path):
    path = tmp_path / "data"
    path.write_bytes(b"a\tfine\nb\tcaf\xe9\n")
    with pytest.raises(CorpusError, match=r"line 2: text must be UTF-8, but byte 0xe9"):
        open_labelled(path)
    assert open_labelled(path, errors="replace").texts[1] == "caf\ufffd"
    assert open_labelled(path, errors="surrogateescape").texts[1] == "caf\udce9"


def test_what_cannot_be_read(tmp_path):
    with pytest.raises(FileAccessError):
        open_labelled(tmp_path / "none")
    (tmp_path / "wrong").write_text("just text\n")
    with pytest.raises(CorpusError, match=r"wrong: line 1 must be a label, a tab and a text"):
        open_labelled(tmp_path / "wrong")
    (tmp_path / "empty").write_text("")
    with pytest.raises(CorpusError, match="empty: labelled texts are needed, but there is none"):
        open_labelled(tmp_path / "empty")
    with pytest.raises(CorpusError, match="must be a path or an iterable"):
        open_labelled(3)


def test_labelled_texts_come_back_as_they_are():
    data = LabelledTexts.from_pairs([("a", "b")])
    assert open_labelled(data) is data
    assert open_labelled(iter([("a", "b")])).texts == ["b"]
