"""Phrases among Wikipedia's titles that the training passages hold (LAKM)."""

import json
from pathlib import Path

from lbmrc.lakm.passages import passages_of_examples
from lbmrc.lakm.phrases import Filter, read_titles
from lbmrc.runtime.stage import run


def main(args):
    texts = (passage.text for passage in passages_of_examples(args.examples))
    found = sorted(
        " ".join(words) for words in read_titles(args.titles, texts, Filter(**args.keep))
    )
    args.target.write_text("".join(f"{phrase}\n" for phrase in found), encoding="utf-8")
    return {"phrases": len(found)}


if __name__ == "__main__":
    run(main, __doc__, titles=Path, examples=Path, keep=json.loads, target=Path)
