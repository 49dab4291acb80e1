"""Translation models of transformers: the reference engine.

`Marian` is any local folder of a MarianMTModel and its MarianTokenizer: Helsinki-NLP's opus-mt
checkpoints, or the embedded world's.
"""

import math
import re
from collections.abc import Sequence
from pathlib import Path

from lbmrc.errors import UserError
from lbmrc.translation.alignment import AligningEngine, Attention
from lbmrc.translation.engines import OutOfMemory, TokenEngine


class Marian(TokenEngine, AligningEngine):
    """MarianMTModel and MarianTokenizer of a local folder, decoded by beam search.

    Raises:
        UserError: if the folder holds no Marian model.
    """

    def __init__(
        self,
        folder: str | Path,
        *,
        device: str = "cpu",
        beams: int = 4,
        max_length: int = 512,
        tokens_per_batch: int = 4096,
        half: bool = False,
    ) -> None:
        import torch
        from transformers import MarianMTModel, MarianTokenizer

        folder = Path(folder)
        if not (folder / "source.spm").exists():
            raise UserError(f"{folder}: no Marian model here (source.spm is missing)")
        self.name = f"marian {folder.name}"
        self.tokenizer = MarianTokenizer.from_pretrained(folder, local_files_only=True)
        self.model = MarianMTModel.from_pretrained(
            folder, local_files_only=True, dtype=torch.float16 if half else torch.float32
        )
        self.model.to(device).eval()
        self.beams = beams
        self.tokens_per_batch = tokens_per_batch
        positions = self.model.config.max_position_embeddings
        self.max_length = min(max_length, positions)
        self.longest = positions - 1

    def encode(self, text: str) -> list[int]:
        return self.tokenizer(text, add_special_tokens=False).input_ids

    def generate(self, parts: list[list[int]]) -> list[tuple[str, bool]]:
        import torch

        try:
            return self._generate(parts)
        except torch.OutOfMemoryError as error:
            if torch.cuda.is_available():
                torch.cuda.empty_cache()
            raise OutOfMemory(str(error)) from None

    def _generate(self, parts: list[list[int]]) -> list[tuple[str, bool]]:
        import torch

        end = self.tokenizer.eos_token_id
        width = max(map(len, parts)) + 1
        ids = torch.full((len(parts), width), self.tokenizer.pad_token_id)
        mask = torch.zeros_like(ids)
        for row, part in enumerate(parts):
            ids[row, : len(part) + 1] = torch.tensor([*part, end])
            mask[row, : len(part) + 1] = 1
        device = self.model.device
        limits = torch.tensor([self.limit(part) for part in parts])
        with torch.inference_mode():
            outputs = self.model.generate(
                input_ids=ids.to(device),
                attention_mask=mask.to(device),
                num_beams=self.beams,
                do_sample=False,
                max_length=int(limits.max()) + 1,
                logits_processor=[_end_at(limits.repeat_interleave(self.beams).to(device), end)],
            ).cpu()
        pad = self.tokenizer.pad_token_id
        lengths = ((outputs != pad) & (outputs != end)).sum(dim=1)
        texts = self.tokenizer.batch_decode(
            outputs, skip_special_tokens=True, clean_up_tokenization_spaces=False
        )
        return list(zip(texts, (lengths >= limits - 1).tolist(), strict=True))

    def attend(self, pairs: Sequence[tuple[str, str]]) -> list[Attention | None]:
        plain = self.model.config._attn_implementation
        self.model.set_attn_implementation("eager")  # the others do not show their attention
        try:
            return [self._attend(*pair) for pair in pairs]
        finally:
            self.model.set_attn_implementation(plain)

    def _attend(self, source: str, target: str) -> Attention | None:
        """Attention by word: the mean over layers, heads and the target word's pieces, summed over
        the source word's. What goes to the end mark counts for nothing."""
        import torch

        spans = [[m.span() for m in re.finditer(r"\S+", text)] for text in (source, target)]
        ours = [self.encode(source[slice(*span)]) for span in spans[0]]
        theirs = [self._encode_target(target[slice(*span)]) for span in spans[1]]
        inputs = [*(i for ids in ours for i in ids), self.tokenizer.eos_token_id]
        outputs = [self.model.config.decoder_start_token_id, *(i for ids in theirs for i in ids)]
        longest = self.model.config.max_position_embeddings
        if not all([*ours, *theirs]) or len(inputs) > longest or len(outputs) > longest:
            return None
        with torch.inference_mode():
            attentions = self.model.model(
                input_ids=torch.tensor([inputs], device=self.model.device),
                decoder_input_ids=torch.tensor([outputs], device=self.model.device),
                output_attentions=True,
            ).cross_attentions
        pieces = torch.stack(attentions).float().mean(dim=(0, 2))[0, :-1, :-1].cpu()
        pieces /= pieces.sum(dim=1, keepdim=True)
        columns = torch.stack([part.sum(1) for part in pieces.split([*map(len, ours)], 1)], 1)
        rows = torch.stack([part.mean(0) for part in columns.split([*map(len, theirs)])])
        return Attention(*spans, rows.tolist())

    def _encode_target(self, text: str) -> list[int]:
        return self.tokenizer(text_target=text, add_special_tokens=False).input_ids


def _end_at(limits, end: int):
    """A logits processor that ends row i once it has ``limits[i]`` tokens, in any batch alike."""

    def process(ids, scores):
        over = (ids.shape[1] >= limits)[:, None]
        scores = scores.masked_fill(over, -math.inf)
        scores[:, end : end + 1] = scores[:, end : end + 1].masked_fill(over, 0.0)
        return scores

    return process
