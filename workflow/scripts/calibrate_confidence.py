"""Fit the temperature of a system's confidence on the source language's dev data."""

from pathlib import Path

from lbmrc.data.benchmark import check_benchmark
from lbmrc.evaluation.calibration import SPANS, calibrate, write_calibration
from lbmrc.evaluation.metrics import exact_match
from lbmrc.evaluation.reader import Question, Reader
from lbmrc.runtime.stage import run


def main(args):
    questions = check_benchmark(args.dataset, "skip").questions
    language, metric = args.language, args.metric
    reader = Reader(args.model, device=args.device)
    asked = [Question(q.question, q.passage, language, language) for q in questions]
    scores, right = [], []
    answers = reader.answer_many(asked, alternatives=SPANS - 1, progress=True)
    for question, answer in zip(questions, answers, strict=True):
        spans = [] if answer.score is None else [answer, *answer.alternatives]
        scores.append([span.score for span in spans])
        texts = [text for text, _ in question.answers]
        right.append(any(exact_match(answer.text, text, metric, language) for text in texts))
    passages = [question.passage_id for question in questions]
    write_calibration(args.target, calibrate(scores, right, passages, args.name))


if __name__ == "__main__":
    run(
        main,
        __doc__,
        model=Path,
        dataset=Path,
        metric=str,
        language=str,
        name=str,
        device=str,
        target=Path,
    )
