"""The command line `lbmrc COMMAND ...`, for use outside the workflow.

Each command has a function that adds its arguments and one that runs it. Imports are inside the
latter, so that every command starts quickly.
"""

import argparse
import json
import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import lbmrc
from lbmrc.common.errors import UserError
from lbmrc.runtime.version import version


class _FormerName(argparse.Action):
    """An option that was renamed: refused with its name of today, and not listed in the help."""

    def __init__(self, option_strings, dest, *, to: str) -> None:
        super().__init__(option_strings, dest, nargs="?", help=argparse.SUPPRESS)
        self.to = to

    def __call__(self, parser, namespace, values, option_string=None):
        parser.error(f"{option_string} is now called {self.to}")


if TYPE_CHECKING:
    from lbmrc.config.schema import Config

_DEFAULT_CONFIG = "config/config.yaml"


def _count(text: str) -> int:
    """A whole number above 0, as argparse reads it."""
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number above 0; it is {text}")
    return number


def _add_score(commands: argparse._SubParsersAction) -> None:
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
        choices=["mlqa", "squad"],
        help="mlqa follows the passage's language; squad (SQuAD v1.1, XQuAD) is always English",
    )
    parser.add_argument("--rules", action=_FormerName, to="--metric")
    parser.add_argument(
        "--language", metavar="xx", help="the passages' language, which --metric mlqa needs"
    )
    parser.set_defaults(run=_score, parser=parser)


def _score(arguments: argparse.Namespace) -> None:
    if arguments.metric == "mlqa" and arguments.language is None:
        arguments.parser.error("--metric mlqa needs --language, the language of the passages")
    from lbmrc.evaluation.metrics import score_file

    scores = score_file(
        arguments.dataset, arguments.predictions, arguments.metric, arguments.language
    )
    print(json.dumps(scores))


def _add_ask(commands: argparse._SubParsersAction) -> None:
    parser = commands.add_parser(
        "ask",
        help="answer a question from a passage with a trained system",
        description="Print the best spans of the passage, one per line: score, start, text.",
    )
    parser.add_argument("model", metavar="MODEL", help="folder of a trained system's model")
    parser.add_argument("--question", required=True)
    parser.add_argument("--passage", required=True, help="the text, or - to read it from stdin")
    parser.add_argument("--language", required=True, metavar="xx", help="the passage's language")
    parser.add_argument(
        "--question-language", metavar="xx", help="the question's language, if different"
    )
    parser.add_argument("--best", type=_count, default=3, metavar="N", help="how many spans (3)")
    parser.set_defaults(run=_ask, parser=parser)


def _ask(arguments: argparse.Namespace) -> None:
    _check_model_folder(arguments.model, arguments.parser)
    question, passage = _question_and_passage(arguments)
    from lbmrc.config.stages import DecodingSettings, WindowSettings
    from lbmrc.evaluation.reader import answer
    from lbmrc.model.checkpoint_files import check_languages, load_tokenizer, window_settings
    from lbmrc.model.span_model import load_model

    question_language = arguments.question_language or arguments.language
    check_languages(arguments.model, {arguments.language, question_language})
    spans = answer(
        question,
        passage,
        load_model(arguments.model),
        load_tokenizer(arguments.model),
        WindowSettings(**window_settings(arguments.model)),
        # several of the best spans may be parts of one word, so more are looked at than are shown
        DecodingSettings(n_best=max(arguments.best, DecodingSettings().n_best), whole_words=True),
        passage_language=arguments.language,
        question_language=question_language,
    )
    if not spans:
        raise UserError("the passage has no words")
    for span in spans[: arguments.best]:
        print(f"{span.score:8.2f}  {span.start:5d}  {span.text}")


def _check_model_folder(folder: str, parser: argparse.ArgumentParser) -> None:
    """Refuse a system's folder: its model is in one below it."""
    below = sorted(Path(folder).glob("**/model/config.json")) if Path(folder).is_dir() else []
    if below and not Path(folder, "config.json").exists():
        parser.error(f"{folder} is the folder above a model: give {below[0].parent}")


def _question_and_passage(arguments: argparse.Namespace) -> tuple[str, str]:
    """Both texts; usage errors where one is empty or the passage is the path of a file.

    Raises:
        UserError: if one is not UTF-8.
    """
    question = _utf8(os.fsencode(arguments.question), "question")
    if arguments.passage == "-":
        passage = _utf8(sys.stdin.buffer.read(), "passage")
    else:
        passage = _utf8(os.fsencode(arguments.passage), "passage")
        if _is_file(passage):
            arguments.parser.error(
                f"--passage takes the text itself, and {passage} is a file: "
                f"give `--passage - < {shlex.quote(passage)}`"
            )
    for name, text in {"question": question, "passage": passage}.items():
        if not text.strip():
            arguments.parser.error(f"the {name} is empty; give one with --{name}")
    return question, passage


def _utf8(text: bytes, name: str) -> str:
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UserError(
            f"the {name} is not UTF-8 at byte {error.start}; save it as UTF-8"
        ) from None


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except (OSError, ValueError):  # too long for a path, or with a null character
        return False


