"""Scores equal the official scripts': on made text, on the real XQuAD, and in their quirks."""

import json
import random
import re
import string
import subprocess
import sys
import unicodedata
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lbmrc.cli import main
from lbmrc.common.errors import UserError
from lbmrc.evaluation.metrics import (
    exact_match,
    f1,
    normalize,
    score,
    score_questions,
)

MLQA_LANGUAGES = ["en", "es", "de", "ar", "hi", "vi", "zh"]


class Reference:
    """The rules once more, written out plainly and slowly, sharing nothing with the library."""

    ARTICLES = {  # noqa: RUF012
        "en": "a an the",
        "es": "un una unos unas el la los las",
        "vi": "của là cái chiếc những",
        "de": "ein eine einen einem eines einer der die das den dem des",
    }

    def __init__(self, rules, language):
        self.rules, self.language = rules, "en" if rules == "squad" else language
        self.punctuation = set(string.punctuation)
        if rules == "mlqa":
            everything = map(chr, range(sys.maxunicode))
            self.punctuation |= {c for c in everything if unicodedata.category(c)[0] == "P"}

    def normal(self, text):
        kept = ""
        for character in text.lower():
            if character not in self.punctuation:
                kept += character
        if self.language in self.ARTICLES:
            words = self.ARTICLES[self.language].split()
            kept = re.sub(r"\b(" + "|".join(words) + r")\b", " ", kept)
        elif self.language == "ar":
            kept = re.sub("\\sال^|ال", " ", kept)
        elif self.language == "zh":
            spaced = ""
            for character in kept:
                spaced += f" {character} " if "\u4e00" <= character <= "\u9fa5" else character
            kept = spaced
        return " ".join(word for word in kept.split() if word.strip())

    def both(self, prediction, answer):
        left, right = self.normal(prediction), self.normal(answer)
        common = Counter(left.split()) & Counter(right.split())
        same = sum(common.values())
        if same == 0:
            return left == right, 0
        precision, recall = 1.0 * same / len(left.split()), 1.0 * same / len(right.split())
        return left == right, (2 * precision * recall) / (precision + recall)

    def evaluate(self, dataset, predictions):
        matches = f1s = total = 0
        for article in dataset["data"]:
            for paragraph in article["paragraphs"]:
                for qa in paragraph["qas"]:
                    total += 1
                    if qa["id"] in predictions:
                        pairs = [
                            self.both(predictions[qa["id"]], answer["text"])
                            for answer in qa["answers"]
                        ]
                        matches += max(pair[0] for pair in pairs)
                        f1s += max(pair[1] for pair in pairs)
        return {"exact_match": 100.0 * matches / total, "f1": 100.0 * f1s / total}


RULES = [("squad", "en"), *(("mlqa", language) for language in MLQA_LANGUAGES)]
REFERENCES = {pair: Reference(*pair) for pair in RULES}

WORDS = """
    the The a an un una los el der die des ein của là những cái ال الكتاب كتاب ابال 中国 人
    1943 10,5 U.S. «ab» die- el/la 'the' 3月 の ー ß ẞ İ ﬁ é e\u0301 ’ “ 、 。 ؟ ۔ । ॥
    \u2011 \U00010100 _ ^ $ +
"""
SPACES = " \n\t\u00a0\u200b\u200f\ufeff\u3000\x1c\x85\U0010ffff"
FRAGMENTS = [*WORDS.split(), *SPACES]
texts = st.lists(st.one_of(st.sampled_from(FRAGMENTS), st.text(max_size=4)), max_size=8).map(
    "".join
) | st.lists(st.sampled_from(FRAGMENTS), max_size=6).map(" ".join)


@pytest.mark.parametrize(("rules", "language"), RULES)
@settings(deadline=None)
@given(prediction=texts, answer=texts)
def test_made_text_scores_as_the_reference(rules, language, prediction, answer):
    reference = REFERENCES[rules, language]
    assert normalize(prediction, rules, language) == reference.normal(prediction)
    expected = reference.both(prediction, answer)
    assert exact_match(prediction, answer, rules, language) == expected[0]
    assert f1(prediction, answer, rules, language) == expected[1]


def perturb(text, passage, choices):
    """A prediction as models make them: right, shifted, cut, cased, elsewhere, empty."""
    start = passage.index(text)
    shift = choices.randint(-12, 12)
    return choices.choice(
        [
            text,
            text.upper(),
            text[1:],
            text[:-3],
            passage[max(0, start - abs(shift)) : start + len(text)],
            passage[start : start + len(text) + abs(shift)],
            passage[: choices.randint(0, 40)],
            f"the {text}, ",
            "",
        ]
    )


