"""The program lbmrc-apertium: with Apertium where that is, with a stand-in everywhere."""

import json
import random
import shutil
import stat
import subprocess
import sys

import pytest

from lbmrc.common.errors import UserError
from lbmrc.translation.engines.command import Command, command_identity
from lbmrc.translation.programs.apertium import Apertium

MARKERS = ("([", ")]")


def needs(mode):
    """Skips where a mode of Apertium is not installed."""
    reason = ""
    try:
        Apertium(mode)
    except UserError as error:
        reason = str(error)
    return pytest.mark.skipif(bool(reason), reason=reason)


def command(*arguments):
    return [sys.executable, "-m", "lbmrc.translation.programs.apertium", *arguments]


PORTUGUESE = [
    "Quem construiu o primeiro planetário?",
    "Em 1980 (ou 1981), a casa da {chave} custava $5 [1] e 50% ^ x/y @ <b>z</b> \\ fim!",
    "O gato de Brueghel morreu sem ponto",
    "linha um\nlinha dois\ttrês",
]
ENGLISH = [
    "Who built the first planetarium?",
    "In 1980 (or 1981) the house of {the key} cost $5 [1], 50% ^ x/y @ <b>z</b> \\ end!",
    "Brueghel's old dog has no full stop",
    "a list\nof things\tand more",
]


@pytest.mark.parametrize(
    ("mode", "texts"),
    [
        pytest.param("pt-es", PORTUGUESE, marks=needs("pt-es")),
        pytest.param("eng-spa", ENGLISH, marks=needs("eng-spa")),
    ],
)
def test_a_text_has_one_translation_in_whatever_company(mode, texts):
    """In null-flush mode alone the tagger would remember the text before."""
    alone = [Apertium(mode).translate([text])[0] for text in texts]
    assert Apertium(mode, threads=2).translate(texts) == alone
    order = random.Random(1).sample(range(len(texts)), len(texts))
    engine = Command(command(mode), texts_per_chunk=3)
    assert engine.translate([texts[n] for n in order]) == [alone[n] for n in order]
    engine.close()
    for text, translation in zip(texts, alone, strict=True):
        assert translation[-1] == text[-1] or text[-1].isalpha()
        assert [c for c in translation if c in "{}[]^$/@<>\\\n\t"] == [
            c for c in text if c in "{}[]^$/@<>\\\n\t"
        ]
        assert "*" not in translation and "  " not in translation


@needs("pt-es")
def test_portuguese_becomes_spanish():
    assert Apertium("pt-es").translate(["O gato preto morreu.", "Quem foi?", "A casa"]) == [
        "El gato negro murió.", "Quién fue?", "La casa",
    ]  # fmt: skip


@needs("eng-spa")
def test_markers_go_where_the_words_go_and_leave_the_sentence_as_it_is():
    clean, marked = Apertium("eng-spa", [MARKERS]).translate(
        ["The old white house burnt.", "The ([old white)] house burnt."]
    )
    assert clean == "La casa blanca vieja quemó."
    assert marked == "La casa ([blanca vieja)] quemó."
    (literal,) = Apertium("eng-spa").translate(["The ([old white)] house burnt."])
    assert literal != marked


@needs("pt-es")
def test_only_a_whole_pair_of_the_markers_given_is_a_word_bound_blank():
    texts = ["O ([gato preto morreu.", "O [gato] morreu.", "([ O gato )] morreu."]
    assert Apertium("pt-es", [MARKERS]).translate(texts) == [
        "Lo ([gato negro murió.", "Lo [gato] murió.", "([El gato)] murió.",
    ]  # fmt: skip
    assert Apertium("pt-es", [MARKERS, ("[", "]")]).translate(texts[1:2]) == ["El [gato] murió."]


