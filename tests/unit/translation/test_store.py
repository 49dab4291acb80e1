"""Translations outlive the run that made them: killed, torn, shared or in another language."""

import json
import signal
import subprocess
import sys

import pytest

from lbmrc.common.atomic import SUFFIX
from lbmrc.common.errors import UserError
from lbmrc.data.examples import Answer, Example, write_examples
from lbmrc.translation.cache import TranslationCache
from lbmrc.translation.engines.base import Engine, Output
from lbmrc.translation.recovery.funnel import write_funnel
from lbmrc.translation.store import Store
from lbmrc.translation.translate import translate_squad

TOY = {"engine": "toy", "beams": 1}

KILLED = """
import os, signal, sys
sys.path[:0] = [sys.argv[3], sys.argv[3] + "/tests/unit/translation"]
import test_store as t
from lbmrc.data.examples import read_examples

class Mortal(t.Toy):
    def stream(self, texts):
        for output in super().stream(texts):
            if len(self.asked) > int(sys.argv[4]):
                os.kill(os.getpid(), signal.SIGKILL)
            yield output

from lbmrc.translation import store as module
module._TEXTS_A_PART = 3
with t.Store(sys.argv[2], t.TOY) as store:
    t.translate_squad(read_examples(sys.argv[1]), "es", t.TranslationCache(Mortal(), store))
"""


class Toy(Engine):
    name = "toy"

    def __init__(self):
        self.asked = []

    def stream(self, texts):
        for index, text in enumerate(texts):
            self.asked.append(text)
            yield index, Output(text.upper(), split=1, cut=len(text) % 2)


def examples():
    passage = " ".join(f"Number {n} is odd number {n}." for n in range(1, 40, 2))
    for n in range(1, 40, 2):
        start = passage.index(f"odd number {n}.")
        answer = Answer(passage[start : start + 3], start)
        yield Example(str(n), "t/0", "en", "en", passage, f"What is {n}?", (answer,))


def run(folder, engine=None, translator=TOY):
    engine = engine or Toy()
    with Store(folder, translator) as store:
        return translate_squad(list(examples()), "es", TranslationCache(engine, store)), engine


def test_a_killed_run_goes_on_where_it_was(tmp_path, repository):
    alone, first = run(tmp_path / "alone")
    write_examples(tmp_path / "en.parquet", examples())
    arguments = [str(tmp_path / "en.parquet"), str(tmp_path / "store"), str(repository)]
    for texts in (7, 20):
        process = subprocess.run(
            [sys.executable, "-c", KILLED, *arguments, str(texts)], capture_output=True, text=True
        )
        assert process.returncode == -signal.SIGKILL, process.stderr
    after, second = run(tmp_path / "store")
    # Before the first kill 7 texts were translated and two whole parts of three written, before the
    # second the other 14 sentences, which a last part completed, and 6 questions in two parts.
    assert second.asked == first.asked[6 + 14 + 6 :]
    assert (after.examples, after.questions) == (alone.examples, alone.questions)
    for name, result in (("a.json", alone), ("b.json", after)):
        write_funnel(tmp_path / name, result.funnel)
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()


def test_nothing_is_translated_twice(tmp_path):
    before, _ = run(tmp_path)
    after, engine = run(tmp_path)
    assert engine.asked == []
    assert after.examples == before.examples
    assert after.funnel.notes == before.funnel.notes
    assert before.funnel.notes["inputs_split"] > 0


def test_what_decides_a_translation_keeps_it_apart(tmp_path):
    _, first = run(tmp_path)
    _, other = run(tmp_path, translator=TOY | {"beams": 2})
    assert other.asked == first.asked
    descriptions = [json.loads(p.read_text()) for p in tmp_path.glob("*/translator.json")]
    assert sorted(d["beams"] for d in descriptions) == [1, 2]


def test_two_runs_at_once_share_what_each_has_written(tmp_path):
    one, two = Store(tmp_path, TOY), Store(tmp_path, TOY)
    one.add("a", Output("A"))
    assert list(two.read_new()) == []
    one.flush()
    two.add("b", Output("B", 1, 2))
    two.flush()
    assert list(two.read_new()) == [("a", Output("A"))]
    assert list(one.read_new()) == [("b", Output("B", 1, 2))]
    assert list(one.read_new()) == list(two.read_new()) == []
    assert dict(Store(tmp_path, TOY).read_new()) == {"a": Output("A"), "b": Output("B", 1, 2)}


@pytest.mark.parametrize("damage", ["cut", "flip", "empty"])
def test_a_torn_part_is_dropped_and_done_again(tmp_path, damage, caplog):
    whole, _ = run(tmp_path)
    part = sorted(tmp_path.glob("*/*.parquet"))[0]
    content = part.read_bytes()
    if damage == "flip":
        middle = len(content) // 4
        content = content[:middle] + bytes([content[middle] ^ 0xFF]) + content[middle + 1 :]
    part.write_bytes({"cut": content[:-20], "flip": content, "empty": b""}[damage])
    again, engine = run(tmp_path)
    assert engine.asked
    assert str(part) in caplog.text
    assert not part.exists()
    assert (again.examples, again.questions) == (whole.examples, whole.questions)
    assert run(tmp_path)[1].asked == []


def test_what_was_not_finished_counts_for_nothing(tmp_path):
    with Store(tmp_path, TOY) as store:
        unfinished = store.folder / f"0123.parquet{SUFFIX}"
        unfinished.write_bytes(b"half a part")
        assert list(store.read_new()) == []
        assert unfinished.exists()  # another run may be writing it


def test_an_error_on_the_way_loses_nothing_that_was_done(tmp_path):
    class Failing(Toy):
        def stream(self, texts):
            yield from super().stream(texts[:5])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        run(tmp_path, Failing())
    _, engine = run(tmp_path)
    assert len(engine.asked) == len(run(tmp_path / "other")[1].asked) - 5


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match=r"file.*translation\.store"):
        Store(tmp_path / "file", TOY)
