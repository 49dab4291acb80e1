"""The meaning of each column of each kind of file; the types are in the schemas.

`described` puts the meanings into a file's metadata, as the JSON object ``columns``, and
`lbmrc.report.file_docs` puts them into ``docs/files.md``.
"""

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

METADATA_KEY = b"columns"

_EXAMPLE_KEY = {
    "passage_language": "language of the passage, a code such as `es`",
    "question_language": "language of the question",
}
_ORIGINAL_ID = "id of the question in the published file, the same in every language"
_PASSAGE_ID = "`title/number of the paragraph in its article`, the same in every language"

COLUMNS: dict[str, dict[str, str]] = {
    "examples": {
        "id": _ORIGINAL_ID,
        "passage_id": _PASSAGE_ID,
        **_EXAMPLE_KEY,
        "passage": "the passage as published or translated, never normalised",
        "question": "the question",
        "answer_texts": "each answer; `passage[start:start + len(text)] == text`",
        "answer_starts": "first code point of each answer in the passage, counted from 0",
    },
    "questions": {
        "id": _ORIGINAL_ID,
        "question": "its translation; null where there is none",
    },
    "recovered": {
        "id": _ORIGINAL_ID,
        "step": "the step of the recovery that found the answer in the translation",
        "confidence": "of that step, above 0 and at most 1",
    },
    "translations": {
        "text": "the source text, markers included",
        "translation": "its translation",
        "split": "parts that it was translated in, because it was too long for the engine",
        "cut": "parts of which the engine could read the beginning only",
    },
    "windows": {
        "example": "id of the question: `id` in the file of examples",
        "passage_id": _PASSAGE_ID,
        **_EXAMPLE_KEY,
        "window": "number of this window among those of its example, from 0",
        "input_ids": "token ids of the whole window, special tokens included, no padding",
        "passage_first": "position in the window of its first passage token",
        "passage_last": "position of its last passage token, inclusive",
        "question_language_id": "the encoder's id of the question's language; 0 if it has none",
        "passage_language_id": "the encoder's id of the passage's language; 0 if it has none",
        "start": "position of the answer's first token; 0 if the window does not hold the answer",
        "end": "position of the answer's last token, inclusive; 0 if there is none",
        "offsets": "for prediction only: first code point and end (exclusive) in the passage of "
        "each passage token, one pair after the other",
        "passage": "for prediction only: the passage",
    },
    "phrase windows": {
        "passage_id": _PASSAGE_ID,
        "language": "language of the passage",
        "language_id": "the encoder's id of it; 0 if it has none",
        "input_ids": "token ids of the window, special tokens included",
        "phrases": "for each token the number of its phrase in the passage, from 1; 0 outside "
        "phrases, -1 for a special token",
    },
    "logits": {
        "dataset": "the file of windows that the row belongs to: `windows/{dataset}.arrow`",
        "row": "row of that file, from 0",
        "example": "id of the question, as in that row",
        **_EXAMPLE_KEY,
        "window": "number of the window among those of its example, as in that row",
        "start": "logit of each token of the window as the answer's first; the values are rounded "
        "to half precision",
        "end": "logit of each token of the window as the answer's last, likewise",
    },
    "question scores": {
        "benchmark": "name of the benchmark in the config",
        "split": "its split, such as `test`",
        **_EXAMPLE_KEY,
        "id": _ORIGINAL_ID,
        "passage_id": _PASSAGE_ID,
        "exact_match": "0 or 1, by the benchmark's metric",
        "f1": "between 0 and 1, by the benchmark's metric",
        "whole_word_exact_match": "exact match if the prediction were extended to whole words",
        "whole_word_f1": "F1 if the prediction were extended to whole words",
        "prediction": "the predicted answer; null if there is none",
        "prediction_start": "first code point of the prediction in the passage; null if it does "
        "not occur there",
        "prediction_end": "end of the prediction (exclusive); null as the start",
        "gold": "the gold answer that the prediction is compared with",
        "gold_start": "first code point of that answer; null if the published offset is wrong",
        "gold_end": "end of that answer (exclusive); null as the start",
    },
}
"""Kind of file -> column -> meaning."""


def described(schema: "pa.Schema", kind: str) -> "pa.Schema":
    """The schema with the meanings of its columns added to its metadata."""
    meanings = {name: COLUMNS[kind][name] for name in schema.names}
    text = json.dumps(meanings, ensure_ascii=False)
    return schema.with_metadata({**(schema.metadata or {}), METADATA_KEY: text})
