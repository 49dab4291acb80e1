"""Keep some articles of a SQuAD-format file, by title."""

import json
from pathlib import Path

from lbmrc.data.squad import select_articles
from lbmrc.runtime.stage import run


def main(args):
    select_articles(args.source, args.target, args.titles)


if __name__ == "__main__":
    run(main, __doc__, source=Path, target=Path, titles=json.loads)
