"""Kinds of arguments that several commands take."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from lbmrc.common.errors import UserError

if TYPE_CHECKING:
    from lbmrc.config.schema import Config

DEFAULT_CONFIG = "config/config.yaml"


class FormerName(argparse.Action):
    """A renamed option: refused with its current name, and not listed in the help."""

    def __init__(self, option_strings, dest, *, to: str) -> None:
        super().__init__(option_strings, dest, nargs="?", help=argparse.SUPPRESS)
        self.to = to

    def __call__(self, parser, namespace, values, option_string=None):
        parser.error(f"{option_string} is now called {self.to}")


def count(text: str) -> int:
    """A whole number above 0, as argparse reads it."""
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number above 0; it is {text}")
    return number


def add_model(parser: argparse.ArgumentParser) -> None:
    """The positional MODEL, checked by `check_model`."""
    parser.add_argument(
        "model", metavar="MODEL", help="folder of a trained system's model, or the one above it"
    )


def add_reader(parser: argparse.ArgumentParser) -> None:
    """MODEL and its device."""
    add_model(parser)
    parser.add_argument(
        "--device", choices=["cpu", "cuda"], default="cpu", help="where the model computes (cpu)"
    )


def check_model(folder: str, parser: argparse.ArgumentParser) -> None:
    """Refuse a folder of several models, and name one of them."""
    below = sorted(Path(folder).glob("**/model/config.json")) if Path(folder).is_dir() else []
    here = [Path(folder, name) for name in ("config.json", "model/config.json")]
    if below and not any(path.exists() for path in here):
        parser.error(f"{folder} is the folder above a model: give {below[0].parents[1]}")


def add_config(parser: argparse.ArgumentParser) -> None:
    """--configfile and --config, read by `merged_config`."""
    parser.add_argument(
        "--configfile", metavar="FILE", nargs="+", help="as for snakemake (config/config.yaml)"
    )
    parser.add_argument("--config", metavar="KEY=VALUE", nargs="+", help="as for snakemake")


def merged_config(arguments: argparse.Namespace) -> "Config":
    """The config named by `add_config`'s arguments; by default the paper's, if it exists."""
    from lbmrc.config.loading import load_merged

    if not arguments.configfile and not Path(DEFAULT_CONFIG).exists():
        raise UserError(
            f"no {DEFAULT_CONFIG} in {Path.cwd()}: run it where the workflow is, or name a config "
            "with --configfile"
        )
    return load_merged(arguments.configfile or [DEFAULT_CONFIG], arguments.config or [])
