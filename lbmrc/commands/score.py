"""`lbmrc score`: exact match and F1 of a file of predictions."""

import argparse
import json
from typing import get_args

from lbmrc.commands.arguments import FormerName
from lbmrc.evaluation.metrics import Metric


def add(commands: argparse._SubParsersAction) -> None:
    parser = commands.add_parser(
        "score",
        help="exact match and F1 of predictions, as the official scripts compute them",
        description="Print one JSON line, equal to what the official evaluation script prints.",
    )
    parser.add_argument("dataset", metavar="DATASET.json", help="questions in SQuAD's format")
    parser.add_argument("predictions", metavar="PREDICTIONS.json", help="{question id: text}")
    parser.add_argument(
        "--metric",
        required=True,
        choices=get_args(Metric),
        help="mlqa follows the passage's language; squad (SQuAD v1.1, XQuAD) is always English",
    )
    parser.add_argument("--rules", action=FormerName, to="--metric")
    parser.add_argument(
        "--language", metavar="xx", help="the passages' language, which --metric mlqa needs"
    )
    parser.set_defaults(run=_run, parser=parser)


def _run(arguments: argparse.Namespace) -> None:
    if arguments.metric == "mlqa" and arguments.language is None:
        arguments.parser.error("--metric mlqa needs --language, the language of the passages")
    from lbmrc.evaluation.metrics import score_file

    scores = score_file(
        arguments.dataset, arguments.predictions, arguments.metric, arguments.language
    )
    print(json.dumps(scores))
