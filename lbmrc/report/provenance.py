"""The origin of a run's results: systems, from the config; machines, from the manifests."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from lbmrc.common.json_io import read_json
from lbmrc.common.markdown import markdown_table
from lbmrc.report.job_times import mebibytes

COMMIT = "commit"
DATE = "stages began"
DEVICE = "device of models"


def machines(manifests: Iterable[str | Path]) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """What stages ran on, from their manifests: versions by package, then machines by property.

    Several values for one name mean that stages ran with different ones.
    """
    versions: dict[str, set[str]] = {}
    machine: dict[str, set[str]] = {}
    begun = []
    for path in manifests:
        content = read_json(path)
        begun += [began] if (began := content.get("began")) else []
        if commit := content.get("commit"):
            machine.setdefault(COMMIT, set()).add(commit)
        for found, values in (("versions", versions), ("machine", machine)):
            for name, value in content[found].items():
                values.setdefault(name, set()).add(_shown(value))
        if device := content.get("device"):
            shown = f"{device['name']} ({device['precision']})"
            machine.setdefault(DEVICE, set()).add(shown)
    if begun:
        days = dict.fromkeys(began[:10] for began in (min(begun), max(begun)))
        machine[DATE] = {" to ".join(days)}
    if peaks := machine.pop("gpu_peak_memory_mib", None):
        machine["gpu memory at its highest"] = {mebibytes(max(map(float, peaks)))}
    versions_sorted, machine_sorted = (
        {name: sorted(values) for name, values in sorted(found.items())}
        for found in (versions, machine)
    )
    return versions_sorted, machine_sorted


def _shown(value: Any) -> str:
    """A property; settings, such as environment variables, as ``NAME=value, …``."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name}={setting}" for name, setting in value.items())
    return str(value)


def machines_markdown(
    versions: Mapping[str, Sequence[str]], machine: Mapping[str, Sequence[str]]
) -> str:
    """The machines, then the versions of packages, as `machines` found them."""
    tables = [
        markdown_table(header, [[name, ", ".join(found)] for name, found in values.items()], 2)
        for header, values in ((["machine", ""], machine), (["package", "version"], versions))
    ]
    return "\n\n".join(tables)


def systems_markdown(
    systems: Mapping[str, Mapping[str, Any]], seeds: Mapping[str, Sequence[int]]
) -> str:
    """How each system was trained."""
    rows = []
    for name, system in systems.items():
        if distil := system.get("distil"):
            weights = distil["weights"]
            shown = weights if isinstance(weights, str) else ", ".join(map(str, weights))
            what = f"distilled from {', '.join(distil['teachers'])}"
            if several := distil.get("teacher_seeds"):
                what += f" of seeds {', '.join(map(str, several))}"
            what += f"; weights: {shown}"
        else:
            what = f"gold labels of {', '.join(system['train'])}"
            what += " and masked phrases in turn" if system.get("lakm") else ""
        changed = {**system.get("training", {}), **(system.get("distil") or {}).get("settings", {})}
        what += "".join(f"; {key} {value}" for key, value in changed.items())
        rows.append([name, what, ", ".join(map(str, seeds[name]))])
    return markdown_table(["system", "trained on", "seeds"], rows, 3)
