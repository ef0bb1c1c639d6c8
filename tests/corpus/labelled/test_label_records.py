"""Records with a field for the label and one for the text."""

from __future__ import annotations

import pytest

from rowspace.corpus.labelled.label_records import Fields, csv_examples, json_examples, parquet_examples
from rowspace.errors import CorpusError, FormatError

FIELDS = Fields("kind", "body")


def test_csv_with_quotes_and_other_columns():
    text = 'id,body,kind\r\n1,"a, ""b""\nc",x\r\n\r\n2,d,y\r\n'
    assert list(csv_examples(text, FIELDS, "mail", ",")) == [("x", 'a, "b"\nc'), ("y", "d")]


def test_csv_with_a_short_row_names_the_line():
    with pytest.raises(CorpusError, match="mail: line 3 must have 2 columns as the header, but has 1"):
        list(csv_examples("kind,body\nx,y\nz\n", FIELDS, "mail", ","))


def test_json_lines():
    text = '{"kind": ["a", "b"], "body": "x\\ny"}\n\n{"body": null, "kind": 3}\n'
    assert list(json_examples(text, FIELDS, "mail")) == [(["a", "b"], "x\ny"), ("3", "")]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "mail: line 2: must be a JSON object"),
        ('{"kind": "a"}', "mail: line 2: must be a JSON object with 'kind' and 'body', but holds 'kind'"),
        ('{"kind": "a", "body": 3}', "mail: line 2: the text must be a string, but is int"),
        ('{"kind": {}, "body": ""}', "mail: line 2: a label must be a string or a number"),
    ],
)
def test_json_errors_name_the_line(line, message):
    with pytest.raises(CorpusError, match=message):
        list(json_examples('{"kind": "a", "body": "b"}\n' + line, FIELDS, "mail"))


def test_parquet(tmp_path):
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "mail"
    pq.write_table(pa.table({"kind": ["a", "b"], "body": ["x", None], "more": [1, 2]}), path)
    assert list(parquet_examples(path, FIELDS)) == [("a", "x"), ("b", "")]
    with pytest.raises(
        CorpusError, match="must have the columns 'label' and 'body', but has kind, body, more"
    ):
        list(parquet_examples(path, Fields("label", "body")))
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(FormatError, match="damaged"):
        list(parquet_examples(path, FIELDS))
