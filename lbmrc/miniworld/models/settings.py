"""Settings of the shipped XLM: pre-training, then matching."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class MatchingSettings:
    """Settings of `lbmrc.miniworld.models.matching`; its weights are those of the loss terms."""

    passages: int = 4000
    steps: int = 3000
    batch_size: int = 16
    learning_rate: float = 1e-3
    warmup_steps: int = 100
    rivals_only: float = 0.6
    target_weight: float = 8.0
    alignment_weight: float = 2.0
    mlm_weight: float = 0.5
    masked: float = 0.15
    seed: int = 0


@dataclass(frozen=True)
class PretrainingSettings:
    """Settings of `lbmrc.miniworld.models.pretraining`; the command line sets the first few."""

    passages: int = 6000
    steps: int = 13000
    seed: int = 42
    merges: int = 4000
    layers: int = 3
    width: int = 128
    heads: int = 4
    dropout: float = 0.0
    batch_size: int = 16
    learning_rate: float = 1.5e-3
    warmup_steps: int = 300
    weight_decay: float = 0.01
    masked: float = 0.2
    tlm: float = 0.1
    crossed: float = 0.2
    short: float = 0.7
    alignment: float = 0.5
    temperature: float = 0.1
    bfloat16: bool = True
    matching: MatchingSettings = field(default_factory=MatchingSettings)
