"""The section `translation.noise`, apart from the engines: the stage that translates imports it."""

from typing import Annotated

from pydantic import Field

from lbmrc.config.section import Strict
from lbmrc.config.values import Seed

Share = Annotated[float, Field(ge=0, le=1)]


class TranslationNoise(Strict):
    """Errors of known amount in the translations of the synthetic corpus
    (`lbmrc.translation.noise`).

    What is noisy at one share is noisy in the same way at every larger one.
    """

    wrong_words: Share = Field(
        0.0, description="share of the words that are replaced by others of the same text"
    )
    lost_markers: Share = Field(
        0.0, description="share of the marked sentences that lose a marker or both"
    )
    shifted_markers: Share = Field(
        0.0,
        description="share of the marked sentences with one marker off by a word",
    )
    swapped_answers: Share = Field(
        0.0, description="share of the marked sentences whose markers enclose other words"
    )
    untranslated: Share = Field(
        0.0, description="share of the sentences and questions that stay in the source language"
    )
    seed: Seed = Field(1, description="seed of the noise")
