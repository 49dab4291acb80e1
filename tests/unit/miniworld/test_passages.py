"""The synthetic corpus: spans, alignment, splits, variety, and the published files."""

import hashlib
import json
import subprocess
import sys
from collections import Counter
from itertools import product

import pytest

from lbmrc.common.errors import UserError
from lbmrc.miniworld.generator.languages import MODULES
from lbmrc.miniworld.generator.lexicon import LANGUAGES
from lbmrc.miniworld.generator.names import SPLITS, fold, split_of
from lbmrc.miniworld.generator.passages import Passage, generate_passages
from lbmrc.miniworld.generator.publish import MLQA_LANGUAGES, publish


@pytest.fixture(scope="module")
def corpus() -> dict[str, list[Passage]]:
    """Some passages of each split."""
    return {split: list(generate_passages(split, 250, seed=7)) for split in SPLITS}


@pytest.fixture(scope="module")
def every(corpus) -> list[Passage]:
    return [passage for split in SPLITS for passage in corpus[split]]


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    folder = tmp_path_factory.mktemp("corpus")
    publish(folder, train_passages=30, dev_passages=12, test_passages=12, seed=3)
    return folder


def answer(passage: Passage, slot: int, language: str) -> str:
    start, end = passage.slots[slot].spans[language]
    return passage.text[language][start:end]


def digest(folder) -> str:
    sums = [
        f"{path.relative_to(folder)} {hashlib.sha256(path.read_bytes()).hexdigest()}"
        for path in sorted(folder.rglob("*.*"))
    ]
    return "\n".join(sums)


def test_every_language_has_every_phrase():
    for section in ("STATEMENTS", "QUESTIONS"):
        english = {key: len(phrases) for key, phrases in getattr(MODULES["en"], section).items()}
        for language, module in MODULES.items():
            found = {key: len(phrases) for key, phrases in getattr(module, section).items()}
            assert found == english, (language, section)


def test_same_seed_same_corpus_and_other_seed_another():
    assert list(generate_passages("dev", 20, seed=1)) == list(generate_passages("dev", 20, seed=1))
    assert list(generate_passages("dev", 20, seed=1)) != list(generate_passages("dev", 20, seed=2))
    assert list(generate_passages("dev", 30, seed=1))[:20] == list(
        generate_passages("dev", 20, seed=1)
    )


def test_corpus_does_not_depend_on_the_hash_seed(published, tmp_path):
    """Byte for byte, from another process with another string hashing."""
    command = [sys.executable, "-m", "lbmrc.miniworld", "publish", str(tmp_path)]
    sizes = ["--train-passages", "30", "--dev-passages", "12", "--test-passages", "12"]
    subprocess.run([*command, *sizes, "--seed", "3"], check=True, env={"PYTHONHASHSEED": "99"})
    assert digest(tmp_path) == digest(published)


def test_sentences_tile_the_text(every):
    for passage in every:
        counts = {len(passage.sentences[language]) for language in LANGUAGES}
        assert len(counts) == 1 and 4 <= counts.pop() <= 8
        for language in LANGUAGES:
            text = passage.text[language]
            parts = [text[start:end] for start, end in passage.sentences[language]]
            assert " ".join(parts) == text
            assert all(part.strip() == part and part for part in parts)


def test_phrases_leave_no_markup(every):
    for passage in every:
        for language in LANGUAGES:
            texts = [passage.text[language], *(asked.text[language] for asked in passage.questions)]
            assert not any(c in text for text in texts for c in "{}<>[]|")


def test_slots_lie_in_the_same_sentence_and_say_the_same(every):
    for passage in every:
        seen: dict[tuple[str, str, str], str] = {}
        for slot in passage.slots:
            homes = set()
            for language in LANGUAGES:
                start, end = slot.spans[language]
                text = passage.text[language][start:end]
                assert text and text.strip() == text
                # One entity is written in one way throughout the passage.
                if not slot.relation:
                    assert seen.setdefault((slot.entity, slot.kind, language), text) == text
                homes.add(
                    next(
                        i
                        for i, (first, last) in enumerate(passage.sentences[language])
                        if first <= start and end <= last
                    )
                )
            assert len(homes) == 1
            if not slot.relation:
                assert answer(passage, passage.slots.index(slot), "en") == slot.entity
            if slot.kind in ("year", "pages"):
                assert len({answer(passage, passage.slots.index(slot), x) for x in LANGUAGES}) == 1


