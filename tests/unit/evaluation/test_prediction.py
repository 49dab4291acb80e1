"""From logits to text: n-best decoding against a plain search, merged windows, official files."""

import json
import shutil

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from tiny_xlm import build_tokenizer

from lbmrc.common.errors import UserError
from lbmrc.common.shards import Shard
from lbmrc.config.stages import DecodingSettings, WindowSettings
from lbmrc.data.examples import Answer, Example
from lbmrc.evaluation import prediction as predicting
from lbmrc.evaluation.prediction import (
    answer_benchmarks,
    best_spans,
    gather_answers,
    predict,
    predictions,
    window_pools,
    write_predictions,
)
from lbmrc.evaluation.whole_words import extend_to_words
from lbmrc.windows.build import write_windows
from lbmrc.windows.files import read_windows

WINDOWS = WindowSettings(max_length=40, stride=8, max_question_length=12)
DECODING = DecodingSettings(n_best=5, max_answer_length=6, batch_size=3)


def searched(start, end, first, last, n_best, longest):
    """The plain search: every span, sorted by falling score, then earlier, then shorter."""
    spans = [
        (-(start[s] + end[e]), s, e)
        for s in range(first, last + 1)
        for e in range(s, min(s + longest - 1, last) + 1)
    ]
    return [(s, e, -score) for score, s, e in sorted(spans)[:n_best]]


def listed(found, window):
    spans = zip(*(part[window].tolist() for part in found), strict=True)
    return [span for span in spans if span[2] > -np.inf]


class TestBestSpans:
    # Few distinct values, so that equal scores are common.
    @given(
        logits=arrays.arrays(
            np.float32, (2, 3, 14), elements=st.integers(-2, 2).map(float), fill=st.nothing()
        ),
        limits=st.lists(st.tuples(st.integers(0, 13), st.integers(-1, 13)), min_size=3, max_size=3),
        n_best=st.integers(1, 30),
        longest=st.integers(1, 20),
    )
    @settings(max_examples=300, deadline=None)
    def test_are_those_of_a_plain_search(self, logits, limits, n_best, longest):
        first, last = np.array(limits).T
        found = best_spans(logits[0], logits[1], first, last, n_best, longest)
        assert found.score.shape == (3, n_best)
        for window in range(3):
            assert listed(found, window) == searched(
                logits[0, window], logits[1, window], *limits[window], n_best, longest
            )

    def test_on_random_logits_of_real_size(self):
        draw = np.random.default_rng(0)
        start, end = draw.normal(size=(2, 4, 384)).astype(np.float32)
        first, last = np.array([20, 20, 3, 67]), np.array([382, 150, 3, 370])
        found = best_spans(start, end, first, last, 20, 30)
        for window in range(4):
            expected = searched(start[window], end[window], first[window], last[window], 20, 30)
            assert listed(found, window) == expected

    def test_more_are_asked_for_than_there_are(self):
        logits = np.arange(3, dtype=np.float32)[None]
        found = best_spans(logits, logits, np.array([0]), np.array([2]), 5, 1)
        assert found.first.tolist() == [[2, 1, 0, -1, -1]]
        assert found.score.tolist() == [[4, 2, 0, -np.inf, -np.inf]]

    def test_half_precision_logits_are_summed_in_single(self):
        start = np.array([[1.0, 2048.0]], np.float16)
        end = np.array([[0.0, 1.0]], np.float16)
        found = best_spans(start, end, np.array([0]), np.array([1]), 1, 2)
        assert found.score[0, 0] == 2049

    def test_logits_that_are_no_numbers_are_no_answer(self):
        start = np.array([[np.nan, 1.0, np.inf]])
        found = best_spans(start, start, np.array([0]), np.array([1]), 2, 2)
        assert listed(found, 0) == [(1, 1, 2.0)]


