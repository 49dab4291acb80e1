"""`python -m lbmrc.miniworld publish FOLDER …` writes the world, `… show` prints some of it.

`… pretrain --output FOLDER` makes its tiny XLM from nothing, `… marian --language es --output
FOLDER` its translator into a language.
"""

import argparse

from lbmrc.miniworld import pretraining, translation_models
from lbmrc.miniworld.lexicon import LANGUAGES
from lbmrc.miniworld.names import SPLITS
from lbmrc.miniworld.passages import passages
from lbmrc.miniworld.publish import publish


def show(language: str, count: int, split: str, seed: int) -> None:
    """Print passages with their questions and answers, for people."""
    for passage in passages(split, count, seed):
        text = passage.text[language]
        print(f"{passage.id} · {passage.title}\n{text}")
        for asked in passage.questions:
            start, end = passage.slots[asked.slot].spans[language]
            print(f"  {asked.text[language]}  →  {text[start:end]}")
        print()


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m lbmrc.miniworld", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)

    writing = commands.add_parser("publish", help="write SQuAD, MLQA, XQuAD and plain text")
    writing.add_argument("folder")
    writing.add_argument("--train-passages", type=int, default=1000)
    writing.add_argument("--dev-passages", type=int, default=100)
    writing.add_argument("--test-passages", type=int, default=200)
    writing.add_argument("--seed", type=int, default=42)

    showing = commands.add_parser("show", help="print passages with questions and answers")
    showing.add_argument("--language", choices=LANGUAGES, default="en")
    showing.add_argument("--count", type=int, default=2)
    showing.add_argument("--split", choices=SPLITS, default="train")
    showing.add_argument("--seed", type=int, default=42)

    making = commands.add_parser("pretrain", help="make the tiny XLM")
    pretraining.add_arguments(making)
    commands.add_parser("marian", help="make a tiny Marian model", add_help=False)

    found, rest = parser.parse_known_args()
    if found.command == "marian":
        translation_models.main(rest)
        return
    if rest:
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    arguments = vars(found)
    command = arguments.pop("command")
    functions = {"publish": publish, "show": show, "pretrain": pretraining.pretrain}
    functions[command](**arguments)


if __name__ == "__main__":
    main()
