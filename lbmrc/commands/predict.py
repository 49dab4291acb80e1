"""`lbmrc predict`: official predictions of a trained system for questions in SQuAD's format."""

import argparse
import json
import sys

from lbmrc.commands.arguments import add_reader, check_model
from lbmrc.common.errors import UserError

_NOTES_SHOWN = 5


def add(commands: argparse._SubParsersAction) -> None:
    """The command's arguments."""
    parser = commands.add_parser(
        "predict",
        help="answer the questions of a SQuAD-format file with a trained system",
        description="Write {question id: text} as the official scripts read it, with the settings "
        "of the workflow; `lbmrc score` then gives the scores of the workflow.",
    )
    add_reader(parser)
    parser.add_argument("dataset", metavar="DATASET.json", help="questions in SQuAD's format")
    parser.add_argument("-o", "--output", metavar="PREDICTIONS.json", help="(standard output)")
    parser.add_argument(
        "--language", metavar="xx", help="of passages and questions; detected per text if not given"
    )
    parser.add_argument("--question-language", metavar="xx", help="the questions', if different")
    parser.add_argument(
        "--whole-words", action="store_true", help="extend answers to whole words, as `ask` does"
    )
    parser.set_defaults(run=_run, parser=parser)


def _run(arguments: argparse.Namespace) -> None:
    check_model(arguments.model, arguments.parser)
    from lbmrc.evaluation.dataset_answers import answer_dataset
    from lbmrc.evaluation.prediction import write_predictions
    from lbmrc.evaluation.reader import Reader

    reader = Reader(
        arguments.model, device=arguments.device, batch_size=64, whole_words=arguments.whole_words
    )
    language = arguments.language
    asked = arguments.question_language or language
    found = answer_dataset(reader, arguments.dataset, asked, language, progress=True)
    for note, number in found.notes.most_common(_NOTES_SHOWN):
        print(f"lbmrc: {note} ({number} questions)", file=sys.stderr)
    if arguments.output is None:
        print(json.dumps(found.predictions, ensure_ascii=False, indent=0))
        return
    try:
        write_predictions(arguments.output, found.predictions)
    except OSError as error:
        raise UserError(f"{arguments.output}: cannot be written ({error.strerror})") from None
