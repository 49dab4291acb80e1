"""All steps by priority, in at most ten minutes.

    python -m gpu.run FOLDER [--scale full|tiny] [--output FILE] [--steps NAME ...]

FOLDER is the result of `benchmarks/gpu.sh prepare`. Each measurement is written to the output file
as soon as it is made; the table comes at the end.
"""

import argparse
import multiprocessing
from dataclasses import replace
from functools import partial
from multiprocessing.context import BaseContext
from pathlib import Path

import torch

from gpu.inference import prediction, teacher_logits
from gpu.marian import translation
from gpu.paper import papers_matrix
from gpu.report import TRAINING, USUAL, table
from gpu.scale import SCALES, Setting
from gpu.steps import Findings, Step, run_steps
from gpu.training_steps import ceilings, lbmrcs_training, training_step, usual_recipe
from gpu.variants import FLASH, MASKED, VARIANTS, Variant
from gpu.workflow import real_full

SECONDS = 570.0  # ten minutes including imports
_STEP_SECONDS, _COMPILED_SECONDS = 14.0, 40.0


def steps_of(setting: Setting) -> list[Step]:
    """The steps in order of importance; the time is enough for all but the last."""
    first, *others = setting.scale.shapes
    steps = [
        Step("ceilings", 15, partial(ceilings, setting)),
        *_epochs(setting, first, 40),
        *(_variant(setting, first, variant) for variant in VARIANTS),
        Step("teacher logits", 25, partial(teacher_logits, setting, first)),
        Step("prediction", 20, partial(prediction, setting, first)),
        Step("translation", 80, partial(translation, setting)),
    ]
    for shape in others:
        steps += _epochs(setting, shape, 22)
        steps += [_variant(setting, shape, variant) for variant in (MASKED, FLASH)]
    steps.append(Step("the paper's matrix", 5, partial(papers_matrix, setting)))
    steps.append(Step("real-full", SECONDS, partial(real_full, setting)))
    patience = setting.scale.patience
    return [replace(step, seconds=patience * step.seconds) for step in steps]


def _epochs(setting: Setting, shape: str, seconds: float) -> list[Step]:
    return [
        Step(f"{shape}: {USUAL}", seconds, partial(usual_recipe, setting, shape)),
        Step(f"{shape}: {TRAINING}", seconds, partial(lbmrcs_training, setting, shape)),
    ]


def _variant(setting: Setting, shape: str, variant: Variant) -> Step:
    seconds = _STEP_SECONDS if variant.compiled is None else _COMPILED_SECONDS
    return Step(
        f"{shape}: {variant.name}", seconds, partial(training_step, setting, shape, variant)
    )


def find_device(folder: Path) -> tuple[str, BaseContext]:
    """The device that the steps' processes see, and how to start them.

    A forked process already has all imports; where CUDA does not survive a fork, spawn is used.
    """
    for method in ("fork", "spawn"):
        context = multiprocessing.get_context(method)
        findings = Findings(folder / "device.json", {})
        run_steps([Step("device", 60, device)], findings, 60, context, show=lambda line: None)
        if found := findings.value("device", "kind"):
            return found, context
    raise SystemExit(f"no step can be run here: {findings.steps[0]['reason']}")


def device(findings: Findings):
    """The kind of device available here."""
    kind = "cuda" if torch.cuda.is_available() else "cpu"
    torch.ones(1, device=kind).sum().item()
    yield {"name": "device", "kind": kind}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--scale", choices=SCALES, default="full", help="tiny: to try the script")
    parser.add_argument(
        "--output", type=Path, default=Path("benchmarks/results/gpu.json"), help="the JSON file"
    )
    parser.add_argument("--seconds", type=float, default=SECONDS, help="for all steps (570)")
    parser.add_argument(
        "--steps", nargs="+", metavar="WORD", help="only steps whose names hold one of these"
    )
    options = parser.parse_args()
    kind, context = find_device(options.folder)
    if kind == "cpu" and options.scale == "full":
        parser.error("no GPU is found here; --scale tiny tries the script without one")
    setting = Setting(SCALES[options.scale], kind, options.folder)
    steps = steps_of(setting)
    if options.steps:
        steps = [step for step in steps if any(word in step.name for word in options.steps)]
    findings = Findings(options.output, {"scale": options.scale})
    run_steps(steps, findings, options.seconds, context)
    print(table(findings))


if __name__ == "__main__":
    main()