@pytest.mark.parametrize("language", ["ar", "de", "el", "en", "es", "hi", "ru", "tr", "vi"])
def test_real_text_scores_as_the_reference(xquad_folder, language, capsys):
    dataset = json.loads((xquad_folder / f"xquad.{language}.json").read_text("utf-8"))
    choices = random.Random(language)
    predictions = {}
    for article in dataset["data"]:
        for paragraph in article["paragraphs"]:
            for qa in paragraph["qas"]:
                answer = qa["answers"][0]["text"]
                qa["answers"].append({"text": perturb(answer, paragraph["context"], choices)})
                if choices.random() < 0.95:
                    predictions[qa["id"]] = perturb(answer, paragraph["context"], choices)
    for rules in ["squad", "mlqa"] if language in MLQA_LANGUAGES else ["squad"]:
        result = score(dataset, predictions, rules, language)
        assert result == Reference(rules, language).evaluate(dataset, predictions)
        assert 20 < result["exact_match"] < result["f1"] < 90
        assert list(result) == ["exact_match", "f1"]
    assert "will receive score 0." in capsys.readouterr().err


def dataset(*questions, version="1.1"):
    qas = [
        {"id": id, "question": "?", "answers": [{"text": a, "answer_start": 0} for a in answers]}
        for id, answers in questions
    ]
    return {"data": [{"title": "T", "paragraphs": [{"context": "", "qas": qas}]}]} | (
        {"version": version} if version else {}
    )


@pytest.mark.parametrize("rules", ["mlqa", "squad"])
def test_both_empty_match_exactly_with_f1_0(rules):
    data = dataset(("q", ["The"]))
    assert score_questions(data, {"q": "a"}, rules, "en") == [("q", 1, 0.0)]


def test_an_unanswered_question_counts_0_and_counts(capsys):
    data = dataset(("q1", ["ja"]), ("q2", ["nein"]), ("q3", ["ja"]), ("q4", ["ja"]))
    result = score(data, {"q1": "ja", "q3": "ja ja", "other": "ja"}, "squad")
    assert result == {"exact_match": 25.0, "f1": 100.0 * (1 + 2 / 3) / 4}
    assert capsys.readouterr().err == (
        "2 unanswered questions (q2, q4) will receive score 0. "
        "That is what the official script does, so the scores stay the official ones.\n"
    )
    many = dataset(*((f"q{n}", ["ja"]) for n in range(327)))
    score(many, {}, "squad")
    assert capsys.readouterr().err == (
        "327 unanswered questions (q0, q1, q2, q3, q4, …) will receive score 0. "
        "That is what the official script does, so the scores stay the official ones.\n"
    )


def test_an_id_that_is_a_whole_number_is_its_digits(files, capsys):
    data = dataset((101, ["Mira Toval"]), (102, ["40"]), ("103", ["oak"]))
    predictions = {"101": "Mira Toval", "102": "40", "103": "oak"}
    assert score_questions(data, predictions, "squad") == [(id, 1, 1.0) for id in predictions]
    assert main(["score", *files(data, predictions), "--metric", "squad"]) == 0
    out, err = capsys.readouterr()
    assert (out, err) == ('{"exact_match": 100.0, "f1": 100.0}\n', "")


@pytest.mark.parametrize(
    ("id", "kind"), [([1], "list"), ({}, "dict"), (1.5, "float"), (True, "bool"), (None, "null")]
)
def test_an_id_of_another_type_is_refused_with_its_place(files, capsys, id, kind):
    paths = files(dataset(("q1", ["x"]), (id, ["x"])), {"q1": "x"})
    assert main(["score", *paths, "--metric", "squad"]) == 1
    err = capsys.readouterr().err
    assert f"qas[1].id is {kind}, neither text nor a whole number" in err


def test_the_best_answer_counts():
    assert score(dataset(("q", ["no", "red rose", "a rose"])), {"q": "rose"}, "squad") == {
        "exact_match": 100.0,
        "f1": 100.0,
    }


def test_rules_differ_where_they_should():
    assert normalize("«La casa»", "squad") == "«la casa»"
    assert normalize("«La casa»", "mlqa", "es") == "casa"
    assert normalize("Das Haus", "mlqa", "en") == "das haus"
    assert normalize("Das Haus", "mlqa", "de") == "haus"
    assert normalize("في البيت ابالا", "mlqa", "ar") == "في بيت اب ا"
    assert normalize("在1943年，IBM公司", "mlqa", "zh") == "在 1943 年 ibm 公 司"


@pytest.mark.parametrize("language", ["el", "ru", "tr", None])
def test_mlqa_does_not_know_every_language(language):
    with pytest.raises(UserError, match=f'"{language}".*en, es, hi, vi, de, ar, zh'):
        score(dataset(("q", ["x"])), {"q": "x"}, "mlqa", language)


def test_totals_are_added_as_the_official_scripts_add_them():
    """0.1 ten times is 0.9999999999999999 by +=, and 1.0 by the compensated sum()."""
    questions = [(str(n), [" ".join(f"w{i}" for i in range(19))]) for n in range(10)]
    predictions = {str(n): "w0" for n in range(10)}
    data = dataset(*questions)
    assert score_questions(data, predictions, "squad")[0].f1 == 0.1
    assert score(data, predictions, "squad")["f1"] == 100.0 * 0.9999999999999999 / 10


