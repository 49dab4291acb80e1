"""Read the English source data, checking every answer at its offset."""

from pathlib import Path

from lbmrc.data.examples import majority_first, write_examples
from lbmrc.data.squad import read_squad_files
from lbmrc.runtime.stage import run


def main(args):
    examples, bad = read_squad_files(args.sources, args.language, args.on_bad_example)
    if args.answer == "majority":
        examples = [majority_first(example) for example in examples]
    count = write_examples(args.target, examples)
    print(f"{count} questions, {len(bad)} skipped")
    return {"questions": count, "skipped": [str(problem) for problem in bad]}


if __name__ == "__main__":
    run(main, __doc__, sources=[Path], language=str, on_bad_example=str, answer=str, target=Path)
