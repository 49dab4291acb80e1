"""`lbmrc COMMAND ...`: what people run by hand, besides Snakemake.

Each command is a function that adds its arguments and one that does it; what it needs is imported
when it runs, so that every command starts as fast as its own work allows.
"""

import argparse
import json
import sys
from collections.abc import Sequence

import lbmrc
from lbmrc.errors import UserError


def _add_score(commands: argparse._SubParsersAction) -> None:
    parser = commands.add_parser(
        "score",
        help="exact match and F1 of predictions, as the official scripts compute them",
        description="Print one JSON line, equal to what the official evaluation script prints.",
    )
    parser.add_argument("dataset", metavar="DATASET.json", help="questions in SQuAD's format")
    parser.add_argument("predictions", metavar="PREDICTIONS.json", help="{question id: text}")
    parser.add_argument(
        "--rules",
        required=True,
        choices=["mlqa", "squad"],
        help="mlqa follows the context's language; squad (SQuAD v1.1, XQuAD) is always English",
    )
    parser.add_argument(
        "--language", metavar="xx", help="the contexts' language, which --rules mlqa needs"
    )
    parser.set_defaults(run=_score, parser=parser)


def _score(arguments: argparse.Namespace) -> None:
    if arguments.rules == "mlqa" and arguments.language is None:
        arguments.parser.error("--rules mlqa needs --language, the language of the contexts")
    from lbmrc.metrics import score_file

    scores = score_file(
        arguments.dataset, arguments.predictions, arguments.rules, arguments.language
    )
    print(json.dumps(scores))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns 0, or 1 after a `UserError` (argparse exits with 2 on wrong usage)."""
    parser = argparse.ArgumentParser(prog="lbmrc", description=lbmrc.__doc__)
    parser.add_argument("--version", action="version", version=f"lbmrc {lbmrc.__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for add in (_add_score,):
        add(commands)
    parsed = parser.parse_args(arguments)
    try:
        parsed.run(parsed)
    except UserError as error:
        print(f"lbmrc: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
