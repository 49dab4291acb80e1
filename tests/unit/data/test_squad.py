"""SQuAD-format files: read, written back, cut by title, and refused when they are broken."""

import json
from copy import deepcopy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lbmrc.common.errors import UserError
from lbmrc.data.examples import Answer, Example
from lbmrc.data.squad import read_squad, read_squad_files, select_articles, write_squad

XQUAD_LANGUAGES = ["ar", "de", "el", "en", "es", "hi", "ru", "tr", "vi"]

CONTENT = {
    "data": [
        {
            "title": "Nikola_Tesla",
            "paragraphs": [
                {
                    "context": "\ufeffTesla war ein „Erfinder“.\nEr starb 1943.",
                    "qas": [
                        {
                            "id": "q1",
                            "question": "Was war er?",
                            "answers": [
                                {"text": "„Erfinder“", "answer_start": 15},
                                {"text": "Erfinder", "answer_start": 16},
                            ],
                        },
                        {
                            "id": "q2",
                            "question": "Wann starb er?",
                            "answers": [{"text": "1943", "answer_start": 36}],
                        },
                    ],
                },
                {
                    "context": "AC/DC?",
                    "qas": [
                        {
                            "id": "q3",
                            "question": "Wer?",
                            "answers": [{"text": "AC/DC", "answer_start": 0}],
                        }
                    ],
                },
            ],
        },
        {"title": "Warsaw", "paragraphs": []},
    ],
    "version": "1.1",
}


@pytest.fixture
def content():
    return deepcopy(CONTENT)


def write(folder, content, name="corpus.json"):
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return path


def test_reads_every_field(tmp_path, content):
    examples, bad = read_squad(write(tmp_path, content), "de", "en")
    assert bad == []
    assert examples[0] == Example(
        id="q1",
        passage_id="Nikola_Tesla/0",
        passage_language="de",
        question_language="en",
        passage=CONTENT["data"][0]["paragraphs"][0]["context"],
        question="Was war er?",
        answers=(Answer("„Erfinder“", 15), Answer("Erfinder", 16)),
    )
    assert [e.passage_id for e in examples] == [
        "Nikola_Tesla/0",
        "Nikola_Tesla/0",
        "Nikola_Tesla/1",
    ]


def test_reads_numbers_for_ids_and_text_for_offsets(tmp_path, content):
    question(content).update(id=959)
    question(content)["answers"][0].update(answer_start="15")
    examples, bad = read_squad(write(tmp_path, content), "de", "de")
    assert bad == []
    assert examples[0].id == "959"
    assert examples[0].answers[0] == Answer("„Erfinder“", 15)


def question(content, number=0):
    return content["data"][0]["paragraphs"][0]["qas"][number]


def drop(*keys):
    def act(content):
        place = content["data"][0]
        for key in keys[:-1]:
            place = place[key]
        del place[keys[-1]]

    return act


