"""The explorer as its readers use it: clicked through in a browser, on 12,000 questions."""

import random

import pytest
from browser import browser

from lbmrc.report.explorer_data import FIRST_RUN_CODE, packed
from lbmrc.report.explorer_page import SCRIPTS, explorer_page

SYSTEMS = ["baseline", "ours"]
RUNS = [[0, 1], [1, 1], [1, 2]]
PASSAGES = {
    "en": "Anna Berg built bridge number {} in 1871.",
    "ar": "بنت آنا بيرغ الجسر رقم {} عام 1871.",
}
GOLD = "1871"
OTHERS = {"en": ["in 1871", "Anna"], "ar": ["عام 1871", "آنا"]}
PARTS = ("explorer.html.j2", "explorer.css", *SCRIPTS)
QUESTIONS = 6_000


def rows(language, first_passage, chance):
    """Questions whose answers of the three runs are right, overlapping or wrong by chance."""
    for n in range(QUESTIONS):
        text = PASSAGES[language].format(n)
        answers = []
        for verdict, answer in zip((2, 1, 0), [GOLD, *OTHERS[language]], strict=True):
            start = text.rindex(answer)
            answers.append([[start, start + len(answer)], verdict, verdict / 2])
        by_run = "".join(chr(FIRST_RUN_CODE + chance.randrange(3)) for _ in RUNS)
        yield [f"q{n}", first_passage + n, 0, n % 2, [answers[0][0]], answers, by_run]


@pytest.fixture(scope="module")
def data():
    chance = random.Random(1)
    cells = [
        {"benchmark": "mlqa", "split": "test", "passage_language": language,
         "question_language": "en", "rows": list(rows(language, n * QUESTIONS, chance))}
        for n, language in enumerate(PASSAGES)
    ]  # fmt: skip
    return {
        "run": "by-hand",
        "first": 1,
        "types": ["number", "date"],
        "systems": SYSTEMS,
        "runs": RUNS,
        "passages": [
            [language, f"Bridge/{n}", text.format(n)]
            for language, text in PASSAGES.items()
            for n in range(QUESTIONS)
        ],
        "questions": ["When was </script><b>it</b> built?"],
        "cells": cells,
    }


@pytest.fixture(scope="module")
def page(data, repository):
    return explorer_page("<by-hand>", packed(data), repository / "workflow/report")


def test_the_page_is_one_file_and_its_parts_are_those_of_the_rule(page, repository):
    assert page.count("<script") == 2 and "&lt;by-hand&gt;" in page
    for outside in ("http:", "https:", "src=", "@import", "url(", "<link"):
        assert outside not in page
    rule = (repository / "workflow/rules/report.smk").read_text()
    assert all(f'"{name}"' in rule for name in PARTS)


@pytest.fixture(scope="module")
def chromium():
    with browser() as window:
        yield window


@pytest.fixture
def window(chromium, page, tmp_path):
    """The page, opened on a desktop."""
    path = tmp_path / "explorer.html"
    path.write_text(page, encoding="utf-8")
    chromium.size(1280, 800)
    go(chromium, path.as_uri())
    yield chromium
    assert chromium.errors() == []


def go(window, address):
    window.open("about:blank")
    window.open(address)
    window.wait("document.querySelector('main') && !document.querySelector('main').hidden")


def count(window):
    return int(window.text("#count").split()[0].replace(",", ""))


def verdicts(data, run, cells=slice(None)):
    """Of each question, 0 to 2; an answer's number is 2 less its verdict."""
    found = [row for cell in data["cells"][cells] for row in cell["rows"]]
    return [2 - (ord(row[6][run]) - FIRST_RUN_CODE) for row in found]


