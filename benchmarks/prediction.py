"""From windows to answers: the usual way of transformers' run_qa and ours.

    python benchmarks/prediction.py --xquad FOLDER [--shapes small] [--questions 200] [--rounds 3]
        [--precisions auto]

The usual way: transformers' XLM on windows padded to 384 tokens, 32 at a time in file
order, then the Python loop of postprocess_qa_predictions over the 20 best starts and the 20 best
ends of each window. Ours is `lbmrc.evaluation.prediction.predict` as the workflow calls it. Both
use the same weights (random: search time does not depend on the result) and the same windows of
English XQuAD at 384/128; loading and tokenization are not timed. ``--precisions`` are ours.

The loop considers only pairs of the best starts and ends, ours every span: none of our scores may
be lower than the loop's; if one is, the script stops.
"""

import argparse
import random
import time
from collections import defaultdict
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import torch
from models import PRECISIONS, SHAPES, Shape, ours_in
from paired import compare, in_turns, publish, table
from real_text import FOLDER, examples, tokenizer
from torch.utils.data import DataLoader
from transformers import PreTrainedModel, default_data_collator

from lbmrc.config.stages import DecodingSettings, WindowSettings
from lbmrc.evaluation.prediction import predict
from lbmrc.model.precision import precision_name
from lbmrc.model.unpadded import remove_padding
from lbmrc.windows.batches import lengths
from lbmrc.windows.build import write_windows
from lbmrc.windows.files import read_windows

BATCH, LONGEST, PAD = 32, 384, 2
DECODING = DecodingSettings()
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
USUAL = "usual way"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--xquad", type=Path, required=True, help="folder of xquad.*.json")
    parser.add_argument("--shapes", nargs="+", choices=SHAPES, default=["small"])
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--precisions", nargs="+", choices=PRECISIONS, default=["auto"])
    options = parser.parse_args()

    windows = read_windows([windows_of_xquad(options.xquad, options.questions)])
    sizes = lengths(windows)
    print(f"{options.questions} questions, {len(windows)} windows of {sizes.mean():.0f} tokens\n")
    results = {
        "questions": options.questions,
        "windows": len(windows),
        "tokens": int(sizes.sum()),
    }
    for name in options.shapes:
        results[name] = measured(SHAPES[name], windows, options.rounds, options.precisions)
        print(table(results[name], "windows", f"prediction, {name}: {SHAPES[name]}"))
        for way, row in results[name].iterrows():
            print(f"{way}: model {row.model:.3g} s, decoding and the rest {row.rest:.3g} s")
        results[name] = results[name].to_dict("index")
        if DEVICE == "cuda":
            results[name]["peak_gib"] = torch.cuda.max_memory_allocated() / 2**30
    publish("prediction", results)


def windows_of_xquad(xquad: Path, questions: int, folder: Path = FOLDER) -> Path:
    path = folder / f"windows-for-prediction-{questions}.arrow"
    if not path.exists():
        write_windows(
            path,
            random.Random(0).sample(examples(xquad, "en"), questions),
            tokenizer(xquad, folder / "tokenizer"),
            WindowSettings(),
            dataset="xquad.test",
            for_prediction=True,
        )
    return path


def measured(shape: Shape, windows, rounds: int, precisions: Sequence[str]):
    """The result of `compare`, with the seconds inside and outside the model, and the share of
    answers that are the usual way's."""
    timed = {USUAL: Timed(shape)}
    for precision in precisions:
        our_model = timed.setdefault(ours_in(precision), Timed(shape)).model
        remove_padding(our_model)
        our_model.config.lbmrc_precision = precision
    found: dict[str, dict[str, tuple[str, float]]] = {}
    features = [_feature(window, shape.family) for window in windows]

    def usual() -> None:
        with timed[USUAL]:
            found[USUAL] = usual_way(timed[USUAL].model, features)

    def ours(way: str) -> None:
        with timed[way]:
            predictions = predict(timed[way].model, windows, DECODING, DEVICE, PAD)
            found[way] = {p.id: (p.text, p.spans[0].score) for p in predictions}

    ways = {USUAL: usual} | {way: partial(ours, way) for way in map(ours_in, precisions)}
    compared = compare(in_turns(ways, rounds), USUAL, len(windows))
    compared["model"] = [np.median(timed[way].passes[1:]) for way in ways]
    compared["rest"] = compared["seconds"] - compared["model"]
    compared["same_answers"] = 1.0
    for precision in precisions:
        way = ours_in(precision)
        pairs = [(found[USUAL][question], best) for question, best in found[way].items()]
        exact = precision_name(DEVICE, precision) == "float32"
        if exact and (lower := sum(best[1] < loop[1] - 1e-4 for loop, best in pairs)):
            raise SystemExit(f"{lower} of {len(pairs)} answers score lower than the loop's")
        same = sum(loop[0] == best[0] for loop, best in pairs) / len(pairs)
        compared.loc[way, "same_answers"] = same
    return compared


