"""Windows: what they hold, where the answer is in them, and that files say what they are."""

import copy
import json
from collections import Counter

import families
import numpy as np
import pyarrow as pa
import pytest
from families import FAMILIES
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_xlm import LANG2ID, build_tokenizer

from lbmrc.common.errors import UserError
from lbmrc.config.stages import WindowSettings
from lbmrc.data.examples import Answer, Example
from lbmrc.tokenization.tokenize import tokenize, tokenizer_fingerprint
from lbmrc.windows.build import answer_span, build_windows, characters, write_windows
from lbmrc.windows.files import SCHEMA, identity, read_windows

SHORT = WindowSettings(max_length=32, stride=6, max_question_length=12)
LONG = WindowSettings(max_length=400)

PASSAGE = (
    "Beyoncé sang “Halo” in São Paulo. Bruno Mars’s band—the Hooligans—played there, too; "
    "it cost $1,200.50 on 7 Feb. 2016 and nobody paid. Thành phố Hồ Chí Minh heard it (twice)."
)


def example(answer="São Paulo", passage=PASSAGE, question="Where did she sing?", **other):
    answers = (Answer(answer, passage.index(answer)),) if answer else ()
    fields = {"passage_language": "en", "question_language": "es", "id": "q1", "passage_id": "T/0"}
    return Example(passage=passage, question=question, answers=answers, **{**fields, **other})


@pytest.fixture(scope="module")
def xlm(tmp_path_factory):
    return build_tokenizer(tmp_path_factory.mktemp("xlm"))


def rows_of(examples, tokenizer, lengths=SHORT, **options):
    batches = list(build_windows(examples, tokenizer, lengths, **options))
    return pa.Table.from_batches(batches, schema=SCHEMA).to_pylist()


def text_of(row):
    """The text from the target's first token to its last."""
    offsets = np.array(row["offsets"]).reshape(-1, 2)
    shift = row["passage_first"]
    first, end = characters(offsets, row["start"] - shift, row["end"] - shift)
    return row["passage"][first:end]


class TestWindows:
    def test_slide_over_the_passage_as_run_squad_does(self, xlm):
        question, _ = tokenize("Where did she sing?", "es", xlm)
        passage, offsets = tokenize(PASSAGE, "en", xlm)
        question = question[:12]
        room = 32 - 4 - len(question)
        spans, start = [], 0
        while start < len(passage):  # transformers' squad_convert_example_to_features
            length = min(len(passage) - start, room)
            spans.append((start, length))
            if start + length == len(passage):
                break
            start += min(length, 6)
        end_of_text = [xlm.sep_token_id]
        rows = rows_of([example()], xlm, for_prediction=True)
        assert [row["window"] for row in rows] == list(range(len(spans))) and len(rows) > 5
        for row, (start, length) in zip(rows, spans, strict=True):
            piece = passage[start : start + length].tolist()
            head = [*end_of_text, *question.tolist(), *end_of_text, *end_of_text]
            assert row["input_ids"] == [*head, *piece, *end_of_text]
            assert row["passage_first"] == len(head)
            assert row["passage_last"] == len(head) + length - 1
            assert row["offsets"] == offsets[start : start + length].ravel().tolist()
            assert row["passage"] == PASSAGE

    def test_carry_the_language_ids_of_question_and_passage(self, xlm):
        row = rows_of([example()], xlm)[0]
        assert (row["question_language"], row["passage_language"]) == ("es", "en")
        assert row["question_language_id"] == LANG2ID["es"]
        assert row["passage_language_id"] == LANG2ID["en"]
        other = copy.copy(xlm)
        other.lang2id = {"en": 7, "es": 9}
        row = rows_of([example()], other)[0]
        assert (row["question_language_id"], row["passage_language_id"]) == (9, 7)

    def test_hold_the_whole_answer_or_point_at_the_first_token(self, xlm):
        rows = rows_of([example("$1,200.50")], xlm, for_prediction=True)
        held = [row for row in rows if row["end"]]
        assert 0 < len(held) < len(rows)
        assert {text_of(row) for row in held} == {"$1,200.50"}
        assert all(row["start"] == row["end"] == 0 for row in rows if row not in held)
        _, offsets = tokenize(PASSAGE, "en", xlm)
        gold = answer_span(offsets, PASSAGE.index("$"), PASSAGE.index("$") + 9)
        begin = 0
        for row in rows:
            length = row["passage_last"] - row["passage_first"] + 1
            assert (row in held) == (begin <= gold.first and gold.last < begin + length)
            begin += 6

    @pytest.mark.parametrize("answer", ["Beyoncé", "(twice).", "“Halo”", "the Hooligans", "too"])
    def test_give_the_answer_back_as_published(self, xlm, answer):
        counts = Counter()
        rows = rows_of([example(answer)], xlm, for_prediction=True, counts=counts)
        assert {text_of(row) for row in rows if row["end"]} == {answer}
        assert counts["answers_widened"] == 0

    def test_for_training_leave_text_and_offsets_out(self, xlm):
        rows = rows_of([example()], xlm)
        assert {row["passage"] for row in rows} == {""}
        assert all(row["offsets"] == [] for row in rows)
        for row, full in zip(rows, rows_of([example()], xlm, for_prediction=True), strict=True):
            assert {**row, "offsets": full["offsets"], "passage": PASSAGE} == full

    def test_train_on_the_first_answer(self, xlm):
        both = Example(
            **{
                **{name: getattr(example(), name) for name in Example.__slots__},
                "answers": (Answer("Halo", 14), Answer("Beyoncé", 0)),
            }
        )
        rows = rows_of([both], xlm, for_prediction=True)
        assert {text_of(row) for row in rows if row["end"]} == {"Halo"}

    @given(length=st.integers(17, 60), stride=st.integers(1, 60), question=st.integers(1, 8))
    @settings(max_examples=60, deadline=None)
    def test_hold_every_token_of_the_passage(self, xlm, length, stride, question):
        lengths = WindowSettings(max_length=length, stride=stride, max_question_length=question)
        _, offsets = tokenize(PASSAGE, "en", xlm)
        rows = rows_of([example()], xlm, lengths, for_prediction=True)
        assert all(len(row["input_ids"]) <= length for row in rows)
        assert all(row["passage_first"] <= question + 3 for row in rows)
        seen = {tuple(pair) for row in rows for pair in np.reshape(row["offsets"], (-1, 2))}
        assert seen == {tuple(pair) for pair in offsets}

    def test_forms_of_special_tokens(self, xlm):
        def ids(form):
            lengths = WindowSettings(max_length=400, special_tokens=form)
            return rows_of([example(question="Who?")], xlm, lengths)[0]["input_ids"]

        question = tokenize("Who?", "es", xlm)[0].tolist()
        passage = tokenize(PASSAGE, "en", xlm)[0].tolist()
        end = [xlm.sep_token_id]
        assert ids("double") == end + question + end + end + passage + end
        assert ids("single") == end + question + end + passage + end
        assert ids("transformers") == xlm.build_inputs_with_special_tokens(question, passage)
        assert ids("auto") == ids("double")

    @pytest.mark.parametrize("family", FAMILIES)
    def test_a_familys_own_form_is_the_default(self, family):
        tokenizer = families.build_tokenizer(family)
        [row] = rows_of([example(question="Who?")], tokenizer, WindowSettings(max_length=400))
        own = tokenizer("Who?", PASSAGE)
        assert row["input_ids"] == own["input_ids"]
        assert row["passage_first"] == own.sequence_ids().index(1)
        assert row["question_language_id"] == row["passage_language_id"] == 0


