"""`lbmrc predict`: official predictions of a trained system for questions in SQuAD's format."""

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lbmrc.commands.arguments import add_reader, check_model
from lbmrc.common.atomic import SUFFIX, remove
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
    if arguments.output is not None:
        _check_output(Path(arguments.output))
    from lbmrc.evaluation.dataset_answers import answer_dataset
    from lbmrc.evaluation.prediction import write_predictions
    from lbmrc.evaluation.reader import Reader, check_languages_read, model_folder

    folder = model_folder(arguments.model)
    check_languages_read(folder, {arguments.language, arguments.question_language} - {None})
    reader = Reader(
        folder, device=arguments.device, batch_size=64, whole_words=arguments.whole_words
    )
    language = arguments.language
    asked = arguments.question_language or language
    found = answer_dataset(reader, arguments.dataset, asked, language, progress=True)
    for note, number in found.notes.most_common(_NOTES_SHOWN):
        print(f"lbmrc: {note} ({number} questions)", file=sys.stderr)
    if arguments.output is None:
        print(json.dumps(found.predictions, ensure_ascii=False, indent=0))
        return
    with _writing(arguments.output):
        write_predictions(arguments.output, found.predictions)


def _check_output(path: Path) -> None:
    """Check, before hours of answering, that the file can be written.

    Raises:
        UserError: if it can't.
    """
    with _writing(path):
        if path.exists() and not path.is_file():
            kind = "a folder" if path.is_dir() else "a device or pipe"
            raise UserError(f"{path}: {kind}; name a file, or leave -o out for standard output")
        path.parent.mkdir(parents=True, exist_ok=True)
        attempt = path.with_name(path.name + SUFFIX)
        remove(attempt)
        attempt.touch()
        remove(attempt)


@contextmanager
def _writing(path: str | Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UserError(
            f"{path}: cannot be written ({error.strerror}); name another file with -o"
        ) from None
