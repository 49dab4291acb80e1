import json
import runpy
from pathlib import Path

import pyarrow.parquet as pq

from lbmrc.common.columns import COLUMNS
from lbmrc.data.examples import Answer, Example, write_examples

DOCS = Path(__file__).parents[3] / "docs"
PAGE = runpy.run_path(str(DOCS / "columns.py"))


def test_every_column_of_every_kind_of_file_has_a_meaning():
    assert {kind: list(meanings) for kind, meanings in COLUMNS.items()} == {
        kind: schema.names for kind, schema in PAGE["SCHEMAS"].items()
    }


def test_the_page_of_files_is_in_step():
    text = (DOCS / "files.md").read_text(encoding="utf-8")
    assert PAGE["with_tables"](text) == text, "run `make docs`"
    assert all(f"<!-- columns: {kind} -->" in text for kind in COLUMNS)


def test_a_file_carries_the_meanings_of_its_columns(tmp_path):
    example = Example("1", "a/0", "en", "en", "It is red.", "What is it?", (Answer("red", 6),))
    write_examples(tmp_path / "e.parquet", [example])
    found = json.loads(pq.read_schema(tmp_path / "e.parquet").metadata[b"columns"])
    assert found == COLUMNS["examples"]
