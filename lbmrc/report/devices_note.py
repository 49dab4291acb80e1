"""A note under the tables if their scores come from different devices or precisions.

bf16 and float32 give slightly different weights and logits, so a difference between two systems may
be due to hardware.
"""

from collections.abc import Iterable
from pathlib import Path

from lbmrc.common.json_io import read_json


def devices_note(manifests: Iterable[str | Path]) -> str:
    """Which systems ran on which device, if not all on the same; otherwise empty.

    Args:
        manifests: of training and prediction, as `lbmrc.common.paths.SystemPaths` names them.
    """
    systems: dict[str, dict[str, None]] = {}
    for path in map(Path, manifests):
        if device := read_json(path).get("device"):
            shown = f"{device['name']} ({device['precision']})"
            systems.setdefault(shown, {})[path.parent.parent.name] = None
    if len(systems) < 2:
        return ""
    used = "; ".join(f"{shown}: {', '.join(systems[shown])}" for shown in sorted(systems))
    return f"Trained or evaluated on different devices or in different precisions. {used}."
