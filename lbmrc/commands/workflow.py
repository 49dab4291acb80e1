"""`lbmrc why` and `lbmrc plan`: what a run of the workflow would do, and what it would take."""

import argparse

from lbmrc.commands.arguments import add_config, merged_config


def add_why(commands: argparse._SubParsersAction) -> None:
    parser = commands.add_parser(
        "why",
        help="why a stage of the workflow would run again",
        description="Print a sentence for each stage that would run: which input, parameter or "
        "module changed. Run it where the Snakefile is.",
    )
    parser.add_argument("targets", metavar="TARGET", nargs="*", help="as for snakemake (all)")
    add_config(parser)
    parser.set_defaults(run=_why)


def _why(arguments: argparse.Namespace) -> None:
    from lbmrc.config.loading import read
    from lbmrc.planning.rerun_reasons import made_on_other_devices, why

    for path in arguments.configfile or []:
        read(path)  # Snakemake's own errors do not name the file
    options = [*arguments.targets]
    if arguments.configfile:
        options += ["--configfile", *arguments.configfile]
    if arguments.config:
        options += ["--config", *arguments.config]
    sentences = list(why(".", options))
    print("\n".join(sentences) or "Nothing would run: all results exist and are up to date.")
    config = merged_config(arguments)
    for sentence in made_on_other_devices(".", config.run, config.device.kind):
        print(sentence)


def add_plan(commands: argparse._SubParsersAction) -> None:
    parser = commands.add_parser(
        "plan",
        help="what a run will take: windows, operations, device-hours, disk",
        description="Print a table from the config and the existing files; nothing is "
        "downloaded. Each number is marked as counted, measured or assumed.",
    )
    add_config(parser)
    rate = parser.add_mutually_exclusive_group()
    rate.add_argument(
        "--rate", type=float, metavar="FLOP/s", help="of the device in large matrix products"
    )
    rate.add_argument(
        "--calibrate", action="store_true", help="measure that on this machine (seconds)"
    )
    parser.add_argument(
        "--languages",
        type=int,
        nargs="+",
        metavar="K",
        help="what this many languages would take: a teacher for each, one student",
    )
    parser.set_defaults(run=_plan, parser=parser)


def _plan(arguments: argparse.Namespace) -> None:
    if arguments.rate is not None and not arguments.rate > 0:
        arguments.parser.error("--rate is a number of operations per second, above 0")
    if min(arguments.languages or [1]) < 1:
        arguments.parser.error("--languages are numbers of languages, from 1 on")
    from lbmrc.planning.backbone import check_backbone
    from lbmrc.planning.growth import growth_report
    from lbmrc.planning.plan import calibrate, report
    from lbmrc.planning.workload import ASSUMED, MEASURED

    config = merged_config(arguments)
    check_backbone(config)
    rate, mark = arguments.rate, ASSUMED
    if arguments.calibrate:
        rate, mark = calibrate(config), MEASURED
    if arguments.languages:
        print(growth_report(config, arguments.languages, rate, mark))
    else:
        print(report(config, rate, mark))
