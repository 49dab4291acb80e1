"""Cut one training dataset into windows of token ids, with the gold span of each."""

import json
from pathlib import Path

from lbmrc.backbone import load_tokenizer
from lbmrc.cutting import write_windows
from lbmrc.examples import read_examples
from lbmrc.settings import WindowSettings
from lbmrc.stage import run


def main(args):
    return write_windows(
        args.target,
        read_examples(args.examples),
        load_tokenizer(args.tokenizer),
        WindowSettings(**args.settings),
        dataset=args.dataset,
        for_prediction=False,
    )


if __name__ == "__main__":
    run(
        main,
        __doc__,
        examples=Path,
        tokenizer=Path,
        settings=json.loads,
        dataset=str,
        target=Path,
    )
