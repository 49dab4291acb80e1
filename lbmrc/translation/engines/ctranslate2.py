"""A Marian checkpoint in CTranslate2: the same translations, several times faster.

The checkpoint is converted once and kept in a folder; its precision is chosen when it is loaded
(float16 on a GPU, int8 or float32 on a CPU). At float32 its output equals that of the transformers
model, except for ties.
"""

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from lbmrc.common.errors import UserError
from lbmrc.common.json_io import read_json
from lbmrc.translation.engines.base import OutOfMemory, TokenEngine, is_out_of_memory
from lbmrc.translation.engines.transformers import marian_tokenizer

# With patience 1 (beam search ends at the first finished hypotheses), 3 of 245 texts of the
# synthetic corpus (German, beam 2) differed from transformers' output; with patience 2, none.
_PATIENCE = 2.0


class CTranslate2(TokenEngine):
    """The Marian model of ``folder``, whose converted form is kept in ``converted``.

    Raises:
        UserError: if ctranslate2 is not installed, the folder holds no Marian model, or the device
            does not compute in ``precision``.
    """

    def __init__(
        self,
        folder: str | Path,
        converted: str | Path,
        *,
        device: str = "cpu",
        beams: int = 4,
        length_penalty: float = 1.0,
        max_length: int = 512,
        tokens_per_batch: int = 4096,
        precision: str = "float32",
    ) -> None:
        try:
            import ctranslate2
        except ImportError:
            raise UserError(
                "the engine ctranslate2 needs a package that is not installed: "
                "pip install ctranslate2"
            ) from None
        self.tokenizer = marian_tokenizer(folder)
        self.name = f"ctranslate2 {Path(folder).name}"
        model = convert(Path(folder), Path(converted))
        try:
            self.model = ctranslate2.Translator(str(model), device=device, compute_type=precision)
        except (RuntimeError, ValueError) as error:
            raise UserError(
                f"{self.name}: CTranslate2 cannot load {model} for {device} in {precision} ({error}"
                "); choose another precision, or delete that folder to have it made again"
            ) from None
        self.beams = beams
        self.length_penalty = length_penalty
        self.tokens_per_batch = tokens_per_batch
        positions = read_json(Path(folder) / "config.json")["max_position_embeddings"]
        self.max_length = min(max_length, positions)
        self.max_source_tokens = positions - 1

    def encode(self, text: str) -> list[int]:
        return self.tokenizer(text, add_special_tokens=False).input_ids

    def generate(self, parts: list[list[int]]) -> list[tuple[str, bool]]:
        limits = [self.limit(part) - 1 for part in parts]  # without the end token
        end = self.tokenizer.eos_token_id
        sources = [self.tokenizer.convert_ids_to_tokens([*part, end]) for part in parts]
        outputs = self._decode(sources, max(limits))
        for row, limit in enumerate(limits):
            if len(outputs[row]) > limit:  # the batch shared one limit; redo with its own
                outputs[row : row + 1] = self._decode(sources[row : row + 1], limit)
        texts = self.tokenizer.batch_decode(
            [self.tokenizer.convert_tokens_to_ids(output) for output in outputs],
            skip_special_tokens=True,
            clean_up_tokenization_spaces=False,
        )
        cut = [len(output) >= limit for output, limit in zip(outputs, limits, strict=True)]
        return list(zip(texts, cut, strict=True))

    def _decode(self, sources: Sequence[Sequence[str]], limit: int) -> list[list[str]]:
        try:
            results = self.model.translate_batch(
                sources,
                beam_size=self.beams,
                patience=_PATIENCE if self.beams > 1 else 1,
                length_penalty=self.length_penalty,
                max_decoding_length=limit,
                max_input_length=0,
            )
        except (RuntimeError, MemoryError) as error:
            if is_out_of_memory(error):
                raise OutOfMemory(str(error)) from None
            raise
        return [result.hypotheses[0] for result in results]


def convert(folder: Path, converted: Path) -> Path:
    """Convert the checkpoint of ``folder`` into ``converted``, unless that exists.

    The conversion is renamed to its final name once it is complete and flushed to disk. Concurrent
    runs may both convert; one result is kept.
    """
    if converted.exists():
        return converted
    import torch
    from ctranslate2.converters import TransformersConverter

    class Converter(TransformersConverter):
        def load_model(self, model_class, path, **options):
            """CTranslate2 starts decoding from a zero vector, like opus-mt's padding. A model
            trained with transformers has its own start vector: add it to the first position."""
            options |= {"dtype": torch.float32, "local_files_only": True}
            model = super().load_model(model_class, path, **options)
            decoder = model.model.decoder
            start = decoder.embed_tokens.weight[model.config.decoder_start_token_id]
            scale = model.config.d_model**0.5 if model.config.scale_embedding else 1.0
            decoder.embed_positions.weight[0] += start * scale
            return model

    converted.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=converted.parent, prefix=f".{converted.name}.") as inside:
        unfinished = Path(inside) / "model"
        Converter(str(folder)).convert(str(unfinished))
        for file in unfinished.iterdir():
            with file.open("rb") as written:
                os.fsync(written.fileno())
        try:
            unfinished.rename(converted)
        except OSError:
            if not converted.exists():
                raise
    return converted
