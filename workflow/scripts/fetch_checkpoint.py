"""Fetch a pinned revision of a checkpoint from the hub."""

from pathlib import Path

from lbmrc.data.download import fetch_checkpoint
from lbmrc.runtime.stage import run


def main(args):
    fetch_checkpoint(args.id, args.revision, args.target)


if __name__ == "__main__":
    run(main, __doc__, id=str, revision=str, target=Path)
