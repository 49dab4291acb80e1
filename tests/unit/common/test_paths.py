import re
import subprocess
import sys
from pathlib import Path

import pytest

from lbmrc.common.paths import RunPaths, SystemPaths

CELL = ("mlqa", "test", "es", "en")
PATHS = RunPaths.of("mini")
OURS = PATHS.system("ours-imp", 42)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (PATHS.articles("test", "xquad/xquad.en.json"), "articles/test/xquad/xquad.en.json"),
        (PATHS.examples("branch.es"), "examples/branch.es.parquet"),
        (PATHS.questions("de"), "translation/de.questions.parquet"),
        (PATHS.recovered("de"), "translation/de.recovered.parquet"),
        (PATHS.recovery("de"), "translation/de.recovery.json"),
        (PATHS.phrases("en"), "phrases/en.txt"),
        (PATHS.windows("mixed"), "windows/mixed.arrow"),
        (PATHS.benchmark_windows("mlqa", "dev"), "windows/benchmarks/mlqa.dev.arrow"),
        (PATHS.dev_windows("mlqa", "dev"), "windows/dev/mlqa.dev.arrow"),
        (PATHS.phrase_windows("en"), "windows/phrases.en.arrow"),
        (PATHS.manifest("translate.es"), "manifests/translate.es.json"),
        (PATHS.code_records, "manifests/code"),
        (OURS.model, "systems/ours-imp/seed-42/model"),
        (OURS.metrics, "systems/ours-imp/seed-42/metrics.jsonl"),
        (OURS.manifest, "systems/ours-imp/seed-42/manifest.json"),
        (OURS.logits, "systems/ours-imp/seed-42/logits.parquet"),
        (OURS.logits_manifest, "systems/ours-imp/seed-42/logits.manifest.json"),
        (OURS.predictions(CELL), "systems/ours-imp/seed-42/predictions/mlqa.test.es.en.json"),
        (OURS.predictions_manifest, "systems/ours-imp/seed-42/predictions.manifest.json"),
        (OURS.scores(CELL), "systems/ours-imp/seed-42/scores/mlqa.test.es.en.json"),
        (OURS.question_scores, "systems/ours-imp/seed-42/scores/questions.parquet"),
        (PATHS.swept("nll1", 42).scores(CELL), "sweep/nll1/seed-42/scores/mlqa.test.es.en.json"),
        (PATHS.table("table2.md"), "tables/table2.md"),
        (PATHS.summary, "tables/summary.txt"),
        (PATHS.figure("gxlt"), "figures/gxlt.svg"),
        (PATHS.report, "report.html"),
        (PATHS.explorer, "explorer.html"),
        (PATHS.logs, "logs"),
        (PATHS.benchmarks, "benchmarks"),
    ],
)
def test_where_files_are(path, expected):
    assert path == f"results/mini/{expected}"


def test_names_may_be_wildcards_and_the_folder_another():
    assert RunPaths("<results>").system("{system}", "{seed}").model == (
        "<results>/systems/{system}/seed-{seed}/model"
    )
    assert (
        SystemPaths.under(Path("a/systems"), "b", 1).metrics == "a/systems/b/seed-1/metrics.jsonl"
    )


def test_only_this_module_spells_results():
    library = Path(__file__).parents[3] / "lbmrc"
    spelled = [
        str(path.relative_to(library))
        for path in library.rglob("*.py")
        # not "results": of a model card's metadata
        if re.search(r'"results(/|"(?!:))|seed-\{', path.read_text())
    ]
    assert spelled == ["common/paths.py"]


def test_rules_get_paths_from_the_standard_library_alone():
    code = (
        "import sys, lbmrc.common.paths as paths;"
        "print({name.split('.')[0] for name in sys.modules} - sys.stdlib_module_names)"
    )
    ran = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True)
    assert set(ran.stdout.strip()[1:-1].split(", ")) <= {"'lbmrc'", "'__main__'"}, ran.stdout
