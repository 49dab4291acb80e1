"""`lbmrc plan`: the cost of a run before it starts: windows, tokens, operations, hours, disk.

Input: the config, the loads of its datasets (`lbmrc.planning.workload`), the backbone's config.json
and a device's matrix rate. Output: one `Job` per dataset to cut, system to train or distil and so
on, and a table in which every number is marked as counted, measured or assumed.
Operations are counted by `lbmrc.model.flops`. Needs no torch, except to calibrate.
"""

import json
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lbmrc.common.errors import UserError
from lbmrc.config.schema import Config
from lbmrc.model.flops import TRAINING_PASSES, forward_flops
from lbmrc.planning.workload import (
    ASSUMED,
    COUNTED,
    MEASURED,
    TOKENS_A_WINDOW,
    WINDOWS_A_QUESTION,
    Load,
    benchmark_load,
    dataset_load,
    least_certain,
    total,
    training_size,
)
from lbmrc.runtime.devices import gpu_count, resolve

STAGES = ("windows", "train", "logits", "distil", "predict")
_SHARE = 0.5
_MEASURED = Path("benchmarks/results/training.json")
_BYTES_OF_A_WEIGHT = 4
_BYTES_OF_A_STATE = 12  # a weight and AdamW's two moments
_STATES = 3  # two are kept, and a third is written before one is deleted
_BYTES_OF_A_LOGIT = 4  # start and end in float16, before compression
_BYTES_OF_AN_ID, _BYTES_OF_AN_OFFSET = 4, 8


@dataclass(frozen=True)
class Shape:
    """An encoder's size, and whether it is known from its config.json (``mark``)."""

    layers: int
    width: int
    vocabulary: int
    positions: int
    mark: str

    @property
    def parameters(self) -> int:
        layer = 12 * self.width**2 + 13 * self.width
        return self.layers * layer + (self.vocabulary + self.positions + 4) * self.width + 2

    def forward(self, load: Load) -> float:
        """Operations of one pass over the windows."""
        return forward_flops(self.layers, self.width, load.tokens, load.squares)


@dataclass(frozen=True)
class Job:
    """Runs of one kind: what all of them together read, compute and leave on disk.

    ``files``: path -> bytes that are kept; ``working``: further bytes that one run needs meanwhile.
    """

    stage: str
    name: str
    load: Load
    runs: int = 1
    flops: float = 0.0
    files: dict[str, float] = field(default_factory=dict)
    working: float = 0.0


def backbone_shape(config: Config) -> Shape:
    """From the backbone's config.json; if not fetched yet, XLM-15's shape for the hub and
    multilingual-e5-small's for a wheel are assumed.

    Raises:
        UserError: if the file lacks the sizes, or a local folder has no config.json.
    """
    path = _backbone_config(config)
    if not path.exists():
        if config.backbone.wheel is not None:
            return Shape(layers=12, width=384, vocabulary=250_037, positions=512, mark=ASSUMED)
        if config.backbone.id is None:
            raise UserError(
                f"{path}: not there, so the backbone's size is unknown; a relative backbone.folder "
                f"is looked for in the working directory, {Path.cwd()}"
            )
        return Shape(layers=12, width=1024, vocabulary=95_000, positions=512 + 15, mark=ASSUMED)
    try:
        shape = json.loads(path.read_text(encoding="utf-8"))
        return Shape(
            layers=shape.get("n_layers") or shape["num_hidden_layers"],
            width=shape.get("emb_dim") or shape["hidden_size"],
            vocabulary=shape["vocab_size"],
            positions=shape["max_position_embeddings"] + shape.get("n_langs", 0),
            mark=COUNTED,
        )
    except (KeyError, ValueError) as error:
        raise UserError(f"{path}: does not say how large the backbone is ({error!r})") from None


def _backbone_config(config: Config) -> Path:
    return Path(config.checkpoint_folder(config.backbone), "config.json")


