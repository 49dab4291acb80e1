import json
from pathlib import Path

from lbmrc.report.devices_note import devices_note

CPU = {"kind": "cpu", "name": "Xeon", "precision": "float32"}
GPU = {"kind": "cuda", "name": "H100", "precision": "bf16 autocast"}


def manifest(folder: Path, system: str, name: str, device: dict | None) -> Path:
    path = folder / f"systems/{system}/seed-42/{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"result": {}} | ({"device": device} if device else {})))
    return path


def test_one_device_needs_no_note(tmp_path):
    same = [manifest(tmp_path, name, "manifest", GPU) for name in ("a", "b")]
    assert devices_note([*same, manifest(tmp_path, "c", "manifest", None)]) == ""


def test_each_device_and_precision_is_named_with_its_systems(tmp_path):
    found = devices_note(
        [
            manifest(tmp_path, "a", "manifest", GPU),
            manifest(tmp_path, "b", "manifest", CPU),
            manifest(tmp_path, "b", "predictions.manifest", GPU),
            manifest(tmp_path, "c", "manifest", GPU | {"precision": "float32"}),
        ]
    )
    assert found.endswith("H100 (bf16 autocast): a, b; H100 (float32): c; Xeon (float32): b.")
