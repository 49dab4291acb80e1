"""From logits to text: the best spans of each question (Equation 2 at test time).

Input: a trained system and windows built for prediction. Output: for each question its best spans
over all windows of its passage, as substrings of the passage by offsets (never assembled from
subwords), and the official ``{id: text}`` files. A span's score is the sum of its start and end
logits; a span lies within the passage and has at most ``max_answer_length`` tokens. With
``whole_words`` a span is then extended to whole words at both ends; its score does not change.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lbmrc.common.atomic import write_text
from lbmrc.common.errors import UserError
from lbmrc.common.hashing import file_digest, folder_fingerprint
from lbmrc.common.json_io import read_json
from lbmrc.common.shards import WHOLE, Shard
from lbmrc.evaluation.whole_words import Words
from lbmrc.runtime.resume import claim
from lbmrc.windows.files import read_windows

if TYPE_CHECKING:
    import torch
    from datasets import Dataset
    from transformers import PreTrainedModel

    from lbmrc.config.stages import DecodingSettings

_POOL_BATCHES = 50


class TextSpan(NamedTuple):
    """An answer: ``passage[start : start + len(text)]``, and the sum of its two logits."""

    text: str
    start: int
    score: float


@dataclass(frozen=True, slots=True)
class Prediction:
    """The distinct best spans of one question on one passage, best first."""

    id: str
    passage_language: str
    question_language: str
    spans: tuple[TextSpan, ...]

    @property
    def text(self) -> str:
        """The answer; empty only if the passage is."""
        return self.spans[0].text if self.spans else ""


class BestSpans(NamedTuple):
    """The best spans of B windows, each (B, n): first and last tokens, and descending scores.

    If a window has fewer than n spans, the rest have first and last -1 and score -inf.
    """

    first: np.ndarray
    last: np.ndarray
    score: np.ndarray


def best_spans(
    start_logits: np.ndarray,
    end_logits: np.ndarray,
    passage_first: np.ndarray,
    passage_last: np.ndarray,
    n_best: int,
    max_answer_length: int,
) -> BestSpans:
    """The n spans with the largest sums of logits in each window.

    Args:
        start_logits, end_logits: (B, L); values outside the passage are ignored.
        passage_first, passage_last: (B,), the passage's tokens (inclusive); none if last < first.
        n_best: n.
        max_answer_length: in tokens.

    Returns:
        Spans by descending score; ties go to the earlier start, then to the shorter span.
    """
    windows, length = start_logits.shape
    place = np.arange(length)
    inside = (place >= passage_first[:, None]) & (place <= passage_last[:, None])
    start = np.where(inside, start_logits.astype(np.float32), -np.inf)
    end = np.where(inside, end_logits.astype(np.float32), -np.inf)
    padding = np.full((windows, max_answer_length - 1), -np.inf, np.float32)
    end = np.concatenate([end, padding], axis=1)
    # Each of the n best spans begins at one of the n starts whose own best spans score highest.
    best = start + _longest_run(end, max_answer_length)
    starts = np.sort(_largest(best, n_best), axis=1)
    window, shorter = np.arange(windows)[:, None], np.arange(max_answer_length)
    ends = end[window[:, :, None], starts[:, :, None] + shorter]
    scores = (start[window, starts][:, :, None] + ends).reshape(windows, -1)
    order = _largest(scores, n_best)
    score = scores[window, order]
    found = score > -np.inf
    first = np.where(found, starts[window, order // max_answer_length], -1)
    last = np.where(found, first + order % max_answer_length, -1)
    fewer = ((0, 0), (0, n_best - order.shape[1]))
    return BestSpans(
        np.pad(first, fewer, constant_values=-1),
        np.pad(last, fewer, constant_values=-1),
        np.pad(np.where(found, score, -np.inf), fewer, constant_values=-np.inf),
    )


def _largest(values: np.ndarray, n: int) -> np.ndarray:
    """Indices of the n largest values per row, descending; ties: the earlier first; no NaN."""
    return np.argsort(-values, axis=1, kind="stable")[:, :n]


def _longest_run(values: np.ndarray, size: int) -> np.ndarray:
    """Maximum over every ``size`` consecutive values of a row, in about log2(size) passes."""
    run = 1
    while run < size:
        step = min(run, size - run)
        values = np.maximum(values[:, :-step], values[:, step:])
        run += step
    return values


def predict(
    model: "PreTrainedModel",
    windows: "Dataset",
    decoding: "DecodingSettings",
    device: "str | torch.device",
    pad_id: int,
    pools: "Sequence[range] | None" = None,
) -> Iterator[Prediction]:
    """Answer every question of ``windows`` (`lbmrc.windows.files.read_windows`), in their order.

    Windows of similar length share a batch. Memory does not grow with their number.

    Args:
        pools: a subset of `window_pools`, to answer only their questions.

    Raises:
        UserError: if the windows were made for training.
    """
    from lbmrc.common.progress import progress

    pools = window_pools(windows, decoding.batch_size) if pools is None else pools
    arrow = windows.with_format("arrow")
    with progress(sum(map(len, pools)), "predict", "windows") as bar:

        def read() -> Iterator[pa.Table]:
            for pool in pools:
                yield arrow[pool.start : pool.stop]
                bar.update(len(pool))

        yield from predictions(model, read(), decoding, device, pad_id)


def window_pools(windows: "Dataset", batch_size: int) -> list[range]:
    """Ranges of rows that are batched together: whole examples, about 50 batches each."""
    numbers = windows.select_columns("window").with_format("arrow")[:].column("window").to_numpy()
    starts = np.flatnonzero(numbers == 0)
    pools, first = [], 0
    while first < len(numbers):
        at = np.searchsorted(starts, first + _POOL_BATCHES * batch_size)
        end = int(starts[at]) if at < len(starts) else len(numbers)
        pools.append(range(first, end))
        first = end
    return pools


def answer_benchmarks(
    model: str | Path,
    windows: Sequence[str | Path],
    names: Sequence[str],
    decoding: "DecodingSettings",
    device: str,
    state: str | Path,
    shard: Shard = WHOLE,
) -> dict[str, dict[str, str]]:
    """Answer every question of several window files, one file after the other.

    Args:
        model: folder of a trained system.
        windows: files made for prediction.
        names: the prefix of each file's cells, such as "mlqa.test".
        decoding: n-best, longest answer, batch size.
        device: "cpu" or "cuda".
        state: folder that keeps the finished files if the run is killed, see
            `lbmrc.runtime.resume.claim`; the caller removes it when the answers are written.
        shard: answer only the questions of this shard; `gather_answers` merges the shards.

    Returns:
        {"mlqa.test.es.en": {question id: text}, ...}: passage language, then question language.
    """
    from lbmrc.model.span_model import load_model, pad_id

    job = {
        "model": folder_fingerprint(model),
        "windows": [file_digest(path) for path in windows],
        "decoding": decoding.model_dump(mode="json"),
        "device": device,
        "shard": shard,
    }
    state = claim(state, job)
    pools = [window_pools(read_windows([path]), decoding.batch_size) for path in windows]
    own = shard.of([(number, pool) for number, each in enumerate(pools) for pool in each])
    # transformers' decorator of `to` hides its arguments
    network = load_model(model).to(device)  # type: ignore[arg-type]
    answers: dict[str, dict[str, str]] = {}
    for number, (name, path) in enumerate(zip(names, windows, strict=True)):
        finished = state / f"{number}.json"
        if not finished.exists():
            found: dict[str, dict[str, str]] = {}
            data, of_file = read_windows([path]), [pool for n, pool in own if n == number]
            for one in predict(network, data, decoding, device, pad_id(network), of_file):
                cell = f"{name}.{one.passage_language}.{one.question_language}"
                found.setdefault(cell, {})[one.id] = one.text
            write_predictions(finished, found)
        answers |= read_json(finished)
    return answers


def gather_answers(shards: Sequence[str | Path]) -> dict[str, dict[str, str]]:
    """What `answer_benchmarks` returns for all questions, merged from files of shards.

    Raises:
        UserError: if a file cannot be read.
    """
    answers: dict[str, dict[str, str]] = {}
    for path in shards:
        for cell, found in read_json(path).items():
            answers.setdefault(cell, {}).update(found)
    return answers


def write_predictions(path: str | Path, answers: Mapping[str, Any]) -> None:
    """Write ``{question id: text}``, the official evaluation scripts' input, atomically."""
    write_text(path, json.dumps(answers, ensure_ascii=False, indent=0) + "\n")


