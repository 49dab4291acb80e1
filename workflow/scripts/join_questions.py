"""Put the questions of one language on the passages of another, by id."""

from pathlib import Path

from lbmrc.data.parallel import join_questions
from lbmrc.runtime.stage import run


def main(args):
    joined = join_questions(args.passages, args.questions, args.target)
    print(f"{joined} questions joined")


if __name__ == "__main__":
    run(main, __doc__, passages=Path, questions=Path, target=Path)