QUESTION = ("paragraphs", 0, "qas", 0)
BROKEN = {
    "no-title": (drop("title"), "data[0].title", "", 3),
    "no-paragraphs": (drop("paragraphs"), "data[0].paragraphs", "", 3),
    "no-context": (drop("paragraphs", 0, "context"), "data[0].paragraphs[0].context", "", 2),
    "no-qas": (drop("paragraphs", 1, "qas"), "data[0].paragraphs[1].qas", "", 1),
    "no-id": (drop(*QUESTION, "id"), "qas[0].id", "", 1),
    "no-question": (drop(*QUESTION, "question"), "qas[0].question", "q1", 1),
    "no-answers": (drop(*QUESTION, "answers"), "qas[0].answers", "q1", 1),
    "no-text": (drop(*QUESTION, "answers", 1, "text"), "answers[1].text", "q1", 1),
    "no-start": (
        drop(*QUESTION, "answers", 0, "answer_start"),
        "answers[0].answer_start",
        "q1",
        1,
    ),
    "empty-answers": (lambda c: question(c).update(answers=[]), "qas[0].answers", "q1", 1),
    "empty-answer": (
        lambda c: question(c).update(answers=[{"text": "", "answer_start": 0}]),
        "answers[0].text",
        "q1",
        1,
    ),
    "off-by-one": (
        lambda c: question(c, 1)["answers"][0].update(answer_start=37),
        'is 37: the passage has "943.", not "1943"',
        "q2",
        1,
    ),
    "negative": (
        lambda c: question(c, 1)["answers"][0].update(answer_start=-5),
        "answers[0].answer_start",
        "q2",
        1,
    ),
    "not-a-number": (
        lambda c: question(c, 1)["answers"][0].update(answer_start="36.0"),
        "'36.0', not a whole number",
        "q2",
        1,
    ),
    "true-for-a-number": (
        lambda c: question(c, 1)["answers"][0].update(answer_start=True),
        "True, not a whole number",
        "q2",
        1,
    ),
    "list-for-an-id": (
        lambda c: question(c).update(id=["q1"]),
        "is list, neither text nor a whole number",
        "",
        1,
    ),
    "fraction-for-an-id": (
        lambda c: question(c).update(id=1.0),
        "is float, neither text nor a whole number",
        "",
        1,
    ),
    "null-for-an-id": (
        lambda c: question(c).update(id=None),
        "is null, neither text nor a whole number",
        "",
        1,
    ),
    "number-and-digits": (
        lambda c: (question(c).update(id=7), question(c, 1).update(id="7")),
        "was already used in this file",
        "7",
        1,
    ),
    "not-an-object": (
        lambda c: c["data"][0]["paragraphs"][0]["qas"].__setitem__(0, "q1"),
        "qas[0]",
        "",
        1,
    ),
    "number-for-text": (lambda c: question(c).update(question=7), "is int, not text", "q1", 1),
    "half-a-pair": (lambda c: question(c).update(question="\ud83d"), "surrogate", "q1", 1),
    "duplicate": (lambda c: question(c, 1).update(id="q1"), "Nikola_Tesla/0: id", "q1", 1),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_bad_question_stops_or_is_listed(tmp_path, content, name):
    damage, message, id, lost = BROKEN[name]
    damage(content)
    intact = {
        "title": "Force",
        "paragraphs": [
            {
                "context": "F = ma",
                "qas": [
                    {
                        "id": "intact",
                        "question": "?",
                        "answers": [{"text": "ma", "answer_start": 4}],
                    }
                ],
            }
        ],
    }
    content["data"].append(intact)
    path = write(tmp_path, content)
    with pytest.raises(UserError) as error:
        read_squad(path, "de", "de")
    assert str(path) in str(error.value)
    assert message in str(error.value)
    assert f'id "{id}"' in str(error.value)
    assert "on_bad_example: skip" in str(error.value)

    examples, bad = read_squad(path, "de", "de", on_bad_example="skip")
    assert len(bad) == 1
    assert bad[0].id == id
    assert message in f"{bad[0].field} {bad[0].problem}"
    assert len(examples) == 4 - lost
    assert examples[-1].id == "intact"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"data": [', "line 1, column"),
        ("[]", 'no list "data"'),
        ('{"data": {}}', 'no list "data"'),
        ('{"data": []}', "no usable question"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
@pytest.mark.parametrize("policy", ["stop", "skip"])
def test_a_broken_file_is_always_an_error(tmp_path, text, message, policy):
    path = write(tmp_path, text)
    with pytest.raises(UserError, match=message) as error:
        read_squad(path, "en", "en", on_bad_example=policy)
    assert str(path) in str(error.value)


def test_a_missing_or_undecodable_file(tmp_path):
    with pytest.raises(UserError, match=r"none\.json: cannot be read"):
        read_squad(tmp_path / "none.json", "en", "en")
    (tmp_path / "latin.json").write_bytes('{"data": "ä"}'.encode("latin-1"))
    with pytest.raises(UserError, match="not UTF-8"):
        read_squad(tmp_path / "latin.json", "en", "en")


def test_two_articles_of_one_title_share_no_passage_id(tmp_path, content):
    again = deepcopy(content["data"][0])
    again["paragraphs"] = again["paragraphs"][1:]
    again["paragraphs"][0]["qas"][0]["id"] = "q4"
    content["data"].append(again)
    examples, _ = read_squad(write(tmp_path, content), "de", "de")
    assert [e.passage_id.rpartition("/")[2] for e in examples] == ["0", "0", "1", "2"]


@pytest.mark.parametrize("language", XQUAD_LANGUAGES)
def test_real_xquad_survives_byte_for_byte(tmp_path, xquad_folder, language):
    source = xquad_folder / f"xquad.{language}.json"
    examples, bad = read_squad(source, language, language)
    assert bad == []
    assert len(examples) == 1190
    assert len({e.passage_id for e in examples}) == 240
    target = tmp_path / "again.json"
    assert write_squad(target, examples) == 1190
    assert target.read_bytes() == source.read_bytes()


def test_xquad_passages_have_one_id_in_every_language(xquad_folder):
    def ids(language):
        examples, _ = read_squad(xquad_folder / f"xquad.{language}.json", language, language)
        return [(e.id, e.passage_id) for e in examples]

    english = ids("en")
    assert all(ids(language) == english for language in XQUAD_LANGUAGES)


text = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@st.composite
def corpora(draw):
    examples = []
    for title in draw(st.lists(text, min_size=1, max_size=3, unique=True)):
        for number in range(draw(st.integers(1, 3))):
            passage = draw(text.filter(bool))
            for _ in range(draw(st.integers(1, 3))):
                start = draw(st.integers(0, len(passage) - 1))
                end = draw(st.integers(start + 1, len(passage)))
                answer = Answer(passage[start:end], start)
                examples.append(
                    Example(
                        id=f"{len(examples)}{draw(text)}",
                        passage_id=f"{title}/{number}",
                        passage_language="hi",
                        question_language="vi",
                        passage=passage,
                        question=draw(text),
                        answers=(answer,) * draw(st.integers(1, 2)),
                    )
                )
    return examples


@settings(deadline=None)
@given(corpora())
def test_what_is_written_is_read_back(tmp_path_factory, examples):
    path = tmp_path_factory.mktemp("corpus") / "corpus.json"
    write_squad(path, examples)
    assert read_squad(path, "hi", "vi").examples == examples


def test_mixed_question_languages_are_not_written(tmp_path, content):
    examples, _ = read_squad(write(tmp_path, content), "de", "de")
    with pytest.raises(UserError, match='"q1" occurs twice'):
        write_squad(tmp_path / "out.json", examples + examples)


def test_several_files_are_one_corpus(tmp_path, content):
    first, second = deepcopy(content), deepcopy(content)
    second["data"][0]["title"] = "Nikola Tesla, again"
    for paragraph in second["data"][0]["paragraphs"]:
        for qa in paragraph["qas"]:
            qa["id"] += "b"
    second["data"][0]["paragraphs"][1]["qas"][0]["answers"] = []
    paths = [write(tmp_path, first, "a.json"), write(tmp_path, second, "b.json")]
    with pytest.raises(UserError, match=r"b\.json: .*answers"):
        read_squad_files(paths, "de")
    examples, bad = read_squad_files(paths, "de", "skip")
    assert [x.id for x in examples] == ["q1", "q2", "q3", "q1b", "q2b"]
    assert [x.id for x in bad] == ["q3b"]


def test_files_of_one_corpus_share_no_id_and_no_passage_name(tmp_path, content):
    other = deepcopy(content)
    first, second = write(tmp_path, content, "a.json"), write(tmp_path, other, "b.json")
    with pytest.raises(UserError, match=r'b\.json: the id "q1" is also in .*a\.json'):
        read_squad_files([first, second], "de")
    paragraph = other["data"][0]["paragraphs"][1]
    paragraph["context"] += " Ja."
    paragraph["qas"][0]["id"] = "q4"
    other["data"][0]["paragraphs"][0]["qas"] = []
    write(tmp_path, other, "b.json")
    with pytest.raises(UserError, match=r"b\.json: passage .*/1 is another one in .*a\.json"):
        read_squad_files([first, second], "de")


def test_selects_articles_by_title(tmp_path, xquad_folder):
    source = xquad_folder / "xquad.es.json"
    target = tmp_path / "some.json"
    assert select_articles(source, target, ["Warsaw", "Super_Bowl_50"]) == 2
    whole, some = json.loads(source.read_text()), json.loads(target.read_text())
    assert some == {"data": whole["data"][:2], "version": "1.1"}
    assert len(read_squad(target, "es", "es").examples) > 0


def test_an_unknown_title_is_named_with_the_nearest(tmp_path, content):
    with pytest.raises(UserError, match=r'"Nicola Tesla" \(did you mean "Nikola_Tesla"\?\)'):
        select_articles(write(tmp_path, content), tmp_path / "out.json", ["Nicola Tesla"])
    assert not (tmp_path / "out.json").exists()


def test_an_unknown_title_that_looks_alike_is_spelled_out(tmp_path, content):
    content["data"][0]["title"] = "Co\u0302te_Lodar"
    with pytest.raises(
        UserError, match=r"the same but for Unicode normalisation: U\+006F.*U\+00F4"
    ):
        select_articles(write(tmp_path, content), tmp_path / "out.json", ["C\u00f4te_Lodar"])


@pytest.mark.parametrize(
    ("passage", "answer", "difference"),
    [
        ("It lies 12\u00a0km north.", "12 km", "U+00A0 no-break space for U+0020 space"),
        ("It lies 12\u200bkm north.", "12km", "U+200B zero width space for nothing"),
        ("Near C\u00f4te, it lies.", "Co\u0302te", "the same but for Unicode normalisation"),
        ("Near Co\u0302te, it lies.", "C\u00f4te", "the same but for Unicode normalisation"),
    ],
)
def test_a_difference_that_nobody_can_see_is_spelled_out(tmp_path, passage, answer, difference):
    start = passage.index(answer[0])
    answers = [{"text": answer, "answer_start": start}]
    paragraph = {"context": passage, "qas": [{"id": "q1", "question": "?", "answers": answers}]}
    path = write(tmp_path, {"data": [{"title": "T", "paragraphs": [paragraph]}]})
    with pytest.raises(UserError) as error:
        read_squad(path, "en", "en")
    assert f'answer_start (id "q1"): is {start}: the passage has "' in str(error.value)
    assert difference in str(error.value)
