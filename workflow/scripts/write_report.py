"""Put a run's tables, figures, times and settings on one page."""

import json
from pathlib import Path

from lbmrc.report.page import Run, build
from lbmrc.runtime.stage import run


def caption(path):
    """A caption of Snakemake's report as plain text."""
    return " ".join(path.read_text(encoding="utf-8").replace("*", "").replace("``", "").split())


def main(args):
    captions = {name: caption(args.page / f"{name}.rst") for name in args.figures}
    page = build(
        Run(**args.run),
        args.target.parent,
        args.tables,
        captions,
        args.manifests,
        template=(args.page / "report.html.j2").read_text(encoding="utf-8"),
        style=(args.page / "report.css").read_text(encoding="utf-8"),
        script=(args.page / "report.js").read_text(encoding="utf-8"),
    )
    args.target.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    run(
        main,
        __doc__,
        run=json.loads,
        tables=[int],
        figures=[str],
        page=Path,
        manifests=[Path],
        target=Path,
    )
