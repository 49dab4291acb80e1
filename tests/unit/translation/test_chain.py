"""Translation by way of another language: legs, their places in the store, losses by leg."""

import json
import sys

import pytest

from lbmrc.data.examples import Answer, Example
from lbmrc.translation.cache import TranslationCache
from lbmrc.translation.chain import TranslationChain
from lbmrc.translation.engines.base import Engine, Output
from lbmrc.translation.recovery.cascade import translate_cascade
from lbmrc.translation.translate import translate_squad
from lbmrc.translation.translators import open_translator


class Toy(Engine):
    """Writes ``change`` of each text, and remembers what it was asked."""

    def __init__(self, name, change):
        self.name, self.change, self.asked = name, change, []

    def stream(self, texts):
        for index, text in enumerate(texts):
            self.asked.append(text)
            yield index, Output(self.change(text))


def chain_of(*changes):
    engines = [Toy(f"toy {n}", change) for n, change in enumerate(changes, 1)]
    return TranslationChain([TranslationCache(engine) for engine in engines]), engines


def example(id, passage, answer):
    return Example(
        id, "p", "en", "en", passage, f"Who is {id}?", (Answer(answer, passage.index(answer)),)
    )


def test_what_one_leg_writes_is_the_next_ones_text():
    chain, (first, second) = chain_of(str.upper, lambda text: text[::-1])
    assert chain.translate(["ab", "Ab", "c", "ab"]) == {"ab": "BA", "Ab": "BA", "c": "C"}
    assert first.asked == ["ab", "Ab", "c"]
    assert second.asked == ["AB", "C"]  # two texts that a leg makes the same are one for the next
    assert chain.name == "toy 1, then toy 2"


PASSAGES = {
    "kept": ("Ann saw the sea.", "Ann"),
    "lost first": ("Bob saw the sea.", "Bob"),
    "lost second": ("Cyd saw the sea.", "Cyd"),
    "back again": ("Dee saw the sea.", "Dee"),
}


def first_leg(text):
    """Loses Bob's closing marker, and doubles Dee's."""
    return text.replace("([Bob)]", "([Bob").replace("([Dee)]", "([Dee)])]").upper()


def second_leg(text):
    """Loses both of Cyd's markers, and mends Dee's."""
    return text.replace("([CYD)]", "CYD").replace(")])]", ")]").replace("SEA", "mar")


@pytest.mark.parametrize("mode", [translate_squad, translate_cascade])
def test_markers_go_through_all_legs_and_losses_are_told_by_leg(mode):
    chain, _ = chain_of(first_leg, second_leg)
    examples = [example(id, *each) for id, each in PASSAGES.items()]
    translation = mode(examples, "es", chain)
    kept = {e.id: (e.answers[0].text, e.passage) for e in translation.examples}
    assert kept["kept"] == ("ANN", "ANN SAW THE mar.")
    assert kept["back again"] == ("DEE", "DEE SAW THE mar.")
    notes = translation.funnel.notes
    assert (notes["leg_1_markers_lost"], notes["leg_2_markers_lost"]) == (1, 1)
    if mode is translate_squad:
        assert translation.funnel.lost == {"missing-close": 1, "missing-both": 1}
    else:
        assert translation.funnel.steps == {"markers": 2, "markers [ ]": 2}
    assert translation.funnel.engine == "toy 1, then toy 2"


def test_degenerate_translations_are_told_by_leg():
    chain, _ = chain_of(
        lambda text: "ha " * 9 if "joke" in text else text + " um",
        lambda text: "ja ja ja ja ja ja" if "good" in text else text.upper(),
    )
    chain.translate(["A joke here.", "A good one here.", "Nothing else here."])
    assert +chain.notes == {
        "degenerate_repetition": 2,
        "leg_1_degenerate_repetition": 1,
        "leg_2_degenerate_repetition": 1,
    }


PROGRAM = """
import json, sys
if sys.argv[-1] == "--version": sys.exit(print("toy 1"))
for line in sys.stdin:
    item = json.loads(line)
    with open(sys.argv[2], "a") as asked: asked.write(item["text"] + "/")
    print(json.dumps({"id": item["id"], "text": f"{sys.argv[1]} {item['text']}"}))
"""


def test_each_leg_has_its_own_place_in_the_store(tmp_path):
    """So Portuguese is made once, for itself and for what goes by way of it."""
    (tmp_path / "toy.py").write_text(PROGRAM)
    more = {"timeout": 60, "restarts": 0, "texts_per_chunk": 9, "identity": None}
    pt, es, gl = (
        {"engine": "command", "command": [sys.executable, *map(str, arguments)]} | more
        for arguments in (
            (tmp_path / "toy.py", language, tmp_path / f"asked.{language}")
            for language in ("pt", "es", "gl")
        )
    )
    store = tmp_path / "store"
    for legs, expected in (
        ([pt], "pt One."),
        ([pt, es], "es pt One."),
        ([pt, gl], "gl pt One."),
        ([pt, es], "es pt One."),
    ):
        with open_translator(legs, "cpu", store) as translator:
            assert translator.translate(["One."]) == {"One.": expected}
    asked = {path.suffix: path.read_text() for path in tmp_path.glob("asked.*")}
    assert asked == {".pt": "One./", ".es": "pt One./", ".gl": "pt One./"}
    known = [json.loads(path.read_text()) for path in store.glob("command-*/translator.json")]
    assert sorted(each["command"].split()[-2] for each in known) == ["es", "gl", "pt"]
    assert {each["printed"] for each in known} == {"toy 1"}
