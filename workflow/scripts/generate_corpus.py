"""Write the synthetic corpus in the formats of SQuAD, MLQA and XQuAD."""

import json
from pathlib import Path

from lbmrc.miniworld.generator.publish import publish
from lbmrc.runtime.stage import run


def main(args):
    options = {key: value for key, value in args.settings.items() if key != "kind"}
    publish(args.folder, **options)


if __name__ == "__main__":
    run(main, __doc__, settings=json.loads, folder=Path)
