"""The whole DAG, for real, on a few passages: from the synthetic corpus's files to the tables.

One folder sees the run undisturbed; in another, snakemake and all its jobs are killed again and
again until it is through. Both must end in the same bytes.
"""

import base64
import gzip
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys

import pytest
import yaml
from micro import REPOSITORY, checkout, command, results, snakemake

from lbmrc.evaluation.question_scores import CELL
from lbmrc.report.explorer_data import FIRST_RUN_CODE, RIGHT
from lbmrc.runtime.code_fingerprint import WITHOUT_INFLUENCE, import_closure


def test_the_tables_are_there_and_the_first_is_printed(finished):
    folder, output = finished
    tables = folder / "results/micro/tables"
    for number in range(1, 7):
        for form in ("csv", "md", "tex"):
            assert (tables / f"table{number}.{form}").stat().st_size > 100
    assert "Table 1" in (tables / "tables.txt").read_text(encoding="utf-8")
    assert " jobs in " in output and "Table 1" in output and "Table 2" not in output
    for page in ("report.html", "explorer.html"):
        assert f"results/micro/{page}" in output and (folder / f"results/micro/{page}").exists()
    for silent in ("Select jobs", "Execute", "Building DAG", "Provided", "steps"):
        assert silent not in output


def test_every_question_has_a_prediction_and_every_cell_a_score(finished):
    folder, _ = finished
    systems = ["baseline", "mixmrc", "lakm", "teacher-en", "teacher-es"]
    for system in [*systems, "ours-hyper", "ours-imp", "ours-mix-teachers"]:
        run = folder / f"results/micro/systems/{system}/seed-42"
        cells = sorted(path.stem for path in (run / "predictions").glob("*.json"))
        assert len(cells) == 9 + 3
        for cell in cells:
            _, _, context, question = cell.split(".")
            file = (
                folder / f"data/micro/MLQA_V1/test/test-context-{context}-question-{question}.json"
                if cell.startswith("mlqa")
                else folder / f"data/micro/xquad/xquad.{context}.json"
            )
            paragraphs = [p for a in json.loads(file.read_text())["data"] for p in a["paragraphs"]]
            asked = {qa["id"]: p["context"] for p in paragraphs for qa in p["qas"]}
            answers = json.loads((run / f"predictions/{cell}.json").read_text())
            assert answers.keys() == asked.keys()
            assert all(answer in asked[id] for id, answer in answers.items())
            score = json.loads((run / f"scores/{cell}.json").read_text())
            assert 0 <= score["exact_match"] <= score["f1"] + 1e-9 <= 100 + 1e-9


def test_every_file_and_every_column_is_in_the_docs(finished):
    folder, _ = finished
    page = (REPOSITORY / "docs/files.md").read_text(encoding="utf-8")
    documented = re.findall(r"`([^`\n]+)`", page)
    patterns = [
        re.escape(name).replace("…", ".+") for name in documented if "." in name or "…" in name
    ]
    patterns = [re.sub(r"\\\{[^{}]*\\\}", "[^/]+", pattern) for pattern in patterns]
    run = folder / "results/micro"
    for path in run.rglob("*"):
        name = path.relative_to(run).as_posix()
        if path.is_dir() or "/model/" in name:
            continue
        below = re.sub(r"^(systems|sweep)/[^/]+/seed-\d+/|^tables/", "", name)
        names = {below, re.sub(r"\.(md|tex)$", ".csv", below) if "tables/" in name else below}
        found = any(re.fullmatch(p, each) for p in patterns for each in names)
        assert found, f"docs/files.md does not name {name}"
        if path.suffix == ".csv":
            header = path.read_text(encoding="utf-8").splitlines()[0]
            columns = set(re.sub(r"_(en|de)\b", "_{language}", header).split(","))
            assert columns <= {*documented}, f"{name}: {columns - {*documented}}"


def test_the_report_holds_tables_figures_and_times(finished):
    folder, _ = finished
    run = folder / "results/micro"
    page = (run / "report.html").read_text(encoding="utf-8")
    for part in ("Table 1: MLQA", "ours-imp against mixmrc", "teacher_weights", "Time and memory"):
        assert part in page
    figures = {path.stem for path in (run / "figures").iterdir()}
    expected = {"gxlt", "boundaries", "answers", "teacher_weights", "recovery", "training"}
    assert figures == expected | {"calibration"}
    assert (run / "systems/ours-imp/seed-42/scores/questions.parquet").stat().st_size > 1000