class TestEdges:
    def test_empty_passage_and_empty_question(self, xlm):
        counts = Counter()
        [row] = rows_of(
            [example(None, passage="", question="")], xlm, for_prediction=True, counts=counts
        )
        assert row["input_ids"] == [xlm.sep_token_id] * 4
        assert (row["passage_first"], row["passage_last"]) == (3, 2)
        assert row["offsets"] == [] and (row["start"], row["end"]) == (0, 0)
        assert counts["empty_passages"] == counts["windows"] == 1

    def test_passage_of_one_token(self, xlm):
        [row] = rows_of([example("a", passage="a", question="")], xlm, for_prediction=True)
        assert row["passage_first"] == row["passage_last"] == row["start"] == row["end"] == 3
        assert row["offsets"] == [0, 1]

    def test_answer_inside_a_subword_is_widened_and_counted(self, xlm):
        counts = Counter()
        [row] = rows_of([example("oncé")], xlm, LONG, for_prediction=True, counts=counts)
        assert "oncé" in text_of(row) and text_of(row) in "Beyoncé"
        [row] = rows_of([example("aul")], xlm, LONG, for_prediction=True, counts=counts)
        assert "aul" in text_of(row)
        assert counts["answers_widened"] == sum(
            answer_span(tokenize(PASSAGE, "en", xlm)[1], at, at + size).exact is False
            for at, size in [(3, 4), (PASSAGE.index("aul"), 3)]
        )

    def test_an_answer_in_no_token_is_counted_and_never_trained_on(self, xlm):
        counts = Counter()
        examples = [example(" "), example("Halo", id="q2")]
        [row] = rows_of(examples, xlm, LONG, counts=counts)
        assert row["example"] == "q2" and row["end"] > 0
        assert counts["answers_unreachable"] == 1 and counts["examples"] == 2
        assert counts["windows"] == counts["windows_with_answer"] == 1
        asked = rows_of(examples, xlm, LONG, for_prediction=True)
        assert [row["example"] for row in asked] == ["q1", "q2"]
        assert (asked[0]["start"], asked[0]["end"]) == (0, 0)

    def test_swapped_quotation_marks_come_back(self):
        # "no", as Moses orders it: " no , " (the comma's characters before the quote's)
        offsets = np.array([[0, 1], [1, 3], [4, 5], [3, 4]])
        assert answer_span(offsets, 0, 4)[:2] == (0, 3)
        assert answer_span(offsets, 0, 5) == (0, 2, True)
        assert characters(offsets, 0, 3) == (0, 4)
        assert characters(offsets, 2, 3) == (3, 5)

    def test_language_without_an_id(self, xlm):
        with pytest.raises(UserError, match=r"language sv: .*lang2id knows ar, bg"):
            rows_of([example(question_language="sv")], xlm)

    def test_xlm_without_language_ids(self, tmp_path):
        tokenizer = build_tokenizer(tmp_path)
        tokenizer.lang2id = None
        with pytest.raises(UserError, match="no lang2id"):
            rows_of([example()], tokenizer)


