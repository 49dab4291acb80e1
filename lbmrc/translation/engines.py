"""Engines: texts of the source language in, their translations out.

An engine only has to `stream` translations in whatever order suits it; whoever calls it keeps
them, shows progress and asks for no text twice (`lbmrc.translation.translate.Memo`). `Marian` is
the reference: any local folder of a MarianMTModel and its MarianTokenizer (Helsinki-NLP's opus-mt
checkpoints, or the miniature world's). Ready-made translations need no engine, see `align_squad`.
"""

import math
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from lbmrc.errors import UserError


class Engine(ABC):
    """A translator. ``name`` goes into reports; ``counts`` tells what happened on the way."""

    name: str

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    @abstractmethod
    def stream(self, texts: Sequence[str]) -> Iterator[tuple[int, str]]:
        """Yield (index in ``texts``, translation) once for each text, in any order."""

    def translate(self, texts: Sequence[str]) -> list[str]:
        """The translations of ``texts``, in their order."""
        translations = dict(self.stream(texts))
        return [translations[i] for i in range(len(texts))]


class Marian(Engine):
    """MarianMTModel and MarianTokenizer of a local folder, decoded by beam search.

    A text in which its tokenizer finds nothing (white space, U+FEFF) is its own translation. Others
    go through in batches of similar length, at most ``tokens_per_batch`` source tokens with
    padding. Nothing is cut in silence: a text longer than the model's positions is split at white
    space, translated in parts and counted (``inputs_split``); a translation that has not ended by
    ``max_length`` tokens, or twice its source's and 32, is ended there and counted
    (``outputs_cut``).

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
        super().__init__()
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
        self._longest = positions - 1

    def stream(self, texts: Sequence[str]) -> Iterator[tuple[int, str]]:
        todo = []
        for index, text in enumerate(texts):
            parts = self._parts(text)
            if not any(parts):
                yield index, text
                continue
            self.counts["inputs_split"] += len(parts) > 1
            todo.append((index, parts))
        todo.sort(key=lambda item: (-sum(map(len, item[1])), item[0]))
        for batch in self._batches(todo):
            translated = iter(self._generate([part for _, parts in batch for part in parts]))
            for index, parts in batch:
                yield index, " ".join(next(translated) for _ in parts)

    def _parts(self, text: str) -> list[list[int]]:
        """Token ids, without the end mark, of ``text``, or of its halves' if it is too long."""
        ids = self.tokenizer(text, add_special_tokens=False).input_ids
        if len(ids) <= self._longest or len(text) < 2:
            return [ids]
        middle = len(text) // 2
        cut = text.rfind(" ", 1, middle + 1)
        cut = middle if cut < 0 else cut
        halves = (text[:cut], text[cut:])
        return [part for half in halves if half.strip() for part in self._parts(half)]

    def _batches(self, todo: list[tuple[int, list[list[int]]]]) -> Iterator[list]:
        batch, rows, longest = [], 0, 0
        for item in todo:
            more = len(item[1])
            width = max(longest, *(len(part) + 1 for part in item[1]))
            if batch and (rows + more) * width > self.tokens_per_batch:
                yield batch
                batch, rows, width = [], 0, max(len(part) + 1 for part in item[1])
            batch.append(item)
            rows, longest = rows + more, width
        if batch:
            yield batch

    def _generate(self, parts: list[list[int]]) -> list[str]:
        import torch

        end = self.tokenizer.eos_token_id
        width = max(map(len, parts)) + 1
        ids = torch.full((len(parts), width), self.tokenizer.pad_token_id)
        mask = torch.zeros_like(ids)
        for row, part in enumerate(parts):
            ids[row, : len(part) + 1] = torch.tensor([*part, end])
            mask[row, : len(part) + 1] = 1
        device = self.model.device
        limits = torch.tensor([min(self.max_length, 2 * len(part) + 32) for part in parts])
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
        self.counts["outputs_cut"] += int((lengths >= limits - 1).sum())
        return self.tokenizer.batch_decode(
            outputs, skip_special_tokens=True, clean_up_tokenization_spaces=False
        )


def _end_at(limits, end: int):
    """A logits processor that ends row i once it has ``limits[i]`` tokens, in any batch alike."""

    def process(ids, scores):
        over = (ids.shape[1] >= limits)[:, None]
        scores = scores.masked_fill(over, -math.inf)
        scores[:, end : end + 1] = scores[:, end : end + 1].masked_fill(over, 0.0)
        return scores

    return process