@pytest.mark.slow
def test_filters_keep_what_they_say_and_scores_are_of_what_is_kept(window, data):
    assert count(window) == 2 * QUESTIONS
    window.choose("[name=verdict]", "overlapping")
    assert count(window) == verdicts(data, 1).count(1)
    window.choose("[name=seed]", "2")
    assert count(window) == verdicts(data, 2).count(1)
    window.choose("[name=passage]", "ar")
    assert count(window) == verdicts(data, 2, slice(1, 2)).count(1)
    window.choose("[name=verdict]", "")
    window.choose("[name=agreement]", "only")
    pairs = list(zip(verdicts(data, 2, slice(1, 2)), verdicts(data, 0, slice(1, 2)), strict=True))
    assert count(window) == sum(ours == 2 and other < 2 for ours, other in pairs)
    window.choose("[name=agreement]", "differ")
    assert count(window) == sum(ours != other for ours, other in pairs)
    window.choose("[name=agreement]", "")
    window.choose("[name=type]", "date")
    assert count(window) == QUESTIONS / 2
    right = [ours == 2 for ours, _ in pairs[1::2]]
    rows = dict(row.split("\t", 1) for row in window.texts("#scores tbody tr"))
    assert rows["ours"].split()[0] == f"{100 * sum(right) / len(right):.1f}"
    window.click("#filters button")
    assert count(window) == 2 * QUESTIONS


@pytest.mark.slow
def test_search_finds_passages_and_says_where_nothing_is(window):
    window.type("#search", "number 5999")
    window.wait("document.querySelector('#count').textContent.startsWith('1 of')")
    assert "5999" in window.text(".passage")
    window.type("#search", " zzz")
    window.wait("document.querySelector('.none')")
    assert count(window) == 0 and window.texts("#detail *") == []


@pytest.mark.slow
def test_only_rows_in_sight_are_there_and_keys_move(window):
    assert len(window.texts(".row")) < 60
    window.press("ArrowDown", "j")
    assert "mlqa.test.en.en%2Fq2" in window.address()
    window.press("End")
    window.wait("document.querySelector('.row[aria-selected=true]')")
    assert f"mlqa.test.ar.en%2Fq{QUESTIONS - 1}" in window.address()
    assert len(window.texts(".row")) < 60
    window.press("/")
    assert window.script("return document.activeElement.id") == "search"


@pytest.mark.slow
def test_search_ignores_case_and_accents_but_not_the_signs_of_hindi(window):
    folded = "return folded(arguments[0])"
    for one, other in [
        ("Beyoncé", "BEYONCE"),
        ("İstanbul", "istanbul"),
        ("ISPARTA ırmak", "ısparta IRMAK"),
        ("Thủ tướng", "thu tuong"),
        ("ΟΔΥΣΣΕΑΣ", "Οδυσσέας"),
        ("e\u0301", "é"),
    ]:
        assert window.script(folded, one) == window.script(folded, other)
    assert window.script(folded, "की") != window.script(folded, "का")
    window.type("#search", "BRÍDGE Ánna nÚmber 59")
    window.wait("document.querySelector('#count').textContent.includes(' of ')")
    assert count(window) == sum("59" in str(n) for n in range(QUESTIONS))


@pytest.mark.slow
def test_the_longest_verdict_has_room_in_its_filter(window):
    window.choose("[name=verdict]", "overlapping")
    needs = """
        const select = document.querySelector("[name=verdict]");
        const free = select.cloneNode(true);
        free.style.width = "max-content";
        document.querySelector("#filters").append(free);
        const { width } = free.getBoundingClientRect();
        free.remove();
        return width - select.getBoundingClientRect().width;
    """
    assert window.script(needs) <= 0


@pytest.mark.slow
def test_a_question_shows_its_passage_its_answers_and_who_gave_them(window, data):
    assert window.text(".question") == data["questions"][0]
    assert window.texts("mark.gold .number, mark.gold") and "1871" in window.text("mark.gold")
    given = dict(zip(SYSTEMS, verdicts(data, 0)[:1] + verdicts(data, 1)[:1], strict=True))
    for item in window.texts(".answers li"):
        name = {"✓": 2, "◐": 1, "✗": 0}[item.split()[1]]
        for system, verdict in given.items():
            if verdict == name:
                assert system in item