def jobs(config: Config, load_of: Callable[[Config, str], Load] = dataset_load) -> Iterator[Job]:
    """Everything that the default target computes on windows, stage by stage.

    Args:
        load_of: gives the windows of a training dataset by its name.

    Raises:
        UserError: if a file is missing and its size is unknown.
    """
    shape, teachers = backbone_shape(config), config.teacher_runs()
    systems, branches = config.systems, config.parts(["union"])
    datasets = [x for system in systems.values() for x in system.train or ["union"]]
    loads = {name: load_of(config, name) for name in config.parts(datasets)}
    for name, load in loads.items():
        files = {config.paths.windows(name): _BYTES_OF_AN_ID * load.tokens}
        yield Job("windows", name, load, files=files)
    tests = []
    cells = [(name, cell[0]) for name, b in config.benchmarks.items() for cell in b.cells()]
    for name, split in dict.fromkeys(cells):
        tests.append(load := benchmark_load(config, name, split))
        path = config.paths.benchmark_windows(name, split)
        size = (_BYTES_OF_AN_ID + _BYTES_OF_AN_OFFSET) * load.tokens
        yield Job("windows", f"{name}.{split}", load, files={path: size})
    seeds = {name: [*config.seeds_of(name)] for name in systems}
    for name, system in systems.items():
        of = [loads[x] for x in config.parts(system.train or ["union"])]
        more_seeds = [seed for n, seed in teachers if n == name and seed not in seeds[name]]
        yield _training(config, name, [*seeds[name], *more_seeds], total(of), shape)
    for name, seed in teachers:
        union = total(loads[x] for x in branches)
        size = _BYTES_OF_A_LOGIT * union.tokens
        files = {config.paths.system(name, seed).logits: size}
        # its blocks or shards still exist while they are merged
        yield Job("logits", name, union, 1, shape.forward(union), files, working=size)
    for name in systems:
        load = total(tests).times(len(seeds[name]))
        yield Job("predict", name, load, len(seeds[name]), shape.forward(load))


def _training(config: Config, name: str, seeds: list[int], data: Load, shape: Shape) -> Job:
    system, settings = config.systems[name], config.training_of(name)
    steps = settings.epochs * data.windows * (2 if system.lakm else 1)
    done = min(1.0, (settings.max_steps or steps) * settings.batch_size / steps) if steps else 0
    read = data.times(settings.epochs * done)
    passes = TRAINING_PASSES + settings.gradient_checkpointing
    flops = passes * shape.forward(read)
    if system.lakm and config.lakm:
        masking, mean = config.lakm.masking, data.tokens / data.windows
        shorter = min(1.0, masking.max_length / mean)
        phrases = Load(read.windows, read.tokens * shorter, read.squares * shorter**2, ASSUMED)
        head = 2 * masking.mask_rate * phrases.tokens * shape.width * shape.vocabulary
        flops += passes * shape.forward(phrases) + TRAINING_PASSES * head
        read = total([read, phrases])
    read = read.times(len(seeds))
    files: dict[str, float] = {
        config.paths.system(name, seed).model: _BYTES_OF_A_WEIGHT * shape.parameters
        for seed in seeds
    }
    working: float = _STATES * _BYTES_OF_A_STATE * shape.parameters
    if settings.select == "dev":  # one checkpoint per epoch, until one is chosen
        working += settings.epochs * _BYTES_OF_A_WEIGHT * shape.parameters
    if system.distil:
        teachers = len(system.distil.teacher_runs(seeds[0]))
        # each process expands them to its own file
        working += settings.num_processes * teachers * _BYTES_OF_A_LOGIT * data.tokens
    stage = "distil" if system.distil else "train"
    return Job(stage, name, read, len(seeds), len(seeds) * flops, files, working)


# -------------------------------------------------------------------------------------------- disk


def peak_disk(planned: Collection[Job], made: Collection[str] | None = None) -> float:
    """Bytes under results/ for all outputs (or those in ``made``) plus one job's working files."""
    kept = [job for job in planned if made is None or not job.files.keys().isdisjoint(made)]
    stay = [n for job in kept for path, n in job.files.items() if made is None or path in made]
    return sum(stay) + max((job.working for job in kept), default=0)


# -------------------------------------------------------------------------------------------- time


def calibrate(config: Config) -> float:
    """The device's operations per second in a large matrix product: bf16 on a GPU, else float32."""
    import torch

    device, threads = resolve(config.device.kind), torch.get_num_threads()
    torch.set_num_threads(config.device.threads)
    size, kind = (8192, torch.bfloat16) if device == "cuda" else (1024, torch.float32)
    a, b = (torch.randn(size, size, device=device).to(kind) for _ in range(2))
    seconds = []
    for _ in range(8):
        started = time.perf_counter()
        (a @ b)[0, 0].item()
        seconds.append(time.perf_counter() - started)
    torch.set_num_threads(threads)
    return 2 * size**3 / min(seconds)


