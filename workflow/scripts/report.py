"""Put a run's tables, figures, times and settings on one page."""

import json
from pathlib import Path

from lbmrc.report.page import Run, build
from lbmrc.runtime.stage import run


def caption(path):
    """A caption of Snakemake's report as plain text."""
    return " ".join(path.read_text(encoding="utf-8").replace("*", "").replace("``", "").split())


def main(args):
    captions = {path.stem: caption(path) for path in args.captions}
    page = build(
        Run(**args.run),
        args.folder,
        args.tables,
        captions,
        args.manifests,
        template=args.template.read_text(encoding="utf-8"),
        style=args.style.read_text(encoding="utf-8"),
    )
    args.target.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    run(
        main,
        __doc__,
        run=json.loads,
        folder=Path,
        tables=[int],
        captions=[Path],
        manifests=[Path],
        template=Path,
        style=Path,
        target=Path,
    )
