"""`lbmrc markers`: how often each pair of markers survives translation."""

import argparse

from lbmrc.commands.arguments import DEFAULT_CONFIG, add_config, count, merged_config


def add(commands: argparse._SubParsersAction) -> None:
    parser = commands.add_parser(
        "markers",
        help="how often each pair of markers survives translation",
        description="Translate a sample of marked answers by the config's engines; print how many "
        "are recovered with each pair of markers, by the paper's strict reading and leniently.",
    )
    parser.add_argument(
        "--languages", nargs="+", required=True, metavar="xx", help="to translate to"
    )
    parser.add_argument("--sample", type=count, default=500, metavar="N", help="questions (500)")
    add_config(parser)
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> None:
    from lbmrc.translation.marker_survey import survey_markers

    config = merged_config(arguments)
    files = " ".join(arguments.configfile or [DEFAULT_CONFIG])
    fetch = f"snakemake fetch --cores all --configfile {files}"
    for language in arguments.languages:
        engine, results = survey_markers(config, language, arguments.sample, fetch)
        print(f"{language}: {results[0].total} answers, {engine}")
        print(f"  {'markers':12} {'kept':>6}  {'lenient':>7}  lost")
        for result in results:
            lost = ", ".join(f"{count} {reason}" for reason, count in result.lost.most_common())
            kept, lenient = result.kept / result.total, result.lenient / result.total
            print(f"  {' '.join(result.markers):12} {kept:6.1%}  {lenient:7.1%}  {lost or 'none'}")
