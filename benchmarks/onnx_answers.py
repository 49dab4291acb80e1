"""A model's ONNX files on a whole data set: do they give the same answers, and how fast?

    python benchmarks/onnx_answers.py MODEL DATASET.json [--metric squad] [--language en]

Exports MODEL as ``lbmrc export --onnx --int8`` does, and answers the data set with torch, with the
ONNX file and with its int8 version, each in float32 on one thread. Prints for each: exact match and
F1, how many answers differ from torch's, the largest difference of a logit, and questions per CPU
second. The results are added to ``benchmarks/results/onnx.json``, by model and data set.
"""

import argparse
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import torch
from paired import RESULTS, publish

from lbmrc.common.json_io import read_json
from lbmrc.evaluation.dataset_answers import answer_dataset
from lbmrc.evaluation.metrics import score
from lbmrc.evaluation.reader import Reader, model_folder
from lbmrc.sharing.onnx_file import OnnxModel, export_onnx, input_names, quantize


class Recorded:
    """A torch model that keeps the logits of every real token that it computes."""

    def __init__(self, model: Any):
        self.model, self.config = model, model.config
        self.logits: list[np.ndarray] = []

    def __call__(self, **inputs: torch.Tensor) -> Any:
        out = self.compute(inputs)
        real = inputs["attention_mask"].bool()
        for part in (out.start_logits, out.end_logits):
            self.logits.append(part[real].float().numpy())
        return out

    def compute(self, inputs: dict[str, torch.Tensor]) -> Any:
        return self.model(**inputs)


class RecordedOnnx(Recorded):
    """The same for its ONNX file."""

    def __init__(self, model: Any, file: Path, names: tuple[str, ...]):
        super().__init__(model)
        self.file, self.names = OnnxModel(file), names

    def compute(self, inputs: dict[str, torch.Tensor]) -> Any:
        found = self.file.logits({name: inputs[name].numpy() for name in self.names})
        start, end = map(torch.from_numpy, found)
        return SimpleNamespace(start_logits=start, end_logits=end)


def accepts_same_inputs(recorded: type[Recorded], model: Any) -> type[Recorded]:
    """The class with the model's own ``forward``, by whose parameters it is given its inputs."""
    return type(recorded.__name__, (recorded,), {"forward": type(model).forward})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--metric", choices=("squad", "mlqa"), default="squad")
    parser.add_argument("--language", default="en", help="of its questions and passages")
    options = parser.parse_args()
    torch.set_num_threads(1)
    reader = Reader(options.model, whole_words=False)
    model, folder = reader._model, model_folder(options.model)
    model.config.lbmrc_precision = "float32"
    names = input_names(folder)

    def recorded(kind: type[Recorded], *given: Any) -> Recorded:
        return accepts_same_inputs(kind, model)(model, *given)

    dataset = read_json(options.dataset)
    with tempfile.TemporaryDirectory() as temporary:
        exact, small = (Path(temporary) / name for name in ("model.onnx", "model.int8.onnx"))
        export_onnx(folder, exact)
        quantize(exact, small)
        ways = {
            "torch": recorded(Recorded),
            "ONNX": recorded(RecordedOnnx, exact, names),
            "ONNX, int8": recorded(RecordedOnnx, small, names),
        }
        sizes = {"ONNX": exact.stat().st_size, "ONNX, int8": small.stat().st_size}
        rows, answers = {}, {}
        for way, computes in ways.items():
            reader._model = computes  # type: ignore[assignment]
            started = time.process_time()
            language = options.language if reader.languages else None
            answers[way] = answer_dataset(reader, options.dataset, language, language).predictions
            seconds = time.process_time() - started
            usual = zip(ways["torch"].logits, computes.logits, strict=True)
            rows[way] = score(dataset, answers[way], options.metric, options.language) | {
                "questions": len(answers[way]),
                "other_answers": len(answers[way].items() - answers["torch"].items()),
                "largest_difference": max(float(np.abs(a - b).max()) for a, b in usual),
                "questions_per_second": len(answers[way]) / seconds,
                "mib": sizes.get(way, float("nan")) / 2**20,
            }
    found = pd.DataFrame(rows).T
    print(found.to_string(float_format=lambda value: f"{value:.4g}"))
    path = RESULTS / "onnx.json"
    earlier = read_json(path)["results"] if path.exists() else {}
    name = f"{'/'.join(reader.folder.parts[-5:-2])} on {options.dataset.name}"
    publish("onnx", {"results": earlier | {name: found.to_dict("index")}})


if __name__ == "__main__":
    main()
