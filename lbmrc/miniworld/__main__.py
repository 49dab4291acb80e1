"""`python -m lbmrc.miniworld publish FOLDER …` writes the synthetic corpus, `… show` prints some.

`… pretrain --output FOLDER` trains its tiny XLM from scratch, `… marian --language es --output
FOLDER` its translation model into a language.
"""

import argparse
from collections.abc import Callable
from typing import Any

from lbmrc.miniworld.generator.lexicon import LANGUAGES
from lbmrc.miniworld.generator.names import SPLITS
from lbmrc.miniworld.generator.passages import generate_passages
from lbmrc.miniworld.generator.publish import publish
from lbmrc.miniworld.models import pretraining, translation_models


def show(language: str, count: int, split: str, seed: int) -> None:
    """Print passages with their questions and answers."""
    for passage in generate_passages(split, count, seed):
        text = passage.text[language]
        print(f"{passage.id} · {passage.title}\n{text}")
        for question in passage.questions:
            start, end = passage.slots[question.slot].spans[language]
            print(f"  {question.text[language]}  →  {text[start:end]}")
        print()


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m lbmrc.miniworld", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)

    publish_parser = commands.add_parser("publish", help="write SQuAD, MLQA, XQuAD and plain text")
    publish_parser.add_argument("folder")
    publish_parser.add_argument("--train-passages", type=int, default=1000)
    publish_parser.add_argument("--dev-passages", type=int, default=100)
    publish_parser.add_argument("--test-passages", type=int, default=200)
    publish_parser.add_argument("--seed", type=int, default=42)

    show_parser = commands.add_parser("show", help="print passages with questions and answers")
    show_parser.add_argument("--language", choices=LANGUAGES, default="en")
    show_parser.add_argument("--count", type=int, default=2)
    show_parser.add_argument("--split", choices=SPLITS, default="train")
    show_parser.add_argument("--seed", type=int, default=42)

    pretrain_parser = commands.add_parser("pretrain", help="train the tiny XLM")
    pretraining.add_arguments(pretrain_parser)
    commands.add_parser("marian", help="train a tiny Marian model", add_help=False)

    parsed, rest = parser.parse_known_args()
    if parsed.command == "marian":
        translation_models.main(rest)
        return
    if rest:
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    arguments = vars(parsed)
    command = arguments.pop("command")
    functions: dict[str, Callable[..., Any]] = {
        "publish": publish,
        "show": show,
        "pretrain": pretraining.pretrain,
    }
    functions[command](**arguments)


if __name__ == "__main__":
    main()