def predictions(
    model: "PreTrainedModel",
    pools: Iterable[pa.Table],
    decoding: "DecodingSettings",
    device: "str | torch.device",
    pad_id: int,
) -> Iterator[Prediction]:
    """Merge the windows of each example (consecutive rows) into its best spans."""
    key: tuple[str, str, str] | None = None
    passage = ""
    candidates: list[tuple[float, int, int]] = []
    for rows in pools:
        spans = _characters(rows, _spans(model, rows, decoding, device, pad_id))
        names = ("example", "passage_language", "question_language", "passage")
        columns = zip(*(rows.column(name).to_pylist() for name in names), strict=True)
        for (id, passage_language, question_language, text), of_window in zip(
            columns, spans, strict=True
        ):
            own = (id, passage_language, question_language)
            if own != key:
                if key is not None:
                    yield Prediction(*key, _merged(passage, candidates, decoding))
                key, passage, candidates = own, text, []
            candidates += of_window
    if key is not None:
        yield Prediction(*key, _merged(passage, candidates, decoding))


def _spans(
    model: "PreTrainedModel",
    rows: pa.Table,
    decoding: "DecodingSettings",
    device: "str | torch.device",
    pad_id: int,
) -> BestSpans:
    from lbmrc.model.precision import inference
    from lbmrc.model.span_model import span_logits
    from lbmrc.windows.batches import batches_by_length, collate

    first = rows.column("passage_first").to_numpy().astype(np.int64)
    last = rows.column("passage_last").to_numpy().astype(np.int64)
    sizes = pc.list_value_length(rows.column("input_ids")).to_numpy()
    parts, order = [], []
    for batch in batches_by_length(sizes, decoding.batch_size):
        tensors = collate(rows.take(batch), pad_id)
        with inference(model, device):
            logits = span_logits(model, {name: t.to(device) for name, t in tensors.items()})
        start, end = (part.float().cpu().numpy() for part in logits)
        limits = decoding.n_best, decoding.max_answer_length
        parts.append(best_spans(start, end, first[batch], last[batch], *limits))
        order.append(batch)
    back = np.argsort(np.concatenate(order))
    return BestSpans(*(np.concatenate(part)[back] for part in zip(*parts, strict=True)))


