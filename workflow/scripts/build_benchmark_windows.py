"""Cut all files of a benchmark into windows, with the offsets that lead back to the text."""

import json
from pathlib import Path

from lbmrc.config.stages import WindowSettings
from lbmrc.data.squad import read_benchmark
from lbmrc.model.checkpoint_files import load_tokenizer
from lbmrc.runtime.stage import run
from lbmrc.windows.build import write_windows


def examples_of(args, left_out):
    for file, languages in zip(args.files, args.cells, strict=True):
        examples, bad = read_benchmark(file, *languages, args.on_bad_example)
        left_out += [f"{file}: {problem}" for problem in bad]
        yield from examples


def main(args):
    left_out = []
    counts = write_windows(
        args.target,
        examples_of(args, left_out),
        load_tokenizer(args.tokenizer),
        WindowSettings(**args.settings),
        dataset=args.dataset,
        for_prediction=True,
    )
    print(f"{counts['examples']} questions, {len(left_out)} left out", *left_out, sep="\n  ")
    return counts | ({"left_out": left_out} if left_out else {})


if __name__ == "__main__":
    run(
        main,
        __doc__,
        files=[Path],
        cells=json.loads,
        on_bad_example=str,
        tokenizer=Path,
        settings=json.loads,
        dataset=str,
        target=Path,
    )