def test_the_explorer_scores_every_system_as_its_score_files_do(finished):
    folder, _ = finished
    page = (folder / "results/micro/explorer.html").read_text(encoding="utf-8")
    packed = re.search(r'id="data">([^<]+)<', page)[1]
    data = json.loads(gzip.decompress(base64.b64decode(packed)))
    assert len(data["cells"]) == 9 + 3 and len(data["runs"]) == 8
    for cell in data["cells"]:
        name = ".".join(cell[key] for key in CELL)
        for run, (system, seed) in enumerate(data["runs"]):
            given = [row[5][ord(row[6][run]) - FIRST_RUN_CODE] for row in cell["rows"]]
            system_folder = f"results/micro/systems/{data['systems'][system]}/seed-{seed}"
            scores = json.loads((folder / f"{system_folder}/scores/{name}.json").read_text())
            exact = 100 * sum(verdict == RIGHT for _, verdict, _ in given) / len(given)
            f1 = 100 * sum(f1 for *_, f1 in given) / len(given)
            assert exact == pytest.approx(scores["exact_match"])
            assert f1 == pytest.approx(scores["f1"], abs=0.01)


def test_every_stage_leaves_a_manifest(finished):
    folder, _ = finished
    manifest = folder / "results/micro/systems/ours-imp/seed-42/manifest.json"
    content = json.loads(manifest.read_text())
    assert content["settings"]["seed"] == 42
    assert content["seconds"] > 0
    assert content["inputs"]
    assert "torch" in content["versions"]


STAGES = {
    "manifests/examples.squad.en.json": "read_examples.py",
    "manifests/translate.es.json": "translate_squad.py",
    "manifests/branch.es.json": "build_branch.py",
    "manifests/mixed.json": "mix_questions.py",
    "manifests/windows.branch.es.json": "build_windows.py",
    "manifests/windows.mlqa.test.json": "build_benchmark_windows.py",
    "manifests/windows.phrases.de.json": "build_phrase_windows.py",
    "systems/baseline/seed-42/manifest.json": "train_system.py",
    "systems/lakm/seed-42/manifest.json": "train_with_lakm.py",
    "systems/teacher-es/seed-42/logits.manifest.json": "dump_logits.py",
    "systems/ours-imp/seed-42/manifest.json": "distil_student.py",
    "systems/ours-imp/seed-42/predictions.manifest.json": "answer_benchmarks.py",
}


@pytest.mark.parametrize(("manifest", "script"), STAGES.items())
def test_the_code_fingerprint_covers_every_module_that_a_stage_loaded(finished, manifest, script):
    folder, _ = finished
    loaded = json.loads((folder / "results/micro" / manifest).read_text())["modules"]
    without = [f"{name.replace('.', '/')}.py" for name in WITHOUT_INFLUENCE]
    scripts = [f"workflow/scripts/{script}", *without]
    closure = {path for name in scripts for path in import_closure(folder / name, folder)}
    files = {path.relative_to(folder).with_suffix("").as_posix() for path in closure}
    known = {name.removesuffix("/__init__").replace("/", ".") for name in files}
    assert set(loaded) <= known


def test_the_student_answers_a_question(finished):
    folder, _ = finished
    model = folder / "results/micro/systems/ours-imp/seed-42/model"
    passage = "Sofia Zogal was born on March 7, 1976. Lina Zemil was a gardener."
    command = [sys.executable, "-m", "lbmrc.cli", "ask", str(model), "--language", "en"]
    command += ["--question", "When was Sofia Zogal born?", "--passage", passage]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    sentence, *best = result.stdout.splitlines()
    assert "»" in sentence
    assert len(best) == 3
    for line in best:
        sure, _, start, text = line.split(maxsplit=3)
        assert sure.endswith("%")  # it is calibrated
        assert passage[int(start) :].startswith(text)


