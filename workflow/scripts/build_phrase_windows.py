"""Windows of one language's passages that hold phrases, for LAKM to mask."""

from pathlib import Path

from lbmrc.lakm.build_windows import write_phrase_windows
from lbmrc.lakm.passages import passages_of_dump, passages_of_examples
from lbmrc.lakm.phrases import read_phrases
from lbmrc.model.checkpoint_files import load_tokenizer
from lbmrc.runtime.stage import run


def main(args):
    read = passages_of_examples if args.passages.suffix == ".parquet" else passages_of_dump
    return write_phrase_windows(
        args.target,
        read(args.passages),
        read_phrases(args.phrases),
        load_tokenizer(args.tokenizer),
        args.language,
        args.max_length,
    )


if __name__ == "__main__":
    run(
        main,
        __doc__,
        passages=Path,
        phrases=Path,
        tokenizer=Path,
        language=str,
        max_length=int,
        target=Path,
    )
