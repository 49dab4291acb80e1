"""`lbmrc export`: the folder is read by the reader; its ONNX file answers as torch."""

import sys

import pytest
from readers import calibrate, write_bert, write_xlm

from lbmrc.cli import main
from lbmrc.evaluation.reader import Reader

PASSAGE = "The Denver Broncos beat the Carolina Panthers."


@pytest.fixture(scope="module")
def system(tmp_path_factory):
    """As the workflow leaves it: the model, and calibration and card beside it."""
    folder = tmp_path_factory.mktemp("systems") / "seed-42"
    write_xlm(folder / "model")
    calibrate(folder)
    (folder / "README.md").write_text("# A card\n")
    (folder / "model/notes.txt").write_text("not for others")
    return folder


def test_a_folder_for_others_holds_all_and_no_more(system, tmp_path, capsys):
    target = tmp_path / "deep/hub"
    assert main(["export", str(system), str(target)]) == 0
    names = {path.name for path in target.iterdir()}
    assert names >= {"README.md", "calibration.json", "config.json", "model.safetensors"}
    assert names >= {"vocab.json", "merges.txt"} and "notes.txt" not in names
    expected, found = (
        Reader(folder).answer("Who?", PASSAGE, question_language="en")
        for folder in (system, target)
    )
    assert found == expected and found.confidence is not None
    assert not capsys.readouterr().err
    assert main(["export", str(system), str(target)]) == 1
    assert "exists already; name a new folder" in capsys.readouterr().err


def test_what_is_missing_is_said(tmp_path, capsys):
    write_bert(tmp_path / "model")
    assert main(["export", str(tmp_path / "model"), str(tmp_path / "hub")]) == 0
    printed = capsys.readouterr().err
    assert "no calibration.json" in printed and "no README.md" in printed


def test_without_the_packages_it_says_so_and_writes_nothing(system, tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    assert main(["export", str(system), str(tmp_path / "hub"), "--onnx"]) == 1
    assert "pip install 'lbmrc[onnx]'" in capsys.readouterr().err
    assert not (tmp_path / "hub").exists()


@pytest.mark.slow
@pytest.mark.parametrize("write", [write_xlm, write_bert])
def test_onnx_answers_as_torch(write, tmp_path, capsys):
    pytest.importorskip("onnxruntime", reason="lbmrc[onnx] is not installed")
    model, target = write(tmp_path / "model"), tmp_path / "hub"
    assert main(["export", str(model), str(target), "--onnx", "--int8"]) == 0
    printed = capsys.readouterr().out
    assert "model.onnx: logits differ from torch's by " in printed
    assert {"model.onnx", "model.int8.onnx"} <= {path.name for path in target.iterdir()}
    from lbmrc.sharing.onnx_file import check_onnx, random_batches

    batches = random_batches(model, batches=2, windows=3)
    found = check_onnx(model, target / "model.onnx", [batches[0], batches[1][:1, :17]])
    assert found.difference <= 1e-4