class TestFiles:
    def write(self, path, xlm, examples=None, lengths=SHORT, **options):
        examples = [example(), example(None, id="q2")] if examples is None else examples
        settings = {"dataset": "squad.en", "for_prediction": True, **options}
        return write_windows(path, iter(examples), xlm, lengths, **settings)

    def test_round_trip(self, xlm, tmp_path):
        path = tmp_path / "squad.en.arrow"
        counts = self.write(path, xlm)
        rows = rows_of([example(), example(None, id="q2")], xlm, for_prediction=True)
        windows = read_windows([path])
        assert windows.to_list() == rows
        assert windows.data.schema.remove_metadata() == SCHEMA
        assert counts["windows"] == len(rows) and counts["examples"] == 2
        assert counts["windows_with_answer"] == sum(row["end"] > 0 for row in rows)
        assert [file.name for file in tmp_path.iterdir()] == ["squad.en.arrow"]

    def test_say_what_they_are(self, xlm, tmp_path):
        self.write(tmp_path / "w", xlm)
        assert identity(tmp_path / "w") == {
            "dataset": "squad.en",
            "windows": {
                "max_length": 32,
                "stride": 6,
                "max_question_length": 12,
                "special_tokens": "double",
            },
            "tokenizer": tokenizer_fingerprint(xlm),
            "languages": LANG2ID,
            "rows": len(read_windows([tmp_path / "w"])),
        }
        assert json.dumps(identity(tmp_path / "w"))

    def test_several_are_read_one_after_the_other(self, xlm, tmp_path):
        for name in ("a", "b", "empty"):
            examples = [] if name == "empty" else [example(id=name)]
            self.write(tmp_path / name, xlm, examples, dataset=name)
        windows = read_windows([tmp_path / name for name in ("a", "empty", "b")])
        assert list(dict.fromkeys(windows["example"])) == ["a", "b"]

    def test_many_rows_stream_in_batches(self, xlm, tmp_path):
        examples = (example(id=str(number)) for number in range(400))
        counts = self.write(tmp_path / "w", xlm, examples)
        with pa.memory_map(str(tmp_path / "w")) as source:
            reader = pa.ipc.open_file(source)
            batches = [reader.get_batch(i) for i in range(reader.num_record_batches)]
        assert len(batches) > 2 and sum(map(len, batches)) == counts["windows"]
        windows = read_windows([tmp_path / "w"])
        assert list(dict.fromkeys(windows["example"])) == [str(number) for number in range(400)]

    def test_of_different_lengths_are_refused_together(self, xlm, tmp_path):
        self.write(tmp_path / "a", xlm)
        self.write(tmp_path / "b", xlm, lengths=SHORT.model_copy(update={"stride": 7}))
        with pytest.raises(UserError, match=r"b: made with windows .*'stride': 7"):
            read_windows([tmp_path / "a", tmp_path / "b"])

    def test_damaged_or_foreign_files_are_refused(self, xlm, tmp_path):
        self.write(tmp_path / "whole", xlm, (example(id=str(number)) for number in range(400)))
        content = (tmp_path / "whole").read_bytes()
        (tmp_path / "cut").write_bytes(content[: len(content) // 2])
        with pytest.raises(UserError, match=r"cut: .*delete it and run again"):
            read_windows([tmp_path / "cut"])
        (tmp_path / "text").write_text("hello")
        with pytest.raises(UserError, match="text: not readable windows"):
            read_windows([tmp_path / "text"])
        with pytest.raises(UserError, match="missing: not readable windows"):
            read_windows([tmp_path / "missing"])
        other = pa.table({"a": [1]})
        with pa.ipc.new_file(str(tmp_path / "other"), other.schema) as writer:
            writer.write_table(other)
        with pytest.raises(UserError, match="other: these are not windows"):
            read_windows([tmp_path / "other"])

    def test_nothing_to_read(self, xlm, tmp_path):
        self.write(tmp_path / "a", xlm, [])
        with pytest.raises(UserError, match="no window in"):
            read_windows([tmp_path / "a"])
