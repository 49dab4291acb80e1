"""Why a stage would run again: which input, parameter or module changed, one sentence per stage.

Reads the reasons from the workflow's plan (`lbmrc.planning.planned_jobs`). A rule's ``code`` is one
fingerprint of all modules that its stage imports. To name the module that was edited, the modules'
own fingerprints are in ``results/<run>/manifests/code/<fingerprint>.json``, written at the start of
each run.
"""

import ast
import json
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from lbmrc.common.atomic import write_text
from lbmrc.common.errors import UserError
from lbmrc.common.paths import CODE_RECORDS, RunPaths
from lbmrc.planning.planned_jobs import PlannedJob, planned_jobs
from lbmrc.runtime.code_fingerprint import code_fingerprint, import_closure, module_fingerprints
from lbmrc.runtime.devices import gpu_count

Codes = Mapping[str, Mapping[str, str]]
"""Code fingerprint -> {module's file: its own fingerprint}."""

_SHOWN = 2
_CHARACTERS_OF_A_VALUE = 60
_NEVER_MADE = "Missing output files: "
_REASONS = {
    "Forced execution": "it was asked for (--forcerun)",
    _NEVER_MADE: "it has not made {}",
    "Incomplete output files: ": "it was interrupted while it made {}",
    "Updated input files: ": "{} changed",
    "Input files updated by another job: ": "{} will be made anew",
    "Set of input files has changed since last execution": "it reads other files than before",
    "Code has changed since last execution": "the rule's command changed",
    "Params have changed since last execution: ": "{}",
}
_PARAMS = re.compile(r".*?before: (.*) now: (.*?) ?$", re.DOTALL)


def why(root: str | Path, arguments: Sequence[str]) -> Iterator[str]:
    """One sentence per stage that would run, in the order of the DAG.

    Jobs of one rule that have never run share a line with their count; each job that would run
    again has a separate line.

    Args:
        root: folder of the Snakefile.
        arguments: for snakemake: targets, ``--configfile`` and ``--config``.

    Raises:
        UserError: if there is no workflow, or it rejects the arguments.
    """
    root = Path(root)
    if not any((root / name).is_file() for name in ("Snakefile", "workflow/Snakefile")):
        raise UserError(f"{root.resolve()}: no Snakefile here; run it where the workflow is")
    codes = recorded_codes(root) | current_codes(root)
    stages: dict[str, list[PlannedJob]] = {}
    for job in planned_jobs(root, arguments):
        stages.setdefault(job.rule, []).append(job)
    for rule, jobs in stages.items():
        new = [job for job in jobs if job.reason.startswith(_NEVER_MADE)]
        if new:
            several = f"{len(new)} jobs, none has been made yet"
            yield f"{rule}: {several if len(new) > 1 else '1 job, not made yet'}"
        for job in jobs:
            if job not in new:
                yield f"{job.message}: {explain(job.reason, codes)}"


def made_on_other_devices(root: str | Path, run: str, kind: str) -> Iterator[str]:
    """One sentence per other kind of device on which results of a run were made.

    This is no reason to run again: on a cluster some jobs get a GPU and some do not. But bfloat16
    on a GPU and float32 on a CPU give different numbers.

    Args:
        root: folder that contains ``results``.
        run: name of the run.
        kind: the config's ``device.kind``.
    """
    if kind == "auto":
        kind = "cuda" if gpu_count() else "cpu"
    found: dict[tuple[str, str], list[Path]] = {}
    for path in sorted(Path(root, RunPaths.of(run).folder).rglob("*.json")):
        if "manifest" in path.name or path.parent.name == "manifests":
            device = json.loads(path.read_text(encoding="utf-8")).get("device") or {}
            if device.get("kind") not in (None, kind):
                key = device["kind"], device.get("precision", "an unknown precision")
                found.setdefault(key, []).append(path)
    for (other, precision), paths in found.items():
        yield (
            f"Note: results of {len(paths)} jobs were made on {other} in {precision}, and the "
            f"config now asks for {kind}; this reruns nothing. First: {paths[0]}"
        )


