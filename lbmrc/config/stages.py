"""Settings of single stages.

A stage imports these and not the whole `lbmrc.config.schema`, so that the parts of the config on
systems or benchmarks do not belong to the code that trains.
"""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, model_validator

from lbmrc.config.section import Strict


def _no_boolean(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError(f"must be a number; it is {str(value).lower()}")
    return value


Number = Annotated[float, BeforeValidator(_no_boolean), Field(strict=False)]
"""Text is accepted too, since YAML reads ``1e-5`` as text."""


class WindowSettings(Strict):
    """Sliding windows over question and passage."""

    max_length: int = Field(384, ge=16, description="tokens in a window, special tokens included")
    stride: int = Field(128, ge=1, description="passage tokens by which the next window advances")
    max_question_length: int = Field(64, ge=1, description="tokens kept of a question")
    special_tokens: Literal["auto", "double", "single", "transformers"] = Field(
        "auto",
        description="`double`: `</s> q </s></s> p </s>`, `single`: `</s> q </s> p </s>`, "
        "`transformers`: the tokenizer's own form; `auto`: `double` for XLM, its own for any other",
    )

    @model_validator(mode="after")
    def _room_for_the_passage(self) -> "WindowSettings":
        if self.max_question_length + 8 > self.max_length:
            raise ValueError("max_question_length leaves no room for the passage in max_length")
        return self


class TrainingSettings(Strict):
    """Section 4.1.3: optimisation, the same for every system.

    Fields in ``EXECUTION`` say how a training is done and decide nothing of what is learnt.
    """

    EXECUTION: ClassVar = frozenset(
        {"checkpoint_minutes", "num_processes", "gradient_checkpointing"}
    )
    FORMER_KEYS: ClassVar[Mapping[str, str]] = {
        "save_minutes": "checkpoint_minutes",
        "processes": "num_processes",
        "recompute": "gradient_checkpointing",
    }

    learning_rate: Number = Field(1e-5, gt=0, description="peak, after warm-up")
    epochs: int = Field(10, ge=1, description="passes over the windows")
    batch_size: int = Field(32, ge=1, description="windows in a batch")
    warmup_steps: int = Field(500, ge=0, description="steps over which the rate rises from 0")
    schedule: Literal["linear", "cosine"] = Field("linear", description="decay after warm-up")
    weight_decay: Number = Field(0.005, ge=0, description="AdamW's")
    adam_epsilon: Number = Field(1e-8, gt=0, description="AdamW's")
    max_gradient_norm: Number = Field(5.0, gt=0, description="gradient clipping")
    precision: Literal["auto", "float32", "bf16"] = Field(
        "auto",
        description="of the encoder's matrix products, in training, logits and answers: `auto`: "
        "bf16 on GPUs that have it, float32 on CPUs; `bf16`: on CPUs with AVX512-BF16 or AMX, too",
    )
    freeze_embeddings: bool = Field(
        False,
        description="leave the word embeddings as pre-trained: no gradient, no optimiser step",
    )
    dropout: Number | None = Field(
        None,
        ge=0,
        lt=1,
        description="probability of every dropout in the encoder; by default the checkpoint's",
    )
    max_steps: int | None = Field(None, ge=1, description="stop early, for tests")
    select: Literal["last", "dev"] = Field(
        "last",
        description="the model after the last epoch, or after the epoch with the best F1 on the "
        "source language's dev data, which `dev` names",
    )
    checkpoint_minutes: Number = Field(
        10.0,
        gt=0,
        description="minutes between the checkpoints a killed job resumes from",
    )
    num_processes: int = Field(
        1,
        ge=1,
        description="processes that share a training (DDP), a part of each batch and a GPU each",
    )
    gradient_checkpointing: bool = Field(
        False,
        description="compute each layer again in the backward pass instead of keeping its "
        "activations: less GPU memory, more time, the same result",
    )

    @model_validator(mode="after")
    def _a_window_for_each_process(self) -> "TrainingSettings":
        if self.num_processes > self.batch_size:
            raise ValueError(
                f"num_processes: {self.num_processes} cannot share batches of "
                f"batch_size: {self.batch_size}"
            )
        return self


class MaskingSettings(Strict):
    """LAKM (Yuan et al. 2020): which tokens the masked-LM head has to tell."""

    FORMER_KEYS: ClassVar[Mapping[str, str]] = {"share": "mask_rate"}

    mask_rate: float = Field(
        0.15, gt=0, lt=1, description="share of the tokens that are masked, phrases first"
    )
    max_length: int = Field(256, ge=16, description="tokens in a window, special tokens included")


class DistillationSettings(Strict):
    """Equations 4 and 6."""

    nll_weight: Number = Field(0.5, ge=0, description="λ1, on the gold labels")
    kd_weight: Number = Field(0.5, ge=0, description="λ2, on the teachers")
    temperature: Number = Field(2.0, gt=0, description="τ")


class DecodingSettings(Strict):
    """From logits to a span of text."""

    n_best: int = Field(20, ge=1, description="spans kept of a window")
    max_answer_length: int = Field(30, ge=1, description="tokens")
    batch_size: int = Field(64, ge=1, description="windows in a batch of inference")
    whole_words: bool = Field(
        False,
        description="extend spans to whole words; false, as in run_squad, may cut a word",
    )