def _characters(rows: pa.Table, spans: BestSpans) -> Iterator[list[tuple[float, int, int]]]:
    """(score, first, end) of each window's spans, in code points of its passage."""
    shift = rows.column("passage_first").to_numpy().astype(np.int64)
    column = rows.column("offsets").combine_chunks()
    sizes = pc.list_value_length(column).to_numpy().astype(np.int64)
    if not np.array_equal(sizes, 2 * (rows.column("passage_last").to_numpy() - shift + 1)):
        raise UserError(
            "these windows were built for training and have no offsets into the text;"
            " build them for prediction"
        )
    offsets = column.flatten().to_numpy().reshape(-1, 2)
    window, at = np.nonzero(spans.first >= 0)
    before = (np.cumsum(sizes) - sizes) // 2 - shift
    ends = offsets[[(before[window] + side[window, at]) for side in spans[:2]]]
    scores = spans.score[window, at].tolist()
    found = list(
        zip(
            scores,
            ends[..., 0].min(axis=0).tolist(),
            ends[..., 1].max(axis=0).tolist(),
            strict=True,
        )
    )
    until = np.cumsum((spans.first >= 0).sum(axis=1)).tolist()
    return (found[first:end] for first, end in pairwise([0, *until]))


def _merged(
    passage: str, candidates: list[tuple[float, int, int]], decoding: "DecodingSettings"
) -> tuple[TextSpan, ...]:
    """The best of all windows; a span found more than once, in several windows or as parts of the
    same words, is kept once, with its best score. Spans without characters are dropped."""
    words = Words(passage)
    distinct: dict[tuple[int, int], float] = {}
    covering = [span for span in candidates if span[1] < span[2]]
    for score, first, end in sorted(covering, key=lambda span: -span[0]):
        span = words.extended(first, end) if decoding.whole_words else (first, end)
        distinct.setdefault(span, score)
        if len(distinct) == decoding.n_best:
            break
    return tuple(
        TextSpan(passage[first:end], first, score) for (first, end), score in distinct.items()
    )
