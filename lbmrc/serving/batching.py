"""Questions of concurrent requests, answered together.

While the model computes, new requests wait and then form the next batch. So a single client is
never delayed, and many clients share the model's time.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import NamedTuple

from lbmrc.common.errors import UserError
from lbmrc.evaluation.reader import Answer, Question, Reader

_MOST_QUESTIONS = 64
_MOST_CHARACTERS = 200_000
_MOST_WAITING = 512


class Busy(Exception):
    """Too many questions are already waiting."""


class _Waiting(NamedTuple):
    question: Question
    alternatives: int
    answer: "asyncio.Future[Answer]"


class Batcher:
    """Answers questions of one event loop with one reader; `run` must be running in that loop."""

    def __init__(self, reader: Reader):
        self.reader = reader
        self._waiting: asyncio.Queue[_Waiting] = asyncio.Queue(_MOST_WAITING)
        self._left: list[_Waiting] = []
        self._thread = ThreadPoolExecutor(1, "reader")

    async def answer(self, question: Question, alternatives: int) -> Answer:
        """The reader's answer.

        Raises:
            UserError: as the reader does.
            Busy: if too many questions are waiting.
        """
        one = _Waiting(question, alternatives, asyncio.get_running_loop().create_future())
        try:
            self._waiting.put_nowait(one)
        except asyncio.QueueFull:
            raise Busy from None
        return await one.answer

    async def run(self) -> None:
        """Answer batches until cancelled."""
        loop = asyncio.get_running_loop()
        try:
            while True:
                batch = await self._next_batch()
                found = await loop.run_in_executor(self._thread, self._answers, batch)
                for one, answer in zip(batch, found, strict=True):
                    if one.answer.done():  # its client disconnected or timed out
                        continue
                    if isinstance(answer, Exception):
                        one.answer.set_exception(answer)
                    else:
                        one.answer.set_result(answer)
        finally:
            self._thread.shutdown(wait=False)

    async def _next_batch(self) -> list[_Waiting]:
        batch = [one for one in self._left if not one.answer.done()]
        self._left = []
        while not batch:
            one = await self._waiting.get()
            if not one.answer.done():  # nobody waits for the others
                batch = [one]
        characters = sum(len(one.question.passage) for one in batch)
        while not self._waiting.empty() and len(batch) < _MOST_QUESTIONS:
            one = self._waiting.get_nowait()
            if one.answer.done():
                continue
            characters += len(one.question.passage)
            if characters > _MOST_CHARACTERS:
                self._left = [one]
                break
            batch.append(one)
        return batch

    def _answers(self, batch: list[_Waiting]) -> list[Answer | Exception]:
        """One answer each; if a question is refused, all are retried singly, so only it fails."""
        most = max(one.alternatives for one in batch)
        try:
            questions = [one.question for one in batch]
            found = list(self.reader.answer_many(questions, alternatives=most))
            return [
                replace(answer, alternatives=answer.alternatives[: one.alternatives])
                for one, answer in zip(batch, found, strict=True)
            ]
        except UserError as error:
            if len(batch) == 1:
                return [error]
            return [answer for one in batch for answer in self._answers([one])]
        except Exception as error:
            return [error] * len(batch)
