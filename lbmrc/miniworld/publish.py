"""The embedded world written out in the very files of SQuAD v1.1, MLQA and XQuAD.

Under a folder: `squad/{train,dev}-v1.1.json` (English), `MLQA_V1/{dev,test}/…` for every pair of
six of MLQA's languages, `xquad/xquad.{language}.json` for all nine, `pretraining/{language}.txt`
(a passage a line, line i the same passage in every language) and `phrases/{language}.txt` (the
training passages' names and titles of two to four words, one a line).
"""

import json
from collections.abc import Iterable
from pathlib import Path

from lbmrc.miniworld.lexicon import LANGUAGES
from lbmrc.miniworld.passages import Passage, passages

MLQA_LANGUAGES = ("en", "es", "de", "ar", "hi", "vi")
_PASSAGES_PER_ARTICLE = 5
_PHRASE_KINDS = ("person", "title")


def dataset(
    items: list[Passage], context: str, question: str, version: str, answers: int = 1
) -> dict:
    """SQuAD-format JSON of passages in one language with questions in another.

    `answers` repeats each gold answer, as SQuAD's dev set gives those of several people.
    """
    data = []
    for first in range(0, len(items), _PASSAGES_PER_ARTICLE):
        article = items[first : first + _PASSAGES_PER_ARTICLE]
        paragraphs = []
        for passage in article:
            text = passage.text[context]
            qas = []
            for asked in passage.questions:
                start, end = passage.slots[asked.slot].spans[context]
                answer = {"text": text[start:end], "answer_start": start}
                qas.append(
                    {
                        "id": asked.id,
                        "question": asked.text[question],
                        "answers": [answer] * answers,
                    }
                )
            paragraphs.append({"context": text, "qas": qas})
        data.append({"title": article[0].title.replace(" ", "_"), "paragraphs": paragraphs})
    return {"version": version, "data": data}


def phrases(items: Iterable[Passage], language: str) -> list[str]:
    """Distinct names and titles of two to four words, sorted."""
    found = set()
    for passage in items:
        for slot in passage.slots:
            start, end = slot.spans[language]
            phrase = passage.text[language][start:end]
            if slot.kind in _PHRASE_KINDS and 2 <= len(phrase.split()) <= 4:
                found.add(phrase)
    return sorted(found)


def _write_json(path: Path, content: dict) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def _write_lines(path: Path, lines: Iterable[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def publish(
    folder: Path | str, train_passages: int, dev_passages: int, test_passages: int, seed: int
) -> None:
    """Write the world; XQuAD takes test passages of its own, pre-training text its own split."""
    folder = Path(folder)
    train = list(passages("train", train_passages, seed))
    dev = list(passages("dev", dev_passages, seed))
    test = list(passages("test", 2 * test_passages, seed))
    mlqa = {"dev": dev, "test": test[:test_passages]}
    xquad = test[test_passages:]

    _write_json(folder / "squad/train-v1.1.json", dataset(train, "en", "en", "1.1"))
    _write_json(folder / "squad/dev-v1.1.json", dataset(dev, "en", "en", "1.1", answers=3))
    for split, items in mlqa.items():
        for context in MLQA_LANGUAGES:
            for question in MLQA_LANGUAGES:
                name = f"{split}-context-{context}-question-{question}.json"
                content = dataset(items, context, question, "1.0")
                _write_json(folder / "MLQA_V1" / split / name, content)
    for language in LANGUAGES:
        content = dataset(xquad, language, language, "1.1")
        _write_json(folder / f"xquad/xquad.{language}.json", content)

    pretraining = list(passages("pretrain", train_passages, seed))
    for language in LANGUAGES:
        lines = [passage.text[language] for passage in pretraining]
        _write_lines(folder / f"pretraining/{language}.txt", lines)
        _write_lines(folder / f"phrases/{language}.txt", phrases(train, language))
