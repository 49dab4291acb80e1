"""Translations outlive the run that made them: killed, torn, shared or in another language."""

import errno
import json
import os
import signal
import subprocess
import sys
import time

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lbmrc.common.atomic import SUFFIX
from lbmrc.common.errors import UserError
from lbmrc.data.examples import Answer, Example, write_examples
from lbmrc.translation import store as store_module
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
def test_a_torn_part_is_set_aside_and_done_again(tmp_path, damage, caplog):
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
    assert part.with_name(f"{part.name}.torn").exists()
    assert (again.examples, again.questions) == (whole.examples, whole.questions)
    assert run(tmp_path)[1].asked == []


def test_a_part_whose_footer_names_other_columns_is_set_aside(tmp_path):
    store = Store(tmp_path, TOY)
    pq.write_table(pa.table({"text": ["a"], "split": [0]}), store.folder / "0123.parquet")
    assert list(store.read_new()) == []
    assert [p.name for p in store.folder.glob("0123*")] == ["0123.parquet.torn"]


FAILURES = [
    OSError(errno.EMFILE, "Too many open files"),
    PermissionError(errno.EACCES, "Permission denied"),
    OSError(errno.EIO, "Input/output error"),
    OSError(errno.ESTALE, "Stale file handle"),
]


@pytest.mark.parametrize("failure", FAILURES, ids=lambda e: errno.errorcode[e.errno])
@pytest.mark.parametrize("where", ["open", "parse", "list"])
def test_a_failure_to_read_says_nothing_about_the_part(tmp_path, monkeypatch, failure, where):
    run(tmp_path)
    parts = {p: p.read_bytes() for p in tmp_path.glob("*/*.parquet")}

    def fail(*_, **__):
        raise failure

    with monkeypatch.context() as patch:
        if where == "open":
            patch.setattr(store_module.Path, "read_bytes", fail)
        elif where == "parse":
            patch.setattr(pq, "read_table", fail)
        else:
            patch.setattr(os, "listdir", fail)
        engine = Toy()
        with pytest.raises(UserError, match=failure.strerror) as error:
            run(tmp_path, engine)
    place = tmp_path if where == "list" else next(iter(parts)).parent
    assert str(place) in str(error.value)
    assert engine.asked == []
    assert {p: p.read_bytes() for p in tmp_path.glob("*/*.parquet")} == parts
    assert not list(tmp_path.glob("*/*.torn"))
    assert run(tmp_path)[1].asked == []


@pytest.mark.parametrize(
    "failure", [pa.ArrowMemoryError("malloc of size 64 failed"), MemoryError()]
)
def test_too_little_memory_says_nothing_about_the_part(tmp_path, monkeypatch, failure):
    run(tmp_path)
    parts = sorted(tmp_path.glob("*/*"))

    def fail(*_, **__):
        raise failure

    with monkeypatch.context() as patch:
        patch.setattr(pq, "read_table", fail)
        with pytest.raises(type(failure)):
            run(tmp_path)
    assert sorted(tmp_path.glob("*/*")) == parts
    assert run(tmp_path)[1].asked == []


def test_too_many_open_files(tmp_path, repository):
    run(tmp_path)
    parts = sorted(tmp_path.glob("*/*"))
    code = (
        "import resource, sys; sys.path[:0] = sys.argv[1:3]; import test_store as t\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))\n"
        "s, kept = t.Store(sys.argv[3], t.TOY), []\n"
        "try:\n while True: kept.append(open('/dev/null'))\n"
        "except OSError: pass\n"
        "try: list(s.read_new())\n"
        "except t.UserError as error: print(error)\n"
    )
    arguments = [str(repository), str(repository / "tests/unit/translation"), str(tmp_path)]
    process = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True
    )
    assert "Too many open files" in process.stdout, process.stderr
    assert sorted(tmp_path.glob("*/*")) == parts


def test_a_translation_is_kept_in_time_though_no_other_follows(tmp_path, monkeypatch):
    monkeypatch.setattr(store_module, "_SECONDS_A_PART", 0.2)
    one, two = Store(tmp_path, TOY), Store(tmp_path, TOY)
    for text in ("a", "b"):
        one.add(text, Output(text.upper()))
        found, end = [], time.monotonic() + 10
        while not found and time.monotonic() < end:
            time.sleep(0.05)
            found = list(two.read_new())
        assert found == [(text, Output(text.upper()))]


def test_a_write_that_failed_is_tried_again_in_time(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(store_module, "_SECONDS_A_PART", 0.1)
    store, write, failures = Store(tmp_path, TOY), pq.write_table, [OSError(errno.ENOSPC, "full")]

    def fail_once(*arguments, **options):
        if failures:
            raise failures.pop()
        write(*arguments, **options)

    monkeypatch.setattr(pq, "write_table", fail_once)
    store.add("a", Output("A"))
    end = time.monotonic() + 10
    while not list(store.folder.glob("*.parquet")) and time.monotonic() < end:
        time.sleep(0.05)
    assert dict(Store(tmp_path, TOY).read_new()) == {"a": Output("A")}
    assert "not written yet" in caplog.text


SIGNALLED = """
import sys, time
sys.path[:0] = [sys.argv[2], sys.argv[2] + "/tests/unit/translation"]
import test_store as t

with t.Store(sys.argv[1], t.TOY) as store:
    store.add("a", t.Output("A"))
    print("added", flush=True)
    time.sleep(60)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_loses_nothing_that_was_done(tmp_path, repository, number):
    process = subprocess.Popen(
        [sys.executable, "-c", SIGNALLED, str(tmp_path), str(repository)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "added\n"
    process.send_signal(number)
    _, err = process.communicate(timeout=30)
    # Python ends on a KeyboardInterrupt by the signal itself.
    assert process.returncode == (-number if number == signal.SIGINT else 128 + number), err
    assert dict(Store(tmp_path, TOY).read_new()) == {"a": Output("A")}


def test_a_store_leaves_the_signals_as_it_found_them(tmp_path):
    before = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)]
    with Store(tmp_path, TOY):
        pass
    assert [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)] == before


def test_versions_of_libraries_are_recorded_and_decide_nothing(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ctranslate2", type(sys)("ctranslate2"))
    for version in ("4.6", "4.5"):
        sys.modules["ctranslate2"].__version__ = version
        _, engine = run(tmp_path)
        assert bool(engine.asked) == (version == "4.6")
    (description,) = tmp_path.glob("*/translator.json")
    assert json.loads(description.read_text())["libraries"]["ctranslate2"] == ["4.5", "4.6"]
    description.write_text("{")
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
