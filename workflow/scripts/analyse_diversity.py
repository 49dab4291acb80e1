"""How much the teachers of each student differ, and whether it gains where they do."""

import json
from pathlib import Path

from lbmrc.analysis.diversity import by_student, to_markdown
from lbmrc.evaluation.question_scores import read_questions
from lbmrc.runtime.stage import run


def main(args):
    students = {
        name: [(seed, [(t, s) for t, s in teachers]) for seed, teachers in seeds]
        for name, seeds in args.students.items()
    }
    runs = [(name, seed) for name, seeds in students.items() for seed, _ in seeds]
    runs += [run for seeds in students.values() for _, teachers in seeds for run in teachers]
    frame = by_student(read_questions(args.systems, dict.fromkeys(runs)), students)
    frame.to_csv(args.table, index=False, lineterminator="\n")
    args.markdown.write_text(to_markdown(frame), encoding="utf-8")


if __name__ == "__main__":
    run(main, __doc__, systems=Path, students=json.loads, table=Path, markdown=Path)