def test_anchors_are_words_in_every_language(every):
    for passage in every:
        pairs = [(passage.text, anchor) for anchor in passage.anchors]
        for asked in passage.questions:
            pairs += [(asked.text, anchor) for anchor in (*asked.anchors, asked.entity)]
            name = answer(
                passage,
                next(
                    i
                    for i, slot in enumerate(passage.slots)
                    if not slot.relation and slot.entity == passage.slots[asked.slot].entity
                ),
                "ru",
            )
            start, end = asked.entity["ru"]
            assert asked.text["ru"][start:end] == name
        for text, anchor in pairs:
            assert set(anchor) == set(LANGUAGES)
            for language, (start, end) in anchor.items():
                marked = text[language][start:end]
                assert marked and marked.strip() == marked


def test_each_question_has_one_answer_and_a_distractor(every):
    for passage in every:
        assert 3 <= len(passage.questions) <= 5
        facts = Counter((s.entity, s.relation) for s in passage.slots if s.relation)
        for language in LANGUAGES:
            assert len({asked.text[language] for asked in passage.questions}) == len(
                passage.questions
            )
        for asked in passage.questions:
            gold = passage.slots[asked.slot]
            assert gold.relation and facts[gold.entity, gold.relation] == 1
            assert any(
                slot.kind == gold.kind and slot.relation == gold.relation
                for slot in passage.slots
                if slot.entity != gold.entity
            )


def test_no_language_confuses_two_entities(every):
    for passage in every:
        for language in LANGUAGES:
            names = {}
            for i, slot in enumerate(passage.slots):
                if not slot.relation:
                    names[slot.entity] = fold(answer(passage, i, language))
            for one, two in product(names, names):
                assert one == two or names[one] not in names[two]


def test_splits_share_no_fact_name_or_text(corpus):
    facts, entities, texts, ids = {}, {}, {}, {}
    for split, items in corpus.items():
        facts[split] = {
            (slot.entity, slot.relation, answer(passage, i, "en"))
            for passage in items
            for i, slot in enumerate(passage.slots)
            if slot.relation
        }
        entities[split] = {slot.entity for passage in items for slot in passage.slots}
        texts[split] = {passage.text["en"] for passage in items}
        ids[split] = {asked.id for passage in items for asked in passage.questions}
        assert len(texts[split]) == len(items)
        assert len(ids[split]) == sum(len(passage.questions) for passage in items)
        for name in entities[split]:
            assert split in (split_of(name), split_of(name.split()[-1].lower()))
    for kind in (facts, entities, texts, ids):
        for one, two in product(SPLITS, SPLITS):
            assert one == two or not kind[one] & kind[two]


def test_no_entity_comes_back_in_another_passage(corpus):
    for items in corpus.values():
        homes = Counter(name for p in items for name in {slot.entity for slot in p.slots})
        assert set(homes.values()) == {1}


@pytest.mark.parametrize("language", LANGUAGES)
def test_answers_are_varied(every, language):
    found = Counter()
    for passage in every:
        text = passage.text[language]
        for asked in passage.questions:
            start, end = passage.slots[asked.slot].spans[language]
            gold = text[start:end]
            found["start"] += start == 0
            found["end"] += end == len(text)
            found["repeated"] += text.count(gold) > 1
            found["repeated, not the first"] += text.find(gold) < start
            found["digits"] += any(c.isdigit() for c in gold)
            found["brackets"] += "(" in gold
            found["quotes"] += gold[0] in "“«„" and gold[-1] in "”»“"
            found["in brackets"] += text[start - 1 : start] == "("
            found[f"{min(5, len(gold.split()))} words"] += 1
        found["open end"] += text[-1] not in ".।"
    expected = ["start", "end", "repeated", "repeated, not the first", "digits", "brackets"]
    expected += ["quotes", "in brackets", "open end"]
    expected += [f"{n} words" for n in (1, 2, 3, 5)]
    assert all(found[kind] for kind in expected), found


def test_digits_are_grouped_as_the_language_does(every):
    slot, passage = next(
        (slot, passage)
        for passage in every
        for slot in passage.slots
        if slot.kind == "population" and "(" in passage.text["en"][slice(*slot.spans["en"])]
    )
    english = passage.text["en"][slice(*slot.spans["en"])]
    marks = {"de": ".", "es": ".", "ru": "\u00a0", "hi": ","}
    for language, mark in marks.items():
        assert passage.text[language][slice(*slot.spans[language])] == english.replace(",", mark)


