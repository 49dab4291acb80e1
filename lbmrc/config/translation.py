"""The section `translation`: how the English data are translated into each other language."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    AfterValidator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from lbmrc.config.data import Checkpoint
from lbmrc.config.noise import TranslationNoise
from lbmrc.config.section import Strict
from lbmrc.config.stages import Number
from lbmrc.config.values import Distinct, Language, PlainPath

_PRECISION = "`auto`: float16 on a GPU; on a CPU float32, with `ctranslate2` int8"


class Engine(Strict):
    """What all engines that translate have in common."""

    checkpoint: Checkpoint = Field(description="the model")
    beams: int = Field(4, ge=1, description="beam size")
    length_penalty: float = Field(
        1.0, description="scores are divided by length to this power: above 1, longer translations"
    )
    max_length: int = Field(512, ge=8, description="longest translation, in tokens")
    tokens_per_batch: int = Field(4096, ge=16, description="padded source tokens in a batch")


class MarianEngine(Engine):
    """transformers' MarianMTModel."""

    engine: Literal["marian"] = Field(description="`marian`: a Marian model in transformers")
    precision: Literal["auto", "float32", "float16"] = Field("auto", description=_PRECISION)


class FastEngine(Engine):
    """The same model in CTranslate2."""

    engine: Literal["ctranslate2"] = Field(
        description="`ctranslate2`: the same model in CTranslate2, several times faster"
    )
    precision: Literal["auto", "float32", "float16", "int8"] = Field("auto", description=_PRECISION)


class MultilingualEngine(Engine):
    """transformers' M2M100ForConditionalGeneration: M2M-100 or NLLB."""

    engine: Literal["m2m", "nllb"] = Field(description="`m2m`, `nllb`: a multilingual model")
    source: str = Field(description="its code for the source language: `en`; NLLB: `eng_Latn`")
    target: str = Field(description="its code for the language: `de`; NLLB: `deu_Latn`")
    precision: Literal["auto", "float32", "float16"] = Field("auto", description=_PRECISION)


class InPlaceOfAModel(Strict):
    """What has no model of its own."""

    @model_validator(mode="before")
    @classmethod
    def _without_the_model(cls, data: Any) -> Any:
        """A later config file may replace a model by this; Snakemake merges the two, so the model's
        keys are not errors."""
        if not isinstance(data, Mapping):
            return data
        foreign = set(MarianEngine.model_fields) - set(cls.model_fields)
        return {key: value for key, value in data.items() if key not in foreign}


class ReadyMadeEngine(InPlaceOfAModel):
    """A translated SQuAD-format file, aligned by question id; the answers come with it."""

    engine: Literal["ready-made"] = Field(description="`ready-made`: existing translations")
    file: PlainPath = Field(description="path under data.folder")


class CommandEngine(InPlaceOfAModel):
    """A program that reads and writes JSON lines (`lbmrc.translation.engines.command`).

    Fields in ``EXECUTION`` decide nothing of what it writes.
    """

    EXECUTION: ClassVar = frozenset({"timeout", "restarts", "texts_per_chunk"})

    engine: Literal["command"] = Field(description="`command`: any program")
    command: list[str] = Field(
        min_length=1, description="the program and its arguments, a list; found on PATH or by path"
    )
    identity: str | None = Field(
        None,
        min_length=1,
        description="name of its translations in the store; by default the command and what it "
        "prints with `--version`",
    )
    timeout: Number = Field(
        600.0, gt=0, description="seconds without any answer after which the run stops"
    )
    restarts: int = Field(
        3, ge=0, description="restarts in a row without an answer after which the run stops"
    )
    texts_per_chunk: int = Field(256, ge=1, description="texts sent to it at a time")


class EngineOf(Strict):
    """The engine of another language, as a leg of a chain; the language's name alone says it."""

    engine: Literal["engine-of"] = Field(description="`engine-of`: another language's engine")
    language: Language = Field(description="that language")


class _OrLanguage:
    """Marks a leg that may also be given as a language's name."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        def spelled_out(leg: Any) -> Any:
            return {"engine": "engine-of", "language": leg} if isinstance(leg, str) else leg

        return core_schema.no_info_before_validator_function(spelled_out, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"anyOf": [{"type": "string"}, handler(schema)]}


ModelEngine = MarianEngine | FastEngine | MultilingualEngine
Leg = ModelEngine | CommandEngine


class ChainEngine(InPlaceOfAModel):
    """Engines one after the other, through other languages."""

    engine: Literal["chain"] = Field(description="`chain`: engines one after the other")
    through: Distinct[Annotated[Leg | EngineOf, Field(discriminator="engine"), _OrLanguage()]] = (
        Field(
            min_length=2,
            description="the engines in order; the name of a language means its engine",
        )
    )


AnyEngine = Annotated[Leg | ChainEngine | ReadyMadeEngine, Field(discriminator="engine")]


def _can_be_told_apart(markers: tuple[str, str]) -> tuple[str, str]:
    opening, closing = markers
    if not opening.strip() or not closing.strip():
        raise ValueError("a marker is blank")
    if opening != closing and (opening in closing or closing in opening):
        raise ValueError(f'one marker holds the other: "{opening}", "{closing}"')
    return markers


Markers = Annotated[tuple[str, str], Field(strict=False), AfterValidator(_can_be_told_apart)]


class Translation(Strict):
    """Section 3.1.1: how the English data become each other language."""

    mode: Literal["markers", "cascade"] = Field(
        "markers",
        description="answer recovery: `markers`, the paper's, keeps those that come back in one "
        "well-formed pair; `cascade` searches for the others in further steps",
    )
    markers: Markers = Field(("([", ")]"), description="the pair put around an answer")
    other_markers: Distinct[Markers] = Field(
        [("[", "]"), ("<b>", "</b>"), ('"', '"')],
        description="pairs that `cascade` tries in turn where `markers` found nothing",
    )
    min_recovered: float = Field(
        0.1,
        ge=0,
        le=1,
        description="smallest share of the answers that must be recovered in each language; below "
        "it the run stops; 0: never",
    )
    noise: TranslationNoise | None = Field(
        None, description="errors added to the translations of the synthetic corpus, for studies"
    )
    store: str = Field(
        "data/translations",
        description="folder that keeps every translation, for later and resumed runs",
    )
    engines: dict[Language, AnyEngine] = Field(
        description="one engine for each language that is translated into"
    )

    def legs(self, language: str) -> list[Leg]:
        """The engines that translate into ``language``, in order; usually one, none if the
        translation is ready-made."""
        engine = self.engines[language]
        if isinstance(engine, ReadyMadeEngine):
            return []
        if not isinstance(engine, ChainEngine):
            return [engine]
        legs: list[Leg] = []
        for leg in engine.through:
            legs += self.legs(leg.language) if isinstance(leg, EngineOf) else [leg]
        return legs

    def models(self) -> Iterator[tuple[str, Checkpoint]]:
        """The checkpoint of each model, and its path in this section."""
        for language, engine in self.engines.items():
            if isinstance(engine, ChainEngine):
                for number, leg in enumerate(engine.through):
                    if isinstance(leg, ModelEngine):
                        yield f"engines.{language}.through.{number}", leg.checkpoint
            elif isinstance(engine, ModelEngine):
                yield f"engines.{language}", engine.checkpoint