@needs("pt-es")
def test_it_is_known_by_rules_and_programs(tmp_path, monkeypatch):
    known = command_identity(command("pt-es"), None)["printed"]
    assert known == Apertium("pt-es").version()
    assert "pt-es" in known and "Apertium 3." in known and "lt-proc version" in known
    file = Apertium("pt-es").file
    (tmp_path / "modes").mkdir()
    (tmp_path / "modes/pt-es.mode").write_text(file.read_text())
    monkeypatch.setenv("APERTIUM_DATADIR", str(tmp_path))
    assert Apertium("pt-es").version() == known
    other = tmp_path / "pt-es.prob"
    (name,) = [word for word in file.read_text().split("'") if word.endswith("pt-es.prob")]
    shutil.copy(name, other)
    with other.open("ab") as prob:
        prob.write(b"\0")
    (tmp_path / "modes/pt-es.mode").write_text(file.read_text().replace(name, str(other)))
    assert Apertium("pt-es").version() != known


# ------------------------------------------------------------------ a stand-in for its programs

STAGE = """#!{python}
import sys
texts = sys.stdin.buffer.read().decode().split("\\0")
with open("{log}", "a") as log: log.write("{name}" + str(len(texts) - 1) + " ")
if any("BROKEN" in t for t in texts): sys.exit("Error: Malformed input stream.")
sys.stdout.write("\\0".join(texts) + "\\0" * ("{name}" == "apertium-tagger"))
"""


@pytest.fixture
def stand_in(tmp_path, monkeypatch):
    """Programs with the names of Apertium's, which write into the file it returns."""
    log = tmp_path / "log"
    (tmp_path / "modes").mkdir()
    (tmp_path / "modes/xx-yy.mode").write_text("lt-proc | apertium-tagger | lt-proc")
    for name in ("lt-proc", "apertium-tagger"):
        (tmp_path / name).write_text(STAGE.format(python=sys.executable, log=log, name=name))
    (tmp_path / "apertium").write_text("#!/bin/sh\necho 9.9\n")
    (tmp_path / "apertium-wblank-mode").write_text(
        "#!/bin/sh\ncat <<'END'\nlt-proc -z 'a b' | apertium-tagger -z -g $2 | lt-proc $1\nEND\n"
    )
    for path in tmp_path.iterdir():
        if path.is_file():
            path.chmod(path.stat().st_mode | stat.S_IEXEC)
    monkeypatch.setenv("APERTIUM_DATADIR", str(tmp_path))
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return log


def test_each_text_has_a_tagger_of_its_own_and_the_others_all_at_once(stand_in):
    engine = Apertium("xx-yy", [MARKERS], threads=1)
    assert engine._before == [["lt-proc", "-z", "a b"]]
    assert engine._after == [["lt-proc", "-n"]]  # no marks on unknown words
    translated = engine.translate(["One.", "A ([b)] c", "x\ny"])
    assert stand_in.read_text().split() == ["lt-proc3", *["apertium-tagger1"] * 3, "lt-proc3"]
    assert translated == ["One.", "A ([b)] c", "x\ny"]


def test_a_stage_that_fails_is_told_with_what_it_said(stand_in):
    with pytest.raises(UserError, match=r"apertium failed on 2 texts.*Malformed input stream"):
        Apertium("xx-yy").translate(["One.", "BROKEN"])


def test_what_is_missing_is_named_with_what_to_install(stand_in, monkeypatch):
    with pytest.raises(UserError, match=r'no mode "pt-es" \(installed: xx-yy\).*apertium-es-pt'):
        Apertium("pt-es")
    done = subprocess.run(command("pt-es"), input="", capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith('error: Apertium has no mode "pt-es"')
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(UserError, match=r"apertium: no such program; install .*apt-get"):
        Apertium("pt-es")


def test_json_lines_are_answered_as_they_come(stand_in):
    """Also the last one, without a line end."""
    lines = [json.dumps({"id": n, "text": f"text {n}."}) for n in range(3)]
    done = subprocess.run(
        command("xx-yy"), input="\n".join(lines), capture_output=True, text=True, check=True
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer["id"] for answer in answers] == [0, 1, 2]
    assert all(answer["text"].startswith(f"text {n}.") for n, answer in enumerate(answers))