def squad(path):
    """(context, question, id, answers) of every question of a published file."""
    for article in json.loads(path.read_text(encoding="utf-8"))["data"]:
        assert article["title"]
        for paragraph in article["paragraphs"]:
            for asked in paragraph["qas"]:
                yield paragraph["context"], asked["question"], asked["id"], asked["answers"]


def test_published_names(published):
    names = {str(path.relative_to(published)) for path in published.rglob("*") if path.is_file()}
    mlqa = {
        f"MLQA_V1/{split}/{split}-context-{context}-question-{question}.json"
        for split in ("dev", "test")
        for context in MLQA_LANGUAGES
        for question in MLQA_LANGUAGES
    }
    assert len(mlqa) == 72
    assert names == (
        {"squad/train-v1.1.json", "squad/dev-v1.1.json"}
        | mlqa
        | {f"xquad/xquad.{language}.json" for language in LANGUAGES}
        | {f"translate-train/squad.{language}.json" for language in LANGUAGES[1:]}
        | {f"pretraining/{language}.txt" for language in LANGUAGES}
        | {f"phrases/{language}.txt" for language in LANGUAGES}
    )


def test_published_answers_are_at_their_offsets(published):
    for path in published.rglob("*.json"):
        ids = []
        for context, _, identity, answers in squad(path):
            ids.append(identity)
            assert len(answers) == (3 if path.name == "dev-v1.1.json" else 1)
            for gold in answers:
                start, text = gold["answer_start"], gold["text"]
                assert context[start : start + len(text)] == text
        assert ids and len(ids) == len(set(ids))


def test_published_files_are_parallel(published):
    for split in ("dev", "test"):
        files = list((published / "MLQA_V1" / split).iterdir())
        assert len({tuple(row[2] for row in squad(path)) for path in files}) == 1
    for files in (
        list((published / "xquad").iterdir()),
        [published / "squad/train-v1.1.json", *(published / "translate-train").iterdir()],
    ):
        assert len({tuple(row[2] for row in squad(path)) for path in files}) == 1
    mixed = published / "MLQA_V1/dev/dev-context-de-question-hi.json"
    german = published / "MLQA_V1/dev/dev-context-de-question-de.json"
    hindi = published / "MLQA_V1/dev/dev-context-hi-question-hi.json"
    for one, two, three in zip(squad(mixed), squad(german), squad(hindi), strict=True):
        assert (one[0], one[1], one[3]) == (two[0], three[1], two[3])


def test_benchmarks_share_no_passage(published):
    contexts = {
        name: {row[0] for row in squad(published / name)}
        for name in (
            "squad/train-v1.1.json",
            "MLQA_V1/dev/dev-context-en-question-en.json",
            "MLQA_V1/test/test-context-en-question-en.json",
            "xquad/xquad.en.json",
        )
    }
    for one, two in product(contexts, contexts):
        assert one == two or not contexts[one] & contexts[two]


def test_plain_text_is_parallel_and_phrases_are_short(published):
    lines = {
        language: (published / f"pretraining/{language}.txt").read_text("utf-8").splitlines()
        for language in LANGUAGES
    }
    assert {len(found) for found in lines.values()} == {30}
    for language in LANGUAGES:
        phrases = (published / f"phrases/{language}.txt").read_text("utf-8").splitlines()
        assert phrases and all(2 <= len(phrase.split()) <= 4 for phrase in phrases)
    squad = json.loads((published / "squad/train-v1.1.json").read_text("utf-8"))
    passages = [p["context"] for article in squad["data"] for p in article["paragraphs"]]
    phrases = (published / "phrases/en.txt").read_text("utf-8").splitlines()
    assert all(any(phrase in passage for passage in passages) for phrase in phrases)


def test_show_prints_questions_and_answers(capsys, monkeypatch):
    from lbmrc.miniworld.__main__ import main

    monkeypatch.setattr(sys, "argv", ["miniworld", "show", "--language", "tr", "--count", "1"])
    main()
    assert "→" in capsys.readouterr().out


def test_more_passages_than_names_are_refused():
    with pytest.raises(UserError, match="at most 25000 passages of the split 'dev'"):
        next(generate_passages("dev", 25_001, seed=1))


def test_the_text_is_what_the_shipped_checkpoints_were_trained_on():
    """After a change of the generated text, retrain the checkpoints, then update this digest."""
    text = repr([passage for split in SPLITS for passage in generate_passages(split, 50, seed=42)])
    assert hashlib.sha256(text.encode()).hexdigest() == (
        "1cc2e02f72b360c659607b395fffa15809169c2278c49fccf67a095d9b7e497e"
    )