def one_record(**record):
    return {"data": [{"paragraphs": [{"context": "", "qas": [record]}]}]}


@pytest.mark.parametrize(
    ("data", "predictions", "message"),
    [
        (dataset(("q", ["x"])), ["x"], "one JSON object"),
        (dataset(("q", ["x"])), {"q": None}, 'question "q" is NoneType'),
        (dataset(("q", [])), {"q": "x"}, 'question "q"'),
        (dataset(("q", [1943])), {"q": "x"}, 'question "q"'),
        (dataset(), {}, "no questions"),
        ({"data": [{}]}, {}, r"data\[0\]\.paragraphs is missing"),
        ([], {}, "not a SQuAD-format"),
        ({}, {}, "not a SQuAD-format data set at or after data .no 'data'.; correct it"),
        (one_record(id="q"), {}, r"data\[0\]\.paragraphs\[0\]\.qas\[0\]\.answers is missing"),
        (one_record(id="q", answers={"text": "x"}), {}, r"\.answers is dict, not a list"),
        (one_record(id="q", answers=[{}]), {}, r"after data\[0\]\S* \(no 'text'\); correct it"),
    ],
)
def test_what_cannot_be_scored_is_said(data, predictions, message):
    with pytest.raises(UserError, match=message):
        score(data, predictions, "squad")


@pytest.fixture
def files(tmp_path):
    def write(data, predictions):
        paths = tmp_path / "dataset.json", tmp_path / "predictions.json"
        for path, content in zip(paths, (data, predictions), strict=True):
            path.write_text(json.dumps(content), "utf-8")
        return [str(path) for path in paths]

    return write


def test_the_command_prints_one_line(files, capsys):
    paths = files(dataset(("q1", ["das Haus"]), ("q2", ["1943"])), {"q1": "Haus!"})
    assert main(["score", *paths, "--metric", "mlqa", "--language", "de"]) == 0
    out, err = capsys.readouterr()
    assert out == '{"exact_match": 50.0, "f1": 50.0}\n'
    assert err == (
        "Evaluation expects v-1.0, but got dataset with v-1.1\n"
        "Unanswered question q2 will receive score 0.\n"
    )


def test_the_command_fails_cleanly(files, capsys, tmp_path):
    paths = files(dataset(("q", ["x"])), {"q": None})
    assert main(["score", *paths, "--metric", "squad"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err == f'lbmrc: {paths[1]}: the prediction for question "q" is NoneType, not text\n'
    for wrong in (dataset(("q", [1943])), dataset(), {"data": [{}]}):
        files(wrong, {"q": "x"})
        assert main(["score", *paths, "--metric", "squad"]) == 1
        assert capsys.readouterr().err.startswith(f"lbmrc: {paths[0]}: ")
    files(dataset(("q", ["x"])), {"q": "x"})
    assert main(["score", *paths, "--metric", "mlqa", "--language", "tr"]) == 1
    assert "lbmrc: MLQA's rules do not know" in capsys.readouterr().err
    assert main(["score", str(tmp_path / "none.json"), paths[1], "--metric", "squad"]) == 1
    assert "none.json: cannot be read" in capsys.readouterr().err
    with pytest.raises(SystemExit) as ended:
        main(["score", *paths, "--rules", "squad"])
    assert ended.value.code == 2
    assert "--rules is now called --metric" in capsys.readouterr().err
    for wrong in (["score", *paths], ["score", *paths, "--metric", "mlqa"], ["scor"], []):
        with pytest.raises(SystemExit) as stop:
            main(wrong)
        assert stop.value.code == 2


def test_the_command_starts_light(files, repository):
    paths = files(dataset(("q", ["x"])), {"q": "x"})
    code = (
        "import sys, lbmrc.cli; code = lbmrc.cli.main(sys.argv[1:]);"
        "heavy = {'torch', 'transformers', 'pandas', 'numpy', 'pyarrow', 'pydantic'};"
        "print(sorted(heavy & set(sys.modules))); sys.exit(code)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, "score", *paths, "--metric", "squad"],
        capture_output=True,
        text=True,
        check=True,
        cwd=repository,
    )
    assert run.stdout == '{"exact_match": 100.0, "f1": 100.0}\n[]\n'


def test_predictions_of_another_data_set_are_said_to_be_so(capsys):
    answers = [{"text": "Paris", "answer_start": 0}]
    dataset = {"data": [{"paragraphs": [{"qas": [{"id": "a", "answers": answers}]}]}]}
    score_questions(dataset, {"b": "Paris"}, "squad")
    assert "None of the predictions is for a question" in capsys.readouterr().err
    score_questions(dataset, {"a": "Paris", "b": "Paris"}, "squad")
    assert not capsys.readouterr().err
