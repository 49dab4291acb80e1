"""The synthetic corpus, written to files in the formats of SQuAD v1.1, MLQA and XQuAD.

Its files: `squad/{train,dev}-v1.1.json` (English), `MLQA_V1/{dev,test}/…` for every pair of
six of MLQA's languages, `xquad/xquad.{language}.json` for all nine,
`translate-train/squad.{language}.json` (SQuAD's training data in each of the other languages,
without errors), `pretraining/{language}.txt` (one passage per line, the same one in line i of every
language) and `phrases/{language}.txt` (the training passages' names and titles of two to four
words, one per line).
"""

import json
from collections.abc import Iterable
from pathlib import Path

from lbmrc.miniworld.generator.lexicon import LANGUAGES
from lbmrc.miniworld.generator.passages import Passage, generate_passages

MLQA_LANGUAGES = ("en", "es", "de", "ar", "hi", "vi")
_PASSAGES_PER_ARTICLE = 5
_PHRASE_KINDS = ("person", "title")


def squad_dataset(
    items: list[Passage],
    passage_language: str,
    question_language: str,
    version: str,
    answers: int = 1,
) -> dict:
    """SQuAD-format JSON of passages in one language with questions in another.

    Each gold answer is repeated `answers` times: SQuAD's dev set has several annotators' answers.
    """
    data = []
    for first in range(0, len(items), _PASSAGES_PER_ARTICLE):
        article = items[first : first + _PASSAGES_PER_ARTICLE]
        paragraphs = []
        for passage in article:
            text = passage.text[passage_language]
            qas = []
            for question in passage.questions:
                start, end = passage.slots[question.slot].spans[passage_language]
                answer = {"text": text[start:end], "answer_start": start}
                qas.append(
                    {
                        "id": question.id,
                        "question": question.text[question_language],
                        "answers": [answer] * answers,
                    }
                )
            paragraphs.append({"context": text, "qas": qas})
        data.append({"title": article[0].title.replace(" ", "_"), "paragraphs": paragraphs})
    return {"version": version, "data": data}


def extract_phrases(items: Iterable[Passage], language: str) -> list[str]:
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
    """Write all files; XQuAD has its own test passages, and pre-training text its own split."""
    folder = Path(folder)
    train = list(generate_passages("train", train_passages, seed))
    dev = list(generate_passages("dev", dev_passages, seed))
    test = list(generate_passages("test", 2 * test_passages, seed))
    mlqa = {"dev": dev, "test": test[:test_passages]}
    xquad = test[test_passages:]

    _write_json(folder / "squad/train-v1.1.json", squad_dataset(train, "en", "en", "1.1"))
    _write_json(folder / "squad/dev-v1.1.json", squad_dataset(dev, "en", "en", "1.1", answers=3))
    for language in LANGUAGES[1:]:
        content = squad_dataset(train, language, language, "1.1")
        _write_json(folder / f"translate-train/squad.{language}.json", content)
    for split, items in mlqa.items():
        for passage_language in MLQA_LANGUAGES:
            for question_language in MLQA_LANGUAGES:
                name = f"{split}-context-{passage_language}-question-{question_language}.json"
                content = squad_dataset(items, passage_language, question_language, "1.0")
                _write_json(folder / "MLQA_V1" / split / name, content)
    for language in LANGUAGES:
        content = squad_dataset(xquad, language, language, "1.1")
        _write_json(folder / f"xquad/xquad.{language}.json", content)

    pretraining = list(generate_passages("pretrain", train_passages, seed))
    for language in LANGUAGES:
        lines = [passage.text[language] for passage in pretraining]
        _write_lines(folder / f"pretraining/{language}.txt", lines)
        _write_lines(folder / f"phrases/{language}.txt", extract_phrases(train, language))
