"""Invented scores of questions, in the columns of `question_scores.read_questions`."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import pandas as pd


def invented_scores(
    runs: Iterable[tuple[str, int]],
    languages: Sequence[str],
    passages: int,
    f1_of: Callable[[str, int, int], np.ndarray],
) -> pd.DataFrame:
    """Two questions for each passage, the same in all languages and runs.

    Args:
        runs: system and seed.
        f1_of: F1 of each of n questions, from system, seed and n; called once for each language.
    """
    number = 2 * passages
    frames = []
    for system, seed in runs:
        for language in languages:
            f1 = f1_of(system, seed, number)
            frames.append(
                pd.DataFrame(
                    {
                        "system": system,
                        "seed": seed,
                        "benchmark": "xquad",
                        "split": "test",
                        "passage_language": language,
                        "question_language": language,
                        "id": [f"q{n}" for n in range(number)],
                        "passage_id": [f"p{n // 2}" for n in range(number)],
                        "exact_match": (f1 > 0.7).astype(int),
                        "f1": f1,
                    }
                )
            )
    return pd.concat(frames, ignore_index=True)
