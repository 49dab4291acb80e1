"""Questions grouped by passage and language: the units of the bootstrap over passages.

A passage and its translations are one cluster, so that questions in several languages on one text
are drawn together.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd


def passage_clusters(keys: pd.DataFrame) -> pd.Series:
    """The number of each question's cluster, by (passage_language, id).

    A cluster holds the questions on one passage and on its translations: passages in several
    languages that share a question's id, their other questions, and so on.
    """
    frame = keys[["passage_language", "passage_id", "id"]].sort_values(["passage_language", "id"])
    cluster = pd.Series(np.arange(len(frame)), index=frame.index)
    while True:
        joined = cluster.groupby([frame["passage_language"], frame["passage_id"]]).transform("min")
        joined = joined.groupby(frame["id"]).transform("min")
        if joined.equals(cluster):
            break
        cluster = joined
    index = pd.MultiIndex.from_frame(frame[["passage_language", "id"]])
    return pd.Series(cluster.to_numpy(), index=index)


class Clusters:
    """The cluster and language of each of Q questions.

    Args:
        numbers: each question's cluster (`passage_clusters`), by (passage_language, id).
        languages: in the order of the results; those without a question are left out.

    Attributes:
        languages: L languages.
        questions: (P, L), how many questions each of P clusters has in each language.
    """

    def __init__(self, numbers: pd.Series, languages: Sequence[str]) -> None:
        names = numbers.index.get_level_values("passage_language")
        self.languages = [language for language in languages if language in set(names)]
        self._language = pd.Categorical(names, self.languages).codes
        self._passage, distinct = pd.factorize(numbers, sort=True)
        self.questions = np.zeros((len(distinct), len(self.languages)))
        np.add.at(self.questions, (self._passage, self._language), 1)

    def sums(self, scores: np.ndarray) -> np.ndarray:
        """(S, P, L, M), sums over questions of ``scores`` (Q, S, M)."""
        total = np.zeros((*self.questions.shape, *scores.shape[1:]))
        np.add.at(total, (self._passage, self._language), scores)
        return np.moveaxis(total, 2, 0)
