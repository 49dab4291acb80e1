import hashlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lbmrc.common.errors import UserError
from lbmrc.common.hashing import folder_fingerprint
from lbmrc.runtime.manifest import Manifest, device_of_shards, device_used
from lbmrc.runtime.version import commit


def test_a_manifest_says_what_a_stage_was_given_and_took(tmp_path, monkeypatch):
    for name in [name for name in os.environ if name.startswith("MALLOC_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("MALLOC_TOP_PAD_", "65536")
    data, model = tmp_path / "data.json", tmp_path / "model"
    data.write_text("{}")
    model.mkdir()
    (model / "config.json").write_text("{}")
    target = tmp_path / "out/manifest.json"
    with Manifest(
        target,
        inputs={"data": [data], "model": [model]},
        settings={"seed": 7, "where": Path("x")},
        code="c0de",
    ) as manifest:
        time.sleep(0.05)
        subprocess.run([sys.executable, "-c", "x = bytearray(90_000_000)"], check=True)
        manifest.result = {"rows": 3}
    content = json.loads(target.read_text())
    assert content["result"] == {"rows": 3}
    assert content["settings"] == {"seed": 7, "where": "x"}
    assert content["inputs"]["data"] == {str(data): hashlib.sha256(b"{}").hexdigest()}
    assert content["inputs"]["model"] == {str(model): folder_fingerprint(model)}
    assert content["code"] == "c0de" and content["commit"] == commit()
    assert {"lbmrc", "lbmrc.runtime.manifest", "lbmrc.common.hashing"} <= set(content["modules"])
    assert content["seconds"] >= 0.05
    assert content["peak_memory_mib"]["process"] > 5
    assert content["peak_memory_mib"]["largest_child"] > 85
    assert {"python", "lbmrc"} <= set(content["versions"])
    assert content["machine"]["malloc"] == {"MALLOC_TOP_PAD_": "65536"}


def test_the_device_is_named_with_its_precision():
    used = device_used("cpu", "float32")
    assert used["kind"] == "cpu" and used["precision"] == "float32"
    assert used["name"]
    assert device_used("cuda:0", "bf16 autocast")["kind"] == "cuda"


def test_shards_of_one_kind_of_device_and_precision_go_together(tmp_path):
    paths = [tmp_path / f"{number}.json" for number in range(2)]

    def made_on(*devices):
        for path, (kind, precision) in zip(paths, devices, strict=True):
            device = {"kind": kind, "name": path.stem, "precision": precision}
            path.write_text(json.dumps({"device": device}))
        return device_of_shards(paths)

    found = made_on(("cuda", "bf16 autocast"), ("cuda", "bf16 autocast"))
    assert found == {"kind": "cuda", "name": "0", "precision": "bf16 autocast"}
    for other in [("cpu", "float32"), ("cuda", "float32")]:
        with pytest.raises(UserError, match=rf"1.json: made on {other[0]} in float32, but"):
            made_on(("cuda", "bf16 autocast"), other)


def test_a_stage_that_fails_leaves_none(tmp_path):
    with pytest.raises(RuntimeError), Manifest(tmp_path / "m", inputs={}, settings={}, code=""):
        raise RuntimeError
    assert not list(tmp_path.iterdir())


def test_only_loaded_libraries_are_named_and_none_is_loaded(tmp_path):
    program = (
        "import sys, json\n"
        "from lbmrc.runtime.manifest import Manifest\n"
        f"with Manifest({str(tmp_path / 'm')!r}, inputs={{}}, settings={{}}, code=''):\n"
        "    import pyarrow\n"
        "print(json.dumps(sorted(sys.modules)))\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert not {"torch", "transformers", "pandas"} & set(json.loads(ran.stdout))
    versions = json.loads((tmp_path / "m").read_text())["versions"]
    assert "pyarrow" in versions and "torch" not in versions