class Timed:
    """A model in evaluation mode that records the time of its forward passes, per job."""

    def __init__(self, shape: Shape):
        self.model = shape.build().eval().to(DEVICE)
        self.passes: list[float] = []
        self.model.register_forward_pre_hook(self._begins)
        self.model.register_forward_hook(self._ends)

    def __enter__(self) -> None:
        self.passes.append(0.0)

    def __exit__(self, *_) -> None:
        pass

    def _begins(self, *_) -> None:
        self.began = time.perf_counter()

    def _ends(self, *_) -> None:
        if DEVICE == "cuda":
            torch.cuda.synchronize()
        self.passes[-1] += time.perf_counter() - self.began


# ---------------------------------------------------------------------------------- the usual way


def _feature(window: dict, family: str) -> dict:
    """The result of run_qa's prepare_validation_features: all lists padded to the longest."""
    size, before = len(window["input_ids"]), window["passage_first"]
    fill = LONGEST - size
    offsets = [(first, end) for first, end in np.reshape(window["offsets"], (-1, 2)).tolist()]
    segments = {
        "xlm": {
            "langs": [window["question_language_id"]] * before
            + [window["passage_language_id"]] * (LONGEST - before)
        },
        "bert": {"token_type_ids": [0] * before + [1] * (size - before) + [0] * fill},
        "xlm-r": {},
    }
    return {
        "question": window["example"],
        "passage": window["passage"],
        "offsets": [None] * before + offsets + [None] * (LONGEST - before - len(offsets)),
        "inputs": {
            "input_ids": window["input_ids"] + [PAD] * fill,
            "attention_mask": [1] * size + [0] * fill,
            **segments[family],
        },
    }


def usual_way(model: PreTrainedModel, features: list[dict]) -> dict[str, tuple[str, float]]:
    inputs = [feature["inputs"] for feature in features]
    parts = []
    with torch.no_grad():
        for batch in DataLoader(inputs, BATCH, collate_fn=default_data_collator):
            out = model(**{name: tensor.to(DEVICE) for name, tensor in batch.items()})
            parts.append([x.float().cpu().numpy() for x in (out.start_logits, out.end_logits)])
    starts, ends = (np.concatenate(side) for side in zip(*parts, strict=True))

    of_question = defaultdict(list)
    for row, feature in enumerate(features):
        of_question[feature["question"]].append(row)
    answers = {}
    for question, rows in of_question.items():
        spans = []
        for row in rows:
            spans += _spans(starts[row], ends[row], features[row]["offsets"])
        best = sorted(spans, key=lambda span: span["score"], reverse=True)[: DECODING.n_best]
        passage = features[rows[0]]["passage"]
        for span in best:
            span["text"] = passage[slice(*span["offsets"])]
        answers[question] = (best[0]["text"], best[0]["score"]) if best else ("", -np.inf)
    return answers


def _spans(start: np.ndarray, end: np.ndarray, offsets: list) -> list[dict]:
    """The inner loops of postprocess_qa_predictions."""
    found = []
    last = -DECODING.n_best - 1
    for first_token in np.argsort(start)[-1:last:-1].tolist():
        for last_token in np.argsort(end)[-1:last:-1].tolist():
            if offsets[first_token] is None or offsets[last_token] is None:
                continue
            if not 0 < last_token - first_token + 1 <= DECODING.max_answer_length:
                continue
            found.append(
                {
                    "offsets": (offsets[first_token][0], offsets[last_token][1]),
                    "score": start[first_token] + end[last_token],
                }
            )
    return found


if __name__ == "__main__":
    main()