def _add_markers(commands: argparse._SubParsersAction) -> None:
    parser = commands.add_parser(
        "markers",
        help="how often each pair of markers survives translation",
        description="Translate a sample of marked answers by the config's engines; print how many "
        "are recovered with each pair of markers, by the paper's strict reading and leniently.",
    )
    parser.add_argument(
        "--languages", nargs="+", required=True, metavar="xx", help="to translate to"
    )
    parser.add_argument("--sample", type=_count, default=500, metavar="N", help="questions (500)")
    parser.add_argument(
        "--config", default="config/config.yaml", metavar="FILE", help="(config/config.yaml)"
    )
    parser.set_defaults(run=_markers)


def _markers(arguments: argparse.Namespace) -> None:
    from lbmrc.config.loading import load
    from lbmrc.translation.marker_survey import survey_markers

    config = load(arguments.config)
    fetch = f"snakemake fetch --cores all --configfile {arguments.config}"
    for language in arguments.languages:
        engine, results = survey_markers(config, language, arguments.sample, fetch)
        print(f"{language}: {results[0].total} answers, {engine}")
        print(f"  {'markers':12} {'kept':>6}  {'lenient':>7}  lost")
        for result in results:
            lost = ", ".join(f"{count} {reason}" for reason, count in result.lost.most_common())
            kept, lenient = result.kept / result.total, result.lenient / result.total
            print(f"  {' '.join(result.markers):12} {kept:6.1%}  {lenient:7.1%}  {lost or 'none'}")


def _add_config(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--configfile", metavar="FILE", nargs="+", help="as for snakemake (config/config.yaml)"
    )
    parser.add_argument("--config", metavar="KEY=VALUE", nargs="+", help="as for snakemake")


def _merged_config(arguments: argparse.Namespace) -> "Config":
    """The config that `_add_config`'s arguments name; by default the paper's, if it is here."""
    from lbmrc.config.loading import load_merged

    if not arguments.configfile and not Path(_DEFAULT_CONFIG).exists():
        raise UserError(
            f"no {_DEFAULT_CONFIG} in {Path.cwd()}: run it where the workflow is, or name a config "
            "with --configfile"
        )
    return load_merged(arguments.configfile or [_DEFAULT_CONFIG], arguments.config or [])


def _add_why(commands: argparse._SubParsersAction) -> None:
    parser = commands.add_parser(
        "why",
        help="why a stage of the workflow would run again",
        description="Print a sentence for each stage that would run: which input, parameter or "
        "module changed. Run it where the Snakefile is.",
    )
    parser.add_argument("targets", metavar="TARGET", nargs="*", help="as for snakemake (all)")
    _add_config(parser)
    parser.set_defaults(run=_why)


def _why(arguments: argparse.Namespace) -> None:
    from lbmrc.config.loading import read
    from lbmrc.planning.rerun_reasons import made_on_other_devices, why

    for path in arguments.configfile or []:
        read(path)  # Snakemake's own reading names no file
    options = [*arguments.targets]
    if arguments.configfile:
        options += ["--configfile", *arguments.configfile]
    if arguments.config:
        options += ["--config", *arguments.config]
    sentences = list(why(".", options))
    print("\n".join(sentences) or "Nothing would run: all results exist and are up to date.")
    config = _merged_config(arguments)
    for sentence in made_on_other_devices(".", config.run, config.device.kind):
        print(sentence)


def _add_plan(commands: argparse._SubParsersAction) -> None:
    parser = commands.add_parser(
        "plan",
        help="what a run will take: windows, operations, device-hours, disk",
        description="Print a table from the config and the existing files; nothing is "
        "downloaded. Each number is marked as counted, measured or assumed.",
    )
    _add_config(parser)
    rate = parser.add_mutually_exclusive_group()
    rate.add_argument(
        "--rate", type=float, metavar="FLOP/s", help="of the device in large matrix products"
    )
    rate.add_argument(
        "--calibrate", action="store_true", help="measure that on this machine (seconds)"
    )
    parser.set_defaults(run=_plan, parser=parser)


def _plan(arguments: argparse.Namespace) -> None:
    if arguments.rate is not None and not arguments.rate > 0:
        arguments.parser.error("--rate is a number of operations a second, above 0")
    from lbmrc.planning.backbone import check_backbone
    from lbmrc.planning.plan import calibrate, report
    from lbmrc.planning.workload import ASSUMED, MEASURED

    config = _merged_config(arguments)
    check_backbone(config)
    if arguments.calibrate:
        print(report(config, calibrate(config), MEASURED))
    else:
        print(report(config, arguments.rate, ASSUMED))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns 0, or 1 after a `UserError` (argparse exits with 2 on wrong usage)."""
    parser = argparse.ArgumentParser(prog="lbmrc", description=lbmrc.__doc__)
    parser.add_argument("--version", action="version", version=f"lbmrc {version()}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for add in (_add_score, _add_ask, _add_markers, _add_why, _add_plan):
        add(commands)
    parsed = parser.parse_args(arguments)
    try:
        parsed.run(parsed)
        sys.stdout.flush()
    except UserError as error:
        print(f"lbmrc: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:  # the reader, such as head, closed the pipe
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


if __name__ == "__main__":
    sys.exit(main())
