"""Translation models of transformers: `Marian`, the reference, and `Multilingual`.

`Marian` loads any local folder with a MarianMTModel and its MarianTokenizer: Helsinki-NLP's opus-mt
checkpoints, or the synthetic corpus's. `Multilingual` loads an M2M100ForConditionalGeneration, the
class of both M2M-100 and NLLB, whose languages are named by codes.
"""

import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lbmrc.common.errors import UserError
from lbmrc.translation.engines.base import (
    AligningEngine,
    Attention,
    OutOfMemory,
    TokenEngine,
    is_out_of_memory,
)


class Seq2Seq(TokenEngine, AligningEngine):
    """A model and its tokenizer, decoded by beam search.

    ``before``: token ids at the start of each source; ``first``: at the start of each translation.
    """

    before: Sequence[int] = ()
    first: Sequence[int] = ()

    def __init__(
        self,
        name: str,
        tokenizer,
        model,
        *,
        device: str = "cpu",
        beams: int = 4,
        length_penalty: float = 1.0,
        max_length: int = 512,
        tokens_per_batch: int = 4096,
    ) -> None:
        self.name = name
        self.tokenizer = tokenizer
        self.model = model.to(device).eval()
        self.beams = beams
        self.length_penalty = length_penalty
        self.tokens_per_batch = tokens_per_batch
        positions = self.model.config.max_position_embeddings
        self.max_length = min(max_length, positions)
        self.max_source_tokens = positions - 1

    def encode(self, text: str) -> list[int]:
        return self.tokenizer(text, add_special_tokens=False).input_ids

    def encode_target(self, text: str) -> list[int]:
        """The token ids of a text in the other language."""
        return self.encode(text)

    def generate(self, parts: list[list[int]]) -> list[tuple[str, bool]]:
        import torch

        try:
            return self._generate(parts)
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            if torch.cuda.is_available():
                torch.cuda.empty_cache()
            raise OutOfMemory(str(error)) from None

    def _generate(self, parts: list[list[int]]) -> list[tuple[str, bool]]:
        import torch

        end = self.tokenizer.eos_token_id
        rows = [[*self.before, *part, end] for part in parts]
        ids = torch.full((len(rows), max(map(len, rows))), self.tokenizer.pad_token_id)
        mask = torch.zeros_like(ids)
        for row, tokens in enumerate(rows):
            ids[row, : len(tokens)] = torch.tensor(tokens)
            mask[row, : len(tokens)] = 1
        device = self.model.device
        limits = torch.tensor([self.limit(part) for part in parts])
        with torch.inference_mode():
            outputs = self.model.generate(
                input_ids=ids.to(device),
                attention_mask=mask.to(device),
                num_beams=self.beams,
                do_sample=False,
                length_penalty=self.length_penalty,
                max_length=int(limits.max()) + 1,
                logits_processor=[_end_at(limits.repeat_interleave(self.beams).to(device), end)],
                **({"forced_bos_token_id": self.first[0]} if self.first else {}),
            ).cpu()
        pad = self.tokenizer.pad_token_id
        lengths = ((outputs != pad) & (outputs != end)).sum(dim=1)
        texts = self.tokenizer.batch_decode(
            outputs[:, 1 + len(self.first) :],
            skip_special_tokens=True,
            clean_up_tokenization_spaces=False,
        )
        return list(zip(texts, (lengths >= limits - 1).tolist(), strict=True))

    def attend(self, pairs: Sequence[tuple[str, str]]) -> list[Attention | None]:
        plain = self.model.config._attn_implementation
        self.model.set_attn_implementation("eager")  # the others do not return attention
        try:
            return [self._attend(*pair) for pair in pairs]
        finally:
            self.model.set_attn_implementation(plain)

    def _attend(self, source: str, target: str) -> Attention | None:
        """Attention by word: the mean over layers, heads and the target word's pieces, summed over
        the source word's pieces. Attention to language and end tokens is ignored."""
        import torch

        spans = [[m.span() for m in re.finditer(r"\S+", text)] for text in (source, target)]
        ours = [self.encode(source[slice(*span)]) for span in spans[0]]
        theirs = [self.encode_target(target[slice(*span)]) for span in spans[1]]
        inputs = [*self.before, *(i for ids in ours for i in ids), self.tokenizer.eos_token_id]
        start = self.model.config.decoder_start_token_id
        outputs = [start, *self.first, *(i for ids in theirs for i in ids)]
        longest = self.model.config.max_position_embeddings
        if not all([*ours, *theirs]) or len(inputs) > longest or len(outputs) > longest:
            return None
        with torch.inference_mode():
            attentions = self.model.model(
                input_ids=torch.tensor([inputs], device=self.model.device),
                decoder_input_ids=torch.tensor([outputs], device=self.model.device),
                output_attentions=True,
            ).cross_attentions
        pieces = torch.stack(attentions).float().mean(dim=(0, 2))[0].cpu()
        pieces = pieces[len(self.first) : -1, len(self.before) : -1]
        pieces = pieces / pieces.sum(dim=1, keepdim=True)
        columns = torch.stack([part.sum(1) for part in pieces.split([*map(len, ours)], 1)], 1)
        rows = torch.stack([part.mean(0) for part in columns.split([*map(len, theirs)])])
        return Attention(spans[0], spans[1], rows.tolist())