PASSAGE = (
    "Beyoncé sang “Halo” in São Paulo; the Hooligans—Bruno Mars’s band—played there, too. " * 3
)
QUESTIONS = {"q1": "Who sang?", "q2": "Where did they all sing together?", "q3": "?", "q4": ""}


@pytest.fixture(scope="module")
def xlm(tmp_path_factory):
    return build_tokenizer(tmp_path_factory.mktemp("xlm"))


@pytest.fixture(scope="module")
def model(xlm):
    import torch
    from transformers import XLMConfig, XLMForQuestionAnsweringSimple

    torch.manual_seed(0)
    config = XLMConfig(
        vocab_size=len(xlm),
        emb_dim=16,
        n_layers=1,
        n_heads=2,
        n_langs=15,
        max_position_embeddings=64,
    )
    return XLMForQuestionAnsweringSimple(config).eval()


def examples():
    for language in ("en", "es"):
        for id, question in QUESTIONS.items():
            passage = "" if id == "q4" else PASSAGE[: 80 * int(id[1])]
            yield Example(id, "T/0", "en", language, passage, question, (Answer("", 0),))


@pytest.fixture(scope="module")
def windows(xlm, tmp_path_factory):
    path = tmp_path_factory.mktemp("windows") / "xquad.test.arrow"
    write_windows(path, examples(), xlm, WINDOWS, dataset="xquad.test", for_prediction=True)
    return read_windows([path])


class TestPredict:
    def test_answers_every_question_in_order(self, model, windows, xlm):
        found = list(predict(model, windows, DECODING, "cpu", xlm.pad_token_id))
        keys = [(p.id, p.passage_language, p.question_language) for p in found]
        assert keys == [(e.id, e.passage_language, e.question_language) for e in examples()]
        for prediction, example in zip(found, examples(), strict=True):
            assert bool(prediction.text) == bool(example.passage)
            assert len(prediction.spans) == (5 if example.passage else 0)
            assert len({(span.start, span.text) for span in prediction.spans}) == len(
                prediction.spans
            )
            scores = [span.score for span in prediction.spans]
            assert scores == sorted(scores, reverse=True)
            for span in prediction.spans:
                assert example.passage[span.start : span.start + len(span.text)] == span.text

    def test_takes_the_best_of_all_windows(self, model, windows, xlm):
        """Against each window alone, unpadded, and a plain search."""
        import torch

        best: dict = {}
        for row in windows:
            before, after = row["question_language_id"], row["passage_language_id"]
            ids = torch.tensor([row["input_ids"]])
            langs = torch.full_like(ids, after)
            langs[:, : row["passage_first"]] = before
            with torch.no_grad():
                out = model(input_ids=ids, langs=langs)
            start, end = out.start_logits[0].numpy(), out.end_logits[0].numpy()
            limits = row["passage_first"], row["passage_last"]
            key = row["example"], row["question_language"]
            for s, e, score in searched(start, end, *limits, 1, 6):
                offsets = np.reshape(row["offsets"], (-1, 2))
                text = row["passage"][offsets[s - limits[0], 0] : offsets[e - limits[0], 1]]
                if score > best.get(key, ("", -np.inf))[1]:
                    best[key] = text, score
        for prediction in predict(model, windows, DECODING, "cpu", xlm.pad_token_id):
            text, score = best.get((prediction.id, prediction.question_language), ("", None))
            assert prediction.text == text
            if score is not None:
                assert prediction.spans[0].score == pytest.approx(score, abs=1e-5)

    def test_does_not_depend_on_the_batches(self, model, windows, xlm):
        def found(batch_size):
            predictions = predict(
                model,
                windows,
                DECODING.model_copy(update={"batch_size": batch_size}),
                "cpu",
                xlm.pad_token_id,
            )
            return [[span[:2] for span in prediction.spans] for prediction in predictions]

        assert found(1) == found(64)

    def test_windows_made_for_training_are_refused(self, model, xlm, tmp_path):
        path = tmp_path / "w"
        answered = Answer(PASSAGE[:5], 0)
        example = Example("q", "T/0", "en", "en", PASSAGE, "Who?", (answered,))
        write_windows(path, [example], xlm, WINDOWS, dataset="a", for_prediction=False)
        with pytest.raises(UserError, match="built for training"):
            list(predict(model, read_windows([path]), DECODING, "cpu", xlm.pad_token_id))