def explain(reason: str, codes: Codes) -> str:
    """Snakemake's reason in words."""
    starts = "|".join(map(re.escape, _REASONS))
    parts = re.findall(rf"({starts})(.*?)(?=; (?:{starts})|$)", reason, re.DOTALL)
    reasons = []
    for start, rest in parts:
        words = _params(rest, codes) if start.startswith("Params") else _files(rest)
        reasons.append(_REASONS[start].format(words))
    return "; ".join(reasons) or reason


def record_codes(root: str | Path, results: str | Path) -> None:
    """Record the current module fingerprints of every stage for a later `why`."""
    folder = Path(results) / CODE_RECORDS
    for fingerprint, modules in current_codes(root).items():
        path = folder / f"{fingerprint}.json"
        if not path.exists():
            write_text(path, json.dumps(modules, indent=1) + "\n", shared=True)


def recorded_codes(root: Path) -> dict[str, dict[str, str]]:
    files = root.glob(f"{RunPaths.of('*').code_records}/*.json")
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in files}


def current_codes(root: str | Path) -> dict[str, dict[str, str]]:
    root = Path(root)
    return {
        code_fingerprint(script, root): module_fingerprints(import_closure(script, root), root)
        for script in sorted((root / "workflow/scripts").glob("*.py"))
    }


def _files(text: str) -> str:
    files = sorted(text.split(", "))
    more = f" and {len(files) - _SHOWN} more" if len(files) > _SHOWN else ""
    return ", ".join(files[:_SHOWN]) + more


def _params(text: str, codes: Codes) -> str:
    """``before: '…','…' now: '…'`` in words."""
    if not (match := _PARAMS.match(text)):
        return text
    before, now = (_values(part) for part in match.groups())
    differences = []
    for old in list(before):
        new = next((value for value in now if _same_kind(old, value)), None)
        if new is not None:
            before.remove(old)
            now.remove(new)
            differences.append(_difference(old, new, codes))
    differences += [f"the parameter {_short(value)} is gone" for value in before]
    differences += [f"the parameter {_short(value)} is new" for value in now]
    return ", and ".join(differences)


def _values(text: str) -> list[Any]:
    """The values of the params, parsed if they are JSON."""
    if text.startswith("<nothing"):
        return []
    try:
        literals = ast.literal_eval(f"[{text}]")
    except (SyntaxError, ValueError):
        return [text]
    return [_from_json(value) for value in literals]


def _from_json(value: Any) -> Any:
    try:
        found = json.loads(value)
    except (TypeError, ValueError):
        return value
    return found if isinstance(found, dict | list) else value


def _same_kind(old: Any, new: Any) -> bool:
    """Whether one can be the other's new value: same section of the config, or both code."""
    if isinstance(old, dict) and isinstance(new, dict):
        return bool(old.keys() & new.keys())
    return type(old) is type(new) and _is_code(old) == _is_code(new)


def _is_code(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch("[0-9a-f]{16}", value) is not None


def _difference(old: Any, new: Any, codes: Codes) -> str:
    if isinstance(old, dict):
        keys = [key for key in {**old, **new} if old.get(key) != new.get(key)]
        return ", ".join(f"{k} was {_short(old.get(k))} and is {_short(new.get(k))}" for k in keys)
    if _is_code(new):
        if old not in codes or new not in codes:
            return "its code changed (what it was is not on record)"
        files = {**codes[old], **codes[new]}
        edited = sorted(f for f in files if codes[old].get(f) != codes[new].get(f))
        return f"{', '.join(edited)} changed"
    return f"{_short(old)} became {_short(new)}"


def _short(value: Any) -> str:
    return textwrap.shorten(str(value), _CHARACTERS_OF_A_VALUE, placeholder=" …")
