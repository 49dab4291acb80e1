"""Seconds of work on a device, and how many of them a model computed."""

import statistics
import time
from collections.abc import Callable

import torch
from torch import nn


def wait_for(device: str) -> None:
    if device == "cuda":
        torch.cuda.synchronize()


def seconds_of(work: Callable[[], object], device: str, at_least: float) -> float:
    """Median over passes that take ``at_least`` seconds in total, after an untimed one."""
    work()
    wait_for(device)
    passes: list[float] = []
    while not passes or sum(passes) < at_least:
        started = time.perf_counter()
        work()
        wait_for(device)
        passes.append(time.perf_counter() - started)
    return statistics.median(passes)


def forget_peak(device: str) -> None:
    if device == "cuda":
        torch.cuda.reset_peak_memory_stats()


def peak_memory(device: str) -> dict[str, float]:
    """Peak memory of tensors on a GPU; empty on a CPU."""
    if device != "cuda":
        return {}
    return {"peak_gib": torch.cuda.max_memory_allocated() / 2**30}


class TimeInModel:
    """The time between start and end of a model's forward passes, by the device's own clock.

    For the rest of the time the device waits for data, or computes outside the model.
    """

    def __init__(self, model: nn.Module, device: str):
        self.device = device
        self.passes: list[tuple] = []
        model.register_forward_pre_hook(lambda *_: self.passes.append((self._now(),)))
        model.register_forward_hook(lambda *_: self._end())

    def _now(self):
        if self.device != "cuda":
            return time.perf_counter()
        event = torch.cuda.Event(enable_timing=True)
        event.record()
        return event

    def _end(self) -> None:
        self.passes[-1] += (self._now(),)

    def take(self) -> float:
        """Seconds since the last call."""
        wait_for(self.device)
        passes, self.passes = self.passes, []
        if self.device != "cuda":
            return sum(end - began for began, end in passes)
        return sum(began.elapsed_time(end) for began, end in passes) / 1000