@pytest.mark.slow
def test_arabic_reads_from_the_right_and_a_permalink_opens_its_question(window):
    base = window.address().split("#")[0]
    go(window, f"{base}#question=mlqa.test.ar.en/q17&verdict=wrong")
    style = "getComputedStyle(document.querySelector(arguments[0])).direction"
    assert window.script(f"return {style}", ".passage") == "rtl"
    assert window.script(f"return {style}", ".question") == "ltr"
    assert "رقم 17 " in window.text(".passage").replace("\n", "")
    window.click("#permalink")
    window.wait("document.querySelector('[name=verdict]').value === ''")
    assert "q17" in window.address() and count(window) == 2 * QUESTIONS


@pytest.mark.slow
def test_a_prediction_that_cuts_a_character_is_marked_with_the_whole_of_it(window):
    pieces = "return markedPassage(...arguments).map(x => x.textContent ?? x)"
    answers = [[[1, 3], 0, 0], [[4, 5], 1, 0.5]]  # from the sign on गो; the म of मे
    arguments = ["गोर मेल", [[0, 3]], answers, [1, 2], 0]
    assert window.script(pieces, *arguments) == ["1गोर", " ", "2मे", "ल"]


@pytest.mark.slow
def test_on_a_phone_a_question_covers_the_list_until_one_goes_back(window):
    window.size(390, 844)
    go(window, window.address().split("#")[0])
    assert window.script("return document.documentElement.scrollWidth") <= 390
    shown = "return getComputedStyle(document.querySelector(arguments[0])).display !== 'none'"
    assert window.script(shown, "#list") and not window.script(shown, "#detail")
    window.click(".row")
    assert window.script(shown, "#detail") and not window.script(shown, "#list")
    assert window.script("return document.documentElement.scrollWidth") <= 390
    window.click("#back")
    assert window.script(shown, "#list")
    window.click(".row")
    window.type("#search", "5999")
    window.wait("document.querySelector('#count').textContent.startsWith('2 of')")
    assert window.script(shown, "#list") and not window.script(shown, "#detail")


@pytest.mark.slow
def test_a_reload_opens_no_question_that_nobody_opened(window):
    window.size(390, 844)
    base = window.address().split("#")[0]
    go(window, base)
    shown = "return getComputedStyle(document.querySelector(arguments[0])).display !== 'none'"
    go(window, window.address())
    assert window.script(shown, "#list") and "question=" not in window.address()
    window.click(".row")
    go(window, window.address())
    assert window.script(shown, "#detail") and "mlqa.test.en.en%2Fq0" in window.address()
    window.click("#back")
    go(window, window.address())
    assert window.script(shown, "#list")


@pytest.mark.slow
@pytest.mark.parametrize("width", [390, 1280])
def test_a_permalink_to_no_question_says_so(window, width):
    window.size(width, 800)
    base = window.address().split("#")[0]
    go(window, f"{base}#question=mlqa.test.en.en/<b>none")
    assert "no question mlqa.test.en.en/<b>none in this run" in window.text("#detail")
    assert window.texts(".question") == []
    if width < 600:
        window.click("#back")
    window.click(".row")
    assert window.texts(".question") and "q0" in window.address()


@pytest.mark.slow
def test_a_browser_that_cannot_unpack_is_told_so(window, page, tmp_path):
    path = tmp_path / "old.html"
    path.write_text(page.replace("DecompressionStream", "Unknown"), encoding="utf-8")
    window.open(path.as_uri())
    assert "can't unpack the page's data" in window.text("#message")


@pytest.mark.slow
def test_a_file_that_was_cut_off_or_damaged_says_so(window, page, tmp_path):
    path = tmp_path / "cut.html"
    start = page.index('id="data">')
    for broken in (
        page[: start + 9_000],
        page[:start],
        page[: start + 5_000] + "AAAA" + page[start + 5_004 :],
    ):
        path.write_text(broken, encoding="utf-8")
        window.open("about:blank")
        window.open(path.as_uri())
        window.wait("!document.getElementById('message').textContent.startsWith('Unpacking')")
        assert "is damaged or was not copied in full" in window.text("#message")
