"""Cut one training dataset into windows of token ids, with the gold span of each."""

import json
from pathlib import Path

from lbmrc.config.stages import WindowSettings
from lbmrc.data.examples import read_examples
from lbmrc.model.checkpoint_files import load_tokenizer
from lbmrc.runtime.stage import run
from lbmrc.windows.build import write_windows


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
