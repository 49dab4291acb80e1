"""Fetch one published file and check it against its SHA-256."""

import json
from pathlib import Path

from lbmrc.data.download import download
from lbmrc.runtime.stage import run


def main(args):
    file = args.settings
    download(
        file["url"],
        args.target,
        sha256=file["sha256"],
        size=file["bytes"],
        mirrors=file["mirrors"],
    )


if __name__ == "__main__":
    run(main, __doc__, settings=json.loads, target=Path)
