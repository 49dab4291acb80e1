"""Cut all files of a benchmark into windows, with the offsets that lead back to the text."""

import json
from pathlib import Path

from lbmrc.backbone import load_tokenizer
from lbmrc.corpora import read_squad
from lbmrc.cutting import write_windows
from lbmrc.settings import WindowSettings
from lbmrc.stage import run


def examples_of(args):
    for file, (context, question) in zip(args.files, args.cells, strict=True):
        yield from read_squad(file, context, question, args.on_bad_example).examples


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