def share_of_rate(config: Config) -> tuple[float, str]:
    """The share of its matrix rate that the device reaches in training.

    On a CPU the rate is float32's (`calibrate`), so bf16 may reach more than all of it.
    """
    uses_gpu = config.device.kind == "cuda" or (config.device.kind == "auto" and gpu_count() > 0)
    if _MEASURED.exists():  # only in a checkout; otherwise assumed and marked so
        measured = json.loads(_MEASURED.read_text(encoding="utf-8"))
        if ("gpu" in measured["machine"]) == uses_gpu:
            *_, largest = measured["shapes"].values()
            epochs = largest["epochs"]
            precision = "bf16" if config.training.precision == "bf16" else "float32"
            ours = epochs.get(f"ours, {precision}") or epochs["ours"]
            return ours["mfu"], MEASURED
    return _SHARE, ASSUMED


# -------------------------------------------------------------------------------------- the table


def report(config: Config, rate: float | None, rate_mark: str) -> str:
    """The plan as text, with hours only if ``rate`` (of matrix products, FLOP/s) is given."""
    planned, shape = list(jobs(config)), backbone_shape(config)
    asked, mark = training_size(config)
    share, share_mark = share_of_rate(config)
    lines = [
        f"Plan of the run `{config.run}`, the backbone of {si(shape.parameters)} parameters "
        f"{shape.mark} ({shape.layers} layers x {shape.width}), {asked.questions:,} English "
        f"training questions {mark}",
        "",
        f"{'':22}{'runs':>5}{'windows':>11}{'tokens':>11}{'FLOP':>11}{'time':>11}{'disk':>11}",
    ]

    def row(name: str, parts: Collection[Job]) -> str:
        load = total(job.load for job in parts)
        flops = sum(job.flops for job in parts)
        computed = least_certain([load.mark, shape.mark])
        hours = flops / (rate * share) / 3600 if rate and flops else None
        timed = least_certain([computed, rate_mark, share_mark])
        disk = sum(size for job in parts for size in job.files.values())
        return f"{name:22}{sum(job.runs for job in parts):5}" + "".join(
            f"{text:>11}"
            for text in (
                f"{si(load.windows)} {load.mark}",
                f"{si(load.tokens)} {load.mark}",
                f"{si(flops)} {computed}" if flops else "",
                "" if hours is None else f"{time_text(hours)} {timed}",
                f"{si(disk)}B {computed}" if disk else "",
            )
        )

    for stage in STAGES:
        if parts := [job for job in planned if job.stage == stage]:
            lines.append(row(stage, parts))
            if stage in ("train", "distil"):
                lines += [row(f"  {job.name}", [job]) for job in parts]
    everything = [job for job in planned if job.flops]
    computed = least_certain([shape.mark, *(job.load.mark for job in everything)])
    flops = sum(job.flops for job in everything)
    lines += ["", f"total        {si(flops)}FLOP {computed}"]
    if rate:
        timed = least_certain([computed, rate_mark, share_mark])
        lines.append(
            f"device-hours {flops / rate / share / 3600:.3g} {timed}: matrix products at "
            f"{si(rate)}FLOP/s {rate_mark}, of which a run reaches {share:.0%} {share_mark}"
        )
    else:
        lines.append("device-hours not known: give --rate or --calibrate")
    peak = peak_disk(planned)
    lines += [
        f"peak disk    {si(peak)}B {computed} under results/, one job at a time",
        "",
        "c counted, m measured, a assumed; a sum has the mark of its least certain",
        "part. All epochs and seeds are included. Not included: fetching, translation, scores,",
        "the sweep, the choice of models on dev data.",
    ]
    if shape.mark == ASSUMED:
        lines.append(
            f"Assumed: a backbone of XLM-15's size, since {_backbone_config(config)} is not in "
            f"{Path.cwd()} (`snakemake fetch` brings it)."
        )
    if any(job.load.mark == ASSUMED for job in planned):
        lines.append(
            f"Assumed: {WINDOWS_A_QUESTION} windows a question and {TOKENS_A_WINDOW} tokens a "
            "window (XQuAD's), every answer recovered."
        )
    return "\n".join(lines)


def time_text(hours: float) -> str:
    """Hours converted to the unit in which the number is at least 1, such as 13.4 h."""
    for unit, of_an_hour in (("h", 1), ("min", 60)):
        if hours * of_an_hour >= 1:
            return f"{hours * of_an_hour:.1f} {unit}"
    return f"{3600 * hours:.1f} s"


def si(number: float) -> str:
    """Three digits and an SI prefix: 87.6 k."""
    number, power = float(f"{number:.3g}"), 0
    while number >= 1000:
        number, power = number / 1000, power + 1
    return f"{number:.3g} {' kMGTPEZY'[power]}".strip()
