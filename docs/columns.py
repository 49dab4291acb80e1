"""Write the tables of columns in ``docs/files.md``: ``python docs/columns.py``.

Types come from the schemas that the files are written with, meanings from `lbmrc.common.columns`.
A test fails where the page is out of step with them.
"""

import re
from pathlib import Path

import pyarrow as pa

from lbmrc.common.columns import COLUMNS
from lbmrc.data import examples
from lbmrc.distillation import logit_files
from lbmrc.evaluation import question_scores
from lbmrc.lakm import phrase_window_files
from lbmrc.translation import store
from lbmrc.translation.recovery import funnel
from lbmrc.windows import files

PAGE = Path(__file__).with_name("files.md")
SCHEMAS = {
    "examples": examples.SCHEMA,
    "questions": funnel.QUESTIONS,
    "recovered": funnel.RECOVERED,
    "translations": store.SCHEMA,
    "windows": files.SCHEMA,
    "phrase windows": phrase_window_files.SCHEMA,
    "logits": logit_files.SCHEMA,
    "question scores": question_scores.SCHEMA,
}
_TABLE = re.compile(r"(<!-- columns: (.+?) -->\n).*?(<!-- end -->)", re.DOTALL)


def with_tables(text: str) -> str:
    """The page with every table between ``<!-- columns: KIND -->`` and ``<!-- end -->`` renewed."""
    return _TABLE.sub(lambda match: f"{match[1]}{_table(match[2])}\n{match[3]}", text)


def _table(kind: str) -> str:
    rows = [f"| `{f.name}` | {_type(f.type)} | {COLUMNS[kind][f.name]} |" for f in SCHEMAS[kind]]
    return "\n".join(["| column | type | meaning |", "|---|---|---|", *rows])


def _type(kind: pa.DataType) -> str:
    if pa.types.is_list(kind):
        return f"list of {_type(kind.value_type)}"
    return str(kind.value_type) if pa.types.is_dictionary(kind) else str(kind)


if __name__ == "__main__":
    PAGE.write_text(with_tables(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
