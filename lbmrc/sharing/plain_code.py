"""Code for the model card that answers questions with a trained system and transformers alone.

It passes the same inputs as lbmrc: language ids and segment ids (question, passage) if the model
family uses them, and the special tokens of the training.
"""

from typing import Any

_FRAMES = {
    "double": "[cls, *q, sep, sep, *p, sep]",
    "single": "[cls, *q, sep, *p, sep]",
    "transformers": "tokenizer(question, passage)['input_ids']",
}

_LANGUAGES = """\
    # the language of every token: the question's, then the passage's
    of = model.config.lang2id
    langs = [of[question_language]] * first + [of[passage_language]] * (len(ids) - first)
    inputs = {"input_ids": torch.tensor([ids]), "langs": torch.tensor([langs])}
"""
_SEGMENTS = """\
    segments = [0] * first + [1] * (len(ids) - first)
    inputs = {"input_ids": torch.tensor([ids]), "token_type_ids": torch.tensor([segments])}
"""
_NEITHER = """\
    inputs = {"input_ids": torch.tensor([ids])}
"""

_TEMPLATE = """\
import torch
from transformers import AutoModelForQuestionAnswering, AutoTokenizer

folder = "."  # where this card is
tokenizer = AutoTokenizer.from_pretrained(folder)
model = AutoModelForQuestionAnswering.from_pretrained(folder, dtype=torch.float32).eval()


def answer(question, passage{languages}):
    q = tokenizer(question, add_special_tokens=False)["input_ids"][:{max_question_length}]
    p = tokenizer(passage, add_special_tokens=False)["input_ids"]
    cls, sep = tokenizer.cls_token_id, tokenizer.sep_token_id
    ids = {frame}  # {max_length} tokens at most
    first = len(ids) - len(p) - 1  # the passage's first token
{inputs}    with torch.no_grad():
        out = model(**inputs)
    start, end = out.start_logits[0, first:-1], out.end_logits[0, first:-1]
    scores = start[:, None] + end
    allowed = torch.ones_like(scores).triu().tril(29).bool()  # 30 tokens at most
    best = int(scores.masked_fill(~allowed, -torch.inf).argmax())
    return tokenizer.decode(p[best // len(p) : best % len(p) + 1])
"""


def plain_code(config: dict[str, Any]) -> str:
    """The code for a trained system's model with this ``config.json``."""
    windows = config["lbmrc_windows"]
    has_languages = bool(config.get("lang2id"))
    if has_languages:
        inputs = _LANGUAGES
    else:
        inputs = _SEGMENTS if config.get("type_vocab_size", 0) > 1 else _NEITHER
    return _TEMPLATE.format(
        languages=", question_language, passage_language" if has_languages else "",
        frame=_FRAMES[windows["special_tokens"]],
        max_question_length=windows["max_question_length"],
        max_length=windows["max_length"],
        inputs=inputs,
    )