def decoded(monkeypatch, passage, spans, *, whole_words, n_best=20):
    """The answer's spans where the windows of a passage give these spans, (text, score), best
    first; a list of them for each window."""
    found = [
        [(score, passage.index(text), passage.index(text) + len(text)) for text, score in window]
        for window in spans
    ]
    monkeypatch.setattr(predicting, "_spans", lambda *arguments: None)
    monkeypatch.setattr(predicting, "_characters", lambda rows, spans: iter(found))
    rows = pa.table(
        {
            "example": ["q"] * len(found),
            "passage_language": ["en"] * len(found),
            "question_language": ["en"] * len(found),
            "passage": [passage] * len(found),
        }
    )
    decoding = DecodingSettings(whole_words=whole_words, n_best=n_best)
    (prediction,) = predictions(None, [rows], decoding, "cpu", 0)
    for span in prediction.spans:
        assert passage[span.start : span.start + len(span.text)] == span.text
    return [(span.text, span.score) for span in prediction.spans]


class TestWholeWords:
    @pytest.mark.parametrize(
        ("passage", "cut", "whole"),
        [
            ("She was born in Rosuban, 1997.", "uban", "Rosuban"),
            ("She was born in Rosuban, 1997.", "19", "1997"),
            ("مدينة القاهرة هنا", "قاهر", "القاهرة"),
            ("वह दिल्ली में है", "दिल", "दिल्ली"),
            ("वह दिल्\u200dली में है", "ली", "दिल्\u200dली"),
            ("他住在北京市", "北京", "北京"),
        ],
    )
    def test_a_cut_word_is_answered_whole_if_the_config_says_so(
        self, monkeypatch, passage, cut, whole
    ):
        spans = [[(cut, 3.0)]]
        assert decoded(monkeypatch, passage, spans, whole_words=True) == [(whole, 3.0)]
        assert decoded(monkeypatch, passage, spans, whole_words=False) == [(cut, 3.0)]
        assert not DecodingSettings().whole_words

    def test_parts_of_the_same_words_are_one_span_at_the_best_score(self, monkeypatch):
        passage = "in Rosuban, 1997"
        windows = [[("Ros", 4.0), ("19", 2.0)], [("uban", 5.0), ("1997", 1.0), ("in", 0.0)]]
        whole = decoded(monkeypatch, passage, windows, whole_words=True)
        assert whole == [("Rosuban", 5.0), ("1997", 2.0), ("in", 0.0)]
        two = decoded(monkeypatch, passage, windows, whole_words=True, n_best=2)
        assert two == [("Rosuban", 5.0), ("1997", 2.0)]
        plain = decoded(monkeypatch, passage, windows, whole_words=False)
        assert plain == [("uban", 5.0), ("Ros", 4.0), ("19", 2.0), ("1997", 1.0), ("in", 0.0)]

    @pytest.mark.parametrize("whole_words", [False, True])
    def test_a_token_that_covers_no_character_is_no_answer(self, monkeypatch, whole_words):
        spans = [[("", 3.0), ("in", 2.0)]]
        found = decoded(monkeypatch, "in Rosuban", spans, whole_words=whole_words)
        assert found == [("in", 2.0)]

    def test_of_a_model_are_the_plain_spans_extended(self, model, windows, xlm):
        plain = predict(model, windows, DECODING, "cpu", xlm.pad_token_id)
        whole = DECODING.model_copy(update={"whole_words": True})
        cut = 0
        for before, after, example in zip(
            plain,
            predict(model, windows, whole, "cpu", xlm.pad_token_id),
            examples(),
            strict=True,
        ):
            spans = [(span.start, span.start + len(span.text)) for span in before.spans]
            extended = [extend_to_words(example.passage, *span) for span in spans]
            cut += spans != extended
            if spans:
                first, end = extended[0]
                text = example.passage[first:end]
                assert after.spans[0] == (text, first, before.spans[0].score)
            assert len({span[:2] for span in after.spans}) == len(after.spans)
        assert cut