class Marian(Seq2Seq):
    """MarianMTModel and MarianTokenizer from a local folder; ``options`` are `Seq2Seq`'s.

    Raises:
        UserError: if the folder holds no Marian model.
    """

    def __init__(self, folder: str | Path, *, half: bool = False, **options: Any) -> None:
        from transformers import MarianMTModel

        tokenizer = marian_tokenizer(folder)
        model = MarianMTModel.from_pretrained(folder, local_files_only=True, dtype=_type(half))
        super().__init__(f"marian {Path(folder).name}", tokenizer, model, **options)

    def encode_target(self, text: str) -> list[int]:
        return self.tokenizer(text_target=text, add_special_tokens=False).input_ids


class Multilingual(Seq2Seq):
    """M2M-100 or NLLB from a local folder, translating ``source`` into ``target``: codes in the
    tokenizer's form (``en`` and ``de`` for M2M-100, ``eng_Latn`` and ``deu_Latn`` for NLLB).
    ``options`` are `Seq2Seq`'s.

    Raises:
        UserError: if the folder holds no such model, or the model does not know a code.
    """

    def __init__(
        self, folder: str | Path, source: str, target: str, *, half: bool = False, **options: Any
    ) -> None:
        from transformers import AutoTokenizer, M2M100ForConditionalGeneration

        try:
            tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
            model = M2M100ForConditionalGeneration.from_pretrained(
                folder, local_files_only=True, dtype=_type(half)
            )
        except (OSError, ValueError) as error:
            raise UserError(f"{folder}: no M2M-100 or NLLB model here ({error})") from None
        super().__init__(f"{Path(folder).name} {source}-{target}", tokenizer, model, **options)
        self.before = [_language(tokenizer, source, folder)]
        self.first = [_language(tokenizer, target, folder)]
        self.max_source_tokens -= 1


def marian_tokenizer(folder: str | Path):
    """The tokenizer of a Marian model's folder.

    Raises:
        UserError: if the folder holds no Marian model.
    """
    from transformers import MarianTokenizer

    if not (Path(folder) / "source.spm").exists():
        raise UserError(f"{folder}: no Marian model here (source.spm is missing)")
    return MarianTokenizer.from_pretrained(folder, local_files_only=True)


def _type(half: bool):
    import torch

    return torch.float16 if half else torch.float32


def _language(tokenizer, code: str, folder: str | Path) -> int:
    """The id of a language: M2M-100 writes ``__de__``, NLLB the code itself."""
    found = tokenizer.convert_tokens_to_ids(f"__{code}__")
    if found in (None, tokenizer.unk_token_id) and code in tokenizer.all_special_tokens:
        found = tokenizer.convert_tokens_to_ids(code)
    if found not in (None, tokenizer.unk_token_id):
        return found
    raise UserError(
        f'{folder}: the model knows no language "{code}"; M2M-100 calls them en, de, NLLB eng_Latn,'
        " deu_Latn"
    )


def _end_at(limits, end: int):
    """A logits processor that ends row i at ``limits[i]`` tokens, whatever else is in the batch."""

    def process(ids, scores):
        over = (ids.shape[1] >= limits)[:, None]
        scores = scores.masked_fill(over, -math.inf)
        scores[:, end : end + 1] = scores[:, end : end + 1].masked_fill(over, 0.0)
        return scores

    return process
