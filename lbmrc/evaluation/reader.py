"""A question asked of a passage by a trained system, as `lbmrc ask` does."""

from typing import TYPE_CHECKING

import pyarrow as pa

from lbmrc.data.examples import Example
from lbmrc.evaluation.prediction import TextSpan, predictions
from lbmrc.windows.build import build_windows

if TYPE_CHECKING:
    from transformers import PreTrainedModel

    from lbmrc.config.stages import DecodingSettings, WindowSettings


def answer(
    question: str,
    passage: str,
    model: "PreTrainedModel",
    tokenizer,
    settings: "WindowSettings",
    decoding: "DecodingSettings",
    *,
    passage_language: str,
    question_language: str,
) -> list[TextSpan]:
    """The best spans of one passage for one question, the best first."""
    example = Example("", "", passage_language, question_language, passage, question, ())
    batches = build_windows([example], tokenizer, settings, for_prediction=True)
    tables = (pa.Table.from_batches([batch]) for batch in batches)
    found = predictions(model, tables, decoding, model.device, tokenizer.pad_token_id)
    return list(next(found).spans)