class TestBenchmarks:
    @pytest.fixture
    def job(self, model, xlm, tmp_path):
        model.save_pretrained(tmp_path / "model")
        files = [tmp_path / name for name in ("mlqa.test.arrow", "xquad.test.arrow")]
        for file in files:
            write_windows(file, examples(), xlm, WINDOWS, dataset=file.stem, for_prediction=True)
        names = [file.stem for file in files]
        return tmp_path / "model", files, names, DECODING, "cpu", tmp_path / "state"

    def test_every_cell_has_its_answers(self, job, model, windows, xlm):
        found = answer_benchmarks(*job)
        expected = {}
        for p in predict(model, windows, DECODING, "cpu", xlm.pad_token_id):
            expected.setdefault(f"en.{p.question_language}", {})[p.id] = p.text
        assert found == {
            f"{name}.{cell}": answers
            for name in ("mlqa.test", "xquad.test")
            for cell, answers in expected.items()
        }

    def test_finished_files_of_a_killed_run_are_kept(self, job, monkeypatch):
        whole, plain, asked = answer_benchmarks(*job), predicting.predict, []
        shutil.rmtree(job[-1])

        def dies_in_the_second(*arguments):
            asked.append(1)
            if len(asked) == 2:
                raise KeyboardInterrupt
            return plain(*arguments)

        monkeypatch.setattr(predicting, "predict", dies_in_the_second)
        with pytest.raises(KeyboardInterrupt):
            answer_benchmarks(*job)
        assert answer_benchmarks(*job) == whole
        assert len(asked) == 3

    @pytest.mark.parametrize("count", [2, 3, 40])
    def test_shards_are_gathered_to_the_same_answers(self, job, monkeypatch, tmp_path, count):
        monkeypatch.setattr(predicting, "_POOL_BATCHES", 2)
        whole = answer_benchmarks(*job)
        shutil.rmtree(job[-1])
        files = [tmp_path / f"{number}.json" for number in range(1, count + 1)]
        for number, path in enumerate(files, 1):
            write_predictions(path, answer_benchmarks(*job, Shard(number, count)))
        gathered = gather_answers(files)
        assert gathered == whole
        assert [[*answers] for answers in gathered.values()] == [[*x] for x in whole.values()]
        parts = [json.loads(path.read_text(encoding="utf-8")) for path in files]
        answered = [
            (cell, id) for part in parts for cell, answers in part.items() for id in answers
        ]
        assert len(answered) == len(set(answered))
        pools = [window_pools(read_windows([path]), DECODING.batch_size) for path in job[1]]
        assert sum(map(bool, parts)) == min(count, sum(map(len, pools))) > 1

    def test_answers_of_another_model_are_not(self, job, monkeypatch, caplog):
        caplog.set_level("INFO", logger="lbmrc")
        answer_benchmarks(*job)
        (job[0] / "note.txt").write_text("another")
        answer_benchmarks(*job)
        assert "unfinished work of another job: removed" in caplog.text


class TestFiles:
    def test_are_official(self, tmp_path):
        answers = {"56be4db0": "São Paulo", "x": "", "y": 'a "b"\n'}
        write_predictions(tmp_path / "p.json", answers)
        assert json.loads((tmp_path / "p.json").read_text(encoding="utf-8")) == answers
        assert [file.name for file in tmp_path.iterdir()] == ["p.json"]