@pytest.mark.parametrize("cell", ["xquad.test.es.es", "mlqa.test.de.en"])
def test_predict_and_score_give_the_workflows_own_scores(finished, tmp_path, cell):
    folder, _ = finished
    benchmark, _, told, asked = cell.split(".")
    system = folder / "results/micro/systems/ours-imp/seed-42"
    file = {
        "xquad": f"data/micro/xquad/xquad.{told}.json",
        "mlqa": f"data/micro/MLQA_V1/test/test-context-{told}-question-{asked}.json",
    }[benchmark]
    output = tmp_path / "predictions.json"
    languages = ["--language", told, "--question-language", asked]
    metric = ["--metric", "squad" if benchmark == "xquad" else "mlqa", "--language", told]

    def lbmrc(*arguments):
        command = [sys.executable, "-m", "lbmrc.cli", *map(str, arguments)]
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)

    lbmrc("predict", system, file, "-o", output, *languages)
    assert json.loads(output.read_text()) == json.loads(
        (system / f"predictions/{cell}.json").read_text()
    )
    scores = json.loads(lbmrc("score", file, output, *metric).stdout)
    own = json.loads((system / f"scores/{cell}.json").read_text())
    assert scores == {name: own[name] for name in ("exact_match", "f1")}


def test_each_student_is_calibrated_and_has_a_model_card(finished):
    folder, _ = finished
    for student in ("ours-hyper", "ours-imp", "ours-mix-teachers"):
        system = folder / f"results/micro/systems/{student}/seed-42"
        calibration = json.loads((system / "calibration.json").read_text())
        assert calibration["dataset"] == "mlqa.dev.en.en"
        assert calibration["temperature"] > 0
        card = (system / "README.md").read_text(encoding="utf-8")
        assert f"# {student} (run micro, seed 42)" in card
        assert "[of[passage_language]] * (len(ids) - first)" in card


def test_no_stage_leaves_its_state_behind(finished):
    folder, _ = finished
    assert not [p for p in (folder / "results").rglob("*.state")]


def test_a_second_run_has_nothing_to_do(finished):
    folder, _ = finished
    assert "Nothing to be done" in snakemake(folder)


@pytest.mark.slow
def test_killed_again_and_again_it_ends_in_the_same_bytes(finished, tmp_path):
    folder = checkout(tmp_path)
    chance = random.Random(5)
    for _ in range(3):
        process = subprocess.Popen(
            command(),
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            process.wait(chance.uniform(8, 25))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            snakemake(folder, "--unlock")
    snakemake(folder)
    undisturbed, _ = finished
    assert results(folder) == results(undisturbed)


def test_ready_made_translations_take_the_place_of_an_engine(finished, tmp_path):
    folder = shutil.copytree(finished[0], tmp_path / "copy")
    path = folder / "tests/micro.yaml"
    config = yaml.safe_load(path.read_text())
    # English passages for Spanish: the file goes through with its own answers. Its questions differ
    # from the source's, since a copy of the source counts as not translated.
    dataset = json.loads((folder / "data/micro/squad/train-v1.1.json").read_text())
    for article in dataset["data"]:
        for paragraph in article["paragraphs"]:
            for qa in paragraph["qas"]:
                qa["question"] = f"¿{qa['question']}"
    (folder / "data/micro/squad/train.es.json").write_text(json.dumps(dataset))
    ready_made = {"engine": "ready-made", "file": "squad/train.es.json"}
    config["translation"]["engines"]["es"] = ready_made
    path.write_text(yaml.safe_dump(config, sort_keys=False))
    snakemake(folder, "--until", "translate_squad")
    funnel = json.loads((folder / "results/micro/translation/es.recovery.json").read_text())
    assert funnel["kept"] == funnel["questions"] > 0
    assert funnel["engine"] == "ready-made train.es.json"


def test_a_sweep_tries_every_point_on_dev_data_and_shows_them(finished):
    folder, _ = finished
    before = results(folder)
    output = snakemake(folder, "--rerun-incomplete", "sweep")
    table = (folder / "results/micro/sweep/sweep.md").read_text(encoding="utf-8")
    assert table in output
    rows = [line.split("|") for line in table.splitlines() if line.startswith("| 0.5")]
    assert sorted(row[3].strip() for row in rows) == ["2", "4"]
    scored = {path.name for path in (folder / "results/micro/sweep").rglob("scores/*.json")}
    assert scored == {"mlqa.dev.en.en.json", "mlqa.dev.de.de.json"}
    after = results(folder)
    assert {path: after[path] for path in before} == before
