"""`benchmarks/gpu.sh` from beginning to end on a CPU, at tiny sizes."""

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from gpu import texts

LANGUAGES = ("en", "es", "de", "ar", "hi", "vi", "el", "ru", "tr")


@pytest.fixture
def xquad(tmp_path) -> Path:
    """Made-up passages in XQuAD's format, long enough for windows of several lengths."""
    draws = random.Random(0)
    words = [f"{a}{b}{c}" for a in "kmprst" for b in "aeiou" for c in "lnrs"]
    folder = tmp_path / "published"
    folder.mkdir()
    for language in LANGUAGES:
        paragraphs = []
        for number in range(6):
            passage = draws.choices(words, k=30 + 10 * number)
            text = " ".join(passage)
            questions = [
                {
                    "id": f"{number}-{word}",
                    "question": " ".join(draws.choices(words, k=6)) + "?",
                    "answers": [{"text": passage[word], "answer_start": text.index(passage[word])}],
                }
                for word in (7, 8)
            ]
            paragraphs.append({"context": text, "qas": questions})
        content = {"version": "1.1", "data": [{"title": "one", "paragraphs": paragraphs}]}
        (folder / f"xquad.{language}.json").write_text(json.dumps(content))
    return folder


@pytest.mark.slow
def test_all_steps_that_a_cpu_can_do(xquad, tmp_path, repository, capsys):
    folder, output = tmp_path / "prepared", tmp_path / "gpu.json"
    environment = os.environ | {
        "PYTHON": sys.executable,
        "OMP_NUM_THREADS": "1",
        "CUDA_VISIBLE_DEVICES": "",
        "TMPDIR": str(tmp_path),
    }
    texts.main([str(folder), "--xquad", str(xquad), "--scale", "tiny"])
    assert "MiB to carry along" in capsys.readouterr().out
    options = ["--scale", "tiny", "--seconds", "6000", "--output", str(output)]
    shown = subprocess.run(
        [repository / "benchmarks/gpu.sh", "run", folder, *options],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    ).stdout

    content = json.loads(output.read_text())
    log = output.with_suffix(".log").read_text()
    failed = [s for s in content["steps"] if s["ended"] not in ("done", "left out")]
    assert not failed, log[-4000:]
    reasons = {s["step"]: s["reason"] for s in content["steps"] if s["ended"] == "left out"}
    assert reasons.pop("xlm-15: usual recipe").startswith("SDPA")
    assert all("GPU" in reason or "on a CPU" in reason for reason in reasons.values())
    steps = [m for m in content["measured"] if "exact" in m]
    assert all(m["exact"] and m["attention_dropout"] for m in steps)
    compiled = "padded to 128s, layers compiled"
    assert {"attention padded and masked (now)", compiled} <= {m["name"] for m in steps}
    assert all("mfu" in m for m in content["measured"] if "windows_per_second" in m)
    done = {s["step"] for s in content["steps"] if s["ended"] == "done"}
    assert {f"{shape}: lbmrc's training" for shape in ("xlm-15", "e5-small")} <= done
    assert {"teacher logits", "prediction", "translation", "the paper's matrix"} <= done
    assert "tiny sizes" in shown and "the fastest exact step is" in shown
