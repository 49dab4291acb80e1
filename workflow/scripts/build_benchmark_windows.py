"""Cut all files of a benchmark into windows, with the offsets that lead back to the text."""

import json
from pathlib import Path

from lbmrc.config.stages import WindowSettings
from lbmrc.data.squad import read_squad
from lbmrc.model.checkpoint_files import load_tokenizer
from lbmrc.runtime.stage import run
from lbmrc.windows.build import write_windows


def examples_of(args):
    for file, (passage_language, question_language) in zip(args.files, args.cells, strict=True):
        yield from read_squad(
            file, passage_language, question_language, args.on_bad_example
        ).examples


def main(args):
    return write_windows(
        args.target,
        examples_of(args),
        load_tokenizer(args.tokenizer),
        WindowSettings(**args.settings),
        dataset=args.dataset,
        for_prediction=True,
    )


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
