"""A change costs what it changes: the exact jobs that `snakemake -n` plans after each edit.

Each edit is made in a copy of the finished run (some 10 MB and links to the weights). The dry runs
of all edits that are tested start at the first test, as many at once as there are cores.
"""

import shutil
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
from dry_runs import AT_ONCE, jobs, plan, planners
from edits import (
    append,
    clone,
    comment_everywhere,
    configure,
    configure_by,
    docstring_everywhere,
    forget_times,
    one_more_language,
    one_more_teacher,
    remove,
    replace,
    touch_data,
    touch_workflow,
)
from micro import duplicate, results, snakemake

# ---------------------------------------------------------------- jobs, by what they print

LANGUAGES = {"en", "es", "de"}
STUDENTS = {"ours-hyper", "ours-imp"}
ALL_STUDENTS = STUDENTS | {"ours-mix-teachers"}
TEACHERS = {"teacher-en", "teacher-es", "mixmrc", "mixmrc/43"}
TRAINED = {"baseline", "lakm"} | TEACHERS
SCORED = TRAINED - {"mixmrc/43"} | ALL_STUDENTS

MESSAGES = {
    "generate": "generate the synthetic corpus in the published formats",
    "examples": "read the English training data, every answer checked at its offset",
    "translate": "translate questions and passages into {}, recover the answers",
    "branch": "language branch D_{}: its passages, each question in several languages",
    "mixed": "mixMRC: questions and passages of different languages, mixed",
    "windows": "windows of {}",
    "phrases": "windows of {} passages that hold phrases",
    "train": "train {} on gold labels",
    "logits": "logits of {} on the union D",
    "distil": "distil {} from its teachers",
    "predict": "{} answers every benchmark",
    "score": "score {} by the official rules",
    "calibrate": "calibrate the confidence of {} on dev data",
    "card": "model card of {}",
    "comparisons": "compare systems question by question",
    "pairs": "passage language against question language",
    "answers": "boundaries of wrong predictions, scores by type and length of the answer",
    "weights": "how the impurity weights fall",
    "recovery": "what became of the answers in translation",
    "losses": "losses of every system over training",
    "confidence": "how far the students' confidence is from the share of right answers",
    "tables": "the tables, ours beside the paper",
    "report": "one page with everything: results/micro/report.html",
    "explorer": "every question, its passage and every prediction: results/micro/explorer.html",
}


def each(stage: str, names: set[str]) -> set[str]:
    """The jobs of a stage: of languages, datasets or systems (s, or s/43 in another seed)."""
    if stage in ("train", "logits", "distil", "predict", "score", "calibrate", "card"):
        runs = [name.partition("/") for name in names]
        names = {f"{system} (seed {seed or 42})" for system, _, seed in runs}
    masked = " and masked phrases"
    return {
        MESSAGES[stage].format(name) + masked * ((stage, name[:5]) == ("train", "lakm "))
        for name in names
    }


def only(*stages: str) -> set[str]:
    return {MESSAGES[stage] for stage in stages}


def students(systems: set[str]) -> set[str]:
    """Those that are calibrated and get a model card."""
    return {name for name in systems if name.partition("/")[0] in ALL_STUDENTS}


def scored(systems: set[str]) -> set[str]:
    """What follows from other predictions: scores, and what is made of them."""
    after = only("pairs", "answers", "tables", "report", "explorer")
    after |= only("comparisons") if systems & {"ours-imp", "mixmrc", "baseline"} else set()
    return (
        each("predict", systems) | each("score", systems) | each("card", students(systems)) | after
    )


def followed(systems: set[str]) -> set[str]:
    """What follows from other models: other predictions, other curves of the losses."""
    return scored(systems) | calibrated(systems) | only("losses")


def calibrated(systems: set[str]) -> set[str]:
    """What follows from other students: their temperatures, and the chart of them."""
    fitted = each("calibrate", students(systems))
    return fitted | only("confidence", "report") if fitted else set()


CALIBRATED = calibrated(ALL_STUDENTS) | each("card", ALL_STUDENTS)
LAKM = each("train", {"lakm"}) | followed({"lakm"})
DISTILLED = each("distil", ALL_STUDENTS) | followed(ALL_STUDENTS)
TAUGHT = each("logits", TEACHERS) | only("weights") | DISTILLED
TRAINED_ANEW = each("train", TRAINED) | TAUGHT | followed(SCORED)
PHRASES = each("phrases", LANGUAGES)
BRANCHED = {"branch.en", "branch.es", "branch.de", "mixed"}
BRANCHES = each("branch", LANGUAGES) | only("mixed") | each("windows", BRANCHED)
BENCHMARKS = each("windows", {"mlqa test", "xquad test"})
WINDOWS = each("windows", BRANCHED | {"squad.en", "squad.de"}) | BENCHMARKS
REBUILT = WINDOWS | PHRASES | TRAINED_ANEW

# all but the baseline learn from a translation, and all but LAKM of these from branches
BRANCHES_LEARNT = BRANCHES | TAUGHT | followed(SCORED - {"baseline", "lakm"})
BRANCHES_LEARNT |= each("train", TEACHERS)
TRANSLATIONS_LEARNT = BRANCHES_LEARNT | each("train", {"lakm"}) | followed(SCORED - {"baseline"})
TRANSLATIONS_LEARNT |= only("recovery")
TRANSLATED_ANEW = each("translate", {"es", "de"}) | each("windows", {"squad.de"})
TRANSLATED_ANEW |= each("phrases", {"es", "de"}) | TRANSLATIONS_LEARNT
GERMAN_ANEW = TRANSLATED_ANEW - each("translate", {"es"}) - each("phrases", {"es"})
READ_ANEW = only("examples") | TRANSLATED_ANEW | REBUILT
EVERYTHING = only("generate") | READ_ANEW

# ------------------------------------------------------------------------------------ the edits

MARIAN = "lbmrc/miniworld/checkpoints/opus-mt-en-de"

NOTHING = {
    "README": append("README.md", "\nMore words.\n"),
    "a comment in the Snakefile": append("Snakefile", "\n# more words\n"),
    "a comment in workflow/Snakefile": append("workflow/Snakefile", "\n# more words\n"),
    "a comment in a file of rules": append("workflow/rules/training.smk", "\n# more words\n"),
    "a comment in a rule": replace(
        "workflow/rules/distillation.smk", "    threads:", "    # more words\n    threads:"
    ),
    "a comment in the config": append("tests/micro.yaml", "# more words\n"),
    "the docstring of a rule": replace(
        "workflow/rules/training.smk", '"""One system', '"""Each system'
    ),
    "the memory of a rule": replace(
        "workflow/rules/training.smk", "mem_mb=scaled_by_attempt(", "mem_mb=scaled_by_attempt(1 + "
    ),
    "the priority of a rule": replace("workflow/rules/training.smk", "priority: 20", "priority: 2"),
    "a profile": append("profiles/default/config.yaml", "\nkeep-going: true\n"),
    "a caption of Snakemake's report alone": append("workflow/report/table.rst", "More words.\n"),
    "the workflow touched": touch_workflow,
    "data touched": touch_data,
    "a fresh clone over old results": clone,
    "a copy that keeps no times": forget_times,
    "a comment in every module": comment_everywhere,
    "a docstring in every module": docstring_everywhere,
    "the version": replace("pyproject.toml", 'version = "', 'version = "9.'),
    "an error text": replace("lbmrc/windows/files.py", "these are not windows", "not windows"),
    "a message to the log": replace(
        "lbmrc/training/checkpoints.py", "resuming from", "continuing from"
    ),
    "imports in another order": replace(
        "lbmrc/windows/build.py",
        "import numpy as np\nimport pyarrow as pa\n",
        "import pyarrow as pa\nimport numpy as np\n",
    ),
    "lbmrc/__init__.py": append("lbmrc/__init__.py"),
    "lbmrc/common/errors.py": append("lbmrc/common/errors.py"),
    "lbmrc/common/progress.py": append("lbmrc/common/progress.py"),
    "lbmrc/common/paths.py": append("lbmrc/common/paths.py"),
    "lbmrc/common/atomic.py": append("lbmrc/common/atomic.py"),
    "lbmrc/runtime/manifest.py": append("lbmrc/runtime/manifest.py"),
    "lbmrc/runtime/stage.py": append("lbmrc/runtime/stage.py"),
    "lbmrc/runtime/gpu_locks.py": append("lbmrc/runtime/gpu_locks.py"),
    "lbmrc/runtime/code_fingerprint.py": append("lbmrc/runtime/code_fingerprint.py"),
    "lbmrc/cli.py": append("lbmrc/cli.py"),
    "lbmrc/commands/ask.py": append("lbmrc/commands/ask.py"),
    "lbmrc/planning/plan.py": append("lbmrc/planning/plan.py"),
    "lbmrc/config/schema.py": append("lbmrc/config/schema.py"),
    "lbmrc/analysis/sweep.py": append("lbmrc/analysis/sweep.py"),
    "lbmrc/analysis/noise.py": append("lbmrc/analysis/noise.py"),
    "lbmrc/config/variants.py": append("lbmrc/config/variants.py"),
    "another way to train the same": configure(
        training={"checkpoint_minutes": 5, "gradient_checkpointing": True, "num_processes": 2}
    ),
    "more threads": configure(device={"threads": 2}),
    # Results stay: manifests and tables name the device of each.
    "a GPU instead of a CPU": configure(device={"kind": "cuda"}),
    "as many languages of a question as there are": configure(
        branches={"questions_per_passage": 3}
    ),
    "another store of translations": configure(translation={"store": "translations"}),
    "jobs that share a stage": configure(shards={"translation": 2, "logits": 2, "prediction": 3}),
    "a larger sweep": configure(sweep={"grid": {"temperature": [2, 4, 8]}}),
}

CODE = {
    "lbmrc/miniworld/generator/passages.py": EVERYTHING,
    "lbmrc/data/squad.py": READ_ANEW,
    "lbmrc/translation/recovery/lenient.py": TRANSLATED_ANEW,
    "lbmrc/translation/engines/transformers.py": TRANSLATED_ANEW,
    "lbmrc/translation/noise.py": TRANSLATED_ANEW,
    "lbmrc/branches.py": BRANCHES_LEARNT,
    "lbmrc/tokenization/moses.py": REBUILT,
    "lbmrc/windows/build.py": REBUILT - PHRASES,
    "lbmrc/training/trainer.py": TRAINED_ANEW,
    "lbmrc/lakm/build_windows.py": PHRASES | LAKM,
    "lbmrc/lakm/phrase_window_files.py": PHRASES | LAKM,
    "lbmrc/lakm/task.py": LAKM,
    "lbmrc/lakm/masking.py": LAKM,
    "lbmrc/distillation/logit_files.py": TAUGHT,
    "lbmrc/distillation/write_logits.py": TAUGHT,
    "lbmrc/distillation/read_logits.py": DISTILLED,
    "lbmrc/distillation/losses.py": DISTILLED,
    "lbmrc/distillation/task.py": DISTILLED,
    "lbmrc/evaluation/prediction.py": scored(SCORED) | CALIBRATED,
    "lbmrc/evaluation/metrics.py": scored(SCORED) - each("predict", SCORED) | CALIBRATED,
    "lbmrc/evaluation/reader.py": CALIBRATED,
    "lbmrc/evaluation/calibration.py": CALIBRATED,
    "lbmrc/sharing/card.py": each("card", ALL_STUDENTS),
    "lbmrc/analysis/bootstrap.py": only("comparisons", "pairs", "tables", "report")
    | each("card", ALL_STUDENTS),
    "lbmrc/analysis/comparisons.py": only("comparisons", "tables", "report"),
    "lbmrc/analysis/clusters.py": only("comparisons", "tables", "report"),
    "lbmrc/analysis/gxlt.py": only("pairs", "report"),
    "lbmrc/analysis/error_analysis.py": only("answers", "report", "explorer"),
    "lbmrc/analysis/teacher_weights.py": only("weights", "report"),
    "lbmrc/report/charts/style.py": only(
        "pairs", "answers", "weights", "recovery", "losses", "confidence", "report"
    ),
    "lbmrc/report/charts/heat_map.py": only("pairs", "weights", "report"),
    "lbmrc/report/charts/language_pairs.py": only("pairs", "report"),
    "lbmrc/report/charts/boundaries.py": only("answers", "report"),
    "lbmrc/report/charts/answer_kinds.py": only("answers", "report"),
    "lbmrc/report/charts/teacher_weights.py": only("weights", "report"),
    "lbmrc/report/charts/recovery.py": only("recovery", "report"),
    "lbmrc/report/charts/losses.py": only("losses", "report"),
    "lbmrc/report/charts/calibration.py": only("confidence", "report"),
    "lbmrc/report/table_formats.py": only("tables", "report"),
    "lbmrc/report/page.py": only("report"),
    "lbmrc/report/explorer_data.py": only("explorer"),
    "workflow/scripts/tabulate_scores.py": only("tables", "report"),
    "workflow/scripts/analyse_answers.py": only("answers", "report"),
}

FILES = {
    "the command of a rule": (
        replace("workflow/rules/report.smk", " --figures", "  --figures"),
        only("report"),
    ),
    "scores of the paper": (
        append("lbmrc/report/paper_tables.csv", "\n"),
        only("tables", "report"),
    ),
    "template of the page": (append("workflow/report/report.html.j2", "\n"), only("report")),
    "script of the explorer": (append("workflow/report/explorer_view.js", "\n"), only("explorer")),
    "style of the page": (append("workflow/report/report.css", "\n"), only("report")),
    "a caption on the page": (append("workflow/report/gxlt.rst", "More.\n"), only("report")),
    "the backbone's files": (append("lbmrc/miniworld/checkpoints/xlm/config.json", "\n"), REBUILT),
    "a translation model's files": (append(f"{MARIAN}/config.json", "\n"), GERMAN_ANEW),
    "training data corrected by hand": (
        append("data/micro/squad/train-v1.1.json", "\n"),
        READ_ANEW - BENCHMARKS,
    ),
    "a benchmark file corrected by hand": (
        append("data/micro/xquad/xquad.ru.json", "\n"),
        each("windows", {"xquad test"}) | scored(SCORED),
    ),
    "the page deleted": (remove("results/micro/report.html"), only("report")),
}

OURS_HYPER = each("distil", {"ours-hyper"}) | followed({"ours-hyper"})
SEEDED = {f"{name}/7" for name in SCORED}

CONFIG = {
    # the same files under another name, which the model card tells
    "the backbone by its folder": (
        configure(backbone={"bundled": None, "folder": "lbmrc/miniworld/checkpoints/xlm"}),
        each("card", ALL_STUDENTS),
    ),
    "a learning rate": (configure(training={"learning_rate": 1e-4}), TRAINED_ANEW),
    "a learning rate of one system": (
        configure(systems={"baseline": {"training": {"learning_rate": 1e-4}}}),
        each("train", {"baseline"}) | followed({"baseline"}),
    ),
    "temperature": (configure(distillation={"temperature": 5}), DISTILLED),
    "teacher weights": (
        configure(systems={"ours-hyper": {"distil": {"weights": [0.5, 0.5]}}}),
        OURS_HYPER,
    ),
    # the weights stay where they are, so each goes to the other teacher
    "teachers in another order": (
        configure(systems={"ours-hyper": {"distil": {"teachers": ["teacher-es", "teacher-en"]}}}),
        OURS_HYPER | only("weights"),
    ),
    "teachers of one seed": (
        configure(systems={"ours-mix-teachers": {"distil": {"teacher_seeds": [42]}}}),
        each("distil", {"ours-mix-teachers"}) | followed({"ours-mix-teachers"}) | only("weights"),
    ),
    "a teacher of one more branch": (
        configure_by(one_more_teacher),
        each("train", {"teacher-de"})
        | each("logits", {"teacher-de"})
        | each("distil", STUDENTS)
        | followed(STUDENTS | {"teacher-de"})
        | only("weights"),
    ),
    "a system less": (
        configure_by(lambda config: config["systems"].pop("ours-mix-teachers")),
        only("weights", "losses", "confidence", "pairs", "answers", "tables", "report", "explorer"),
    ),
    "one more seed": (
        configure(seeds=[42, 7]),
        each("train", SEEDED - {f"{name}/7" for name in ALL_STUDENTS})
        | each("logits", {"teacher-en/7", "teacher-es/7"})
        | each("distil", {f"{name}/7" for name in ALL_STUDENTS})
        | each("predict", SEEDED)
        | each("score", SEEDED)
        | calibrated(SEEDED)
        | each("card", students(SEEDED))
        | only("weights", "losses", "comparisons", "pairs", "answers", "tables", "report")
        | only("explorer"),
    ),
    # D_k asks each passage of k in all K languages, so a language more is another D_k for every k:
    # all that is trained on a branch changes, and the baseline alone stays
    "one more language": (
        configure_by(one_more_language),
        each("translate", {"ru"})
        | each("branch", {"ru"})
        | each("windows", {"branch.ru"})
        | each("phrases", {"ru"})
        | TRANSLATIONS_LEARNT,
    ),
    # mixMRC's variant `yuan` draws its own
    "questions of a passage in fewer languages": (
        configure(branches={"questions_per_passage": 2}),
        BRANCHES_LEARNT
        - only("mixed")
        - each("windows", {"mixed"})
        - each("train", {"mixmrc", "mixmrc/43"})
        - (followed({"mixmrc"}) - followed({"baseline"})),
    ),
    "beams of one engine": (
        configure(translation={"engines": {"de": {"beams": 2}}}),
        GERMAN_ANEW,
    ),
    "noise in the translations": (
        configure(translation={"noise": {"lost_markers": 0.1}}),
        TRANSLATED_ANEW,
    ),
    "stride": (configure(windows={"stride": 32}), REBUILT - PHRASES),
    "masked passages": (configure(lakm={"masking": {"max_length": 32}}), PHRASES | LAKM),
    "mask rate": (configure(lakm={"masking": {"mask_rate": 0.3}}), LAKM),
    "shorter answers": (configure(decoding={"max_answer_length": 10}), scored(SCORED)),
    "one more language of a benchmark": (
        configure(benchmarks={"xquad": {"languages": ["en", "es", "ru", "tr"]}}),
        each("windows", {"xquad test"}) | scored(SCORED),
    ),
    "a comparison less": (
        configure_by(lambda config: config["comparisons"].pop()),
        only("comparisons", "tables", "report"),
    ),
    "data as the paper's": (configure(same_data_as_paper=True), only("tables", "report")),
}

EDITS = {
    **{f"nothing: {name}": (edit, set()) for name, edit in NOTHING.items()},
    **{f"code: {name}": (append(name), planned) for name, planned in CODE.items()},
    **{f"file: {name}": case for name, case in FILES.items()},
    **{f"config: {name}": case for name, case in CONFIG.items()},
}


@pytest.fixture
def copy(finished, tmp_path) -> Path:
    """The finished run in another folder, its files' times kept."""
    return duplicate(finished[0], tmp_path / "copy")


@pytest.fixture(scope="module")
def plans(request, finished, tmp_path_factory) -> Iterator[dict[str, Future]]:
    """The jobs planned after each edit that is tested."""
    with planners() as pool, ThreadPoolExecutor(AT_ONCE) as threads:

        def plan_after(edit: str) -> set[str]:
            folder = duplicate(finished[0], tmp_path_factory.mktemp("edit") / "copy")
            EDITS[edit][0](folder)
            planned = pool.submit(plan, folder).result()
            shutil.rmtree(folder)
            return planned

        tested = [getattr(item, "callspec", None) for item in request.session.items]
        edits = [x.params["edit"] for x in tested if x and x.params.get("edit") in EDITS]
        yield {edit: threads.submit(plan_after, edit) for edit in edits}


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_plans_the_jobs_that_it_changes_and_no_other(plans, edit):
    assert plans[edit].result() == EDITS[edit][1]


def planned(folder: Path, *arguments: str) -> set[str]:
    return jobs(snakemake(folder, "-n", *arguments))


def test_results_moved_without_snakemakes_records_are_taken_as_they_are(copy):
    shutil.rmtree(copy / ".snakemake")
    assert planned(copy) == set()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("--forcerun", "tabulate_scores"), only("tables", "report")),
        (
            ("--forcerun", "distil_student", "--until", "distil_student"),
            each("distil", ALL_STUDENTS),
        ),
        (("--notemp",), set()),
    ],
)
def test_snakemakes_own_options(finished, arguments, expected):
    assert planned(finished[0], *arguments) == expected


def test_a_sweep_follows_the_order_of_the_teachers_too(copy):
    point = "nll0.5_kd0.5_temperature2_uniform"
    target = f"results/micro/sweep/{point}/seed-42/manifest.json"
    snakemake(copy, "--", target)
    assert planned(copy, target) == set()
    EDITS["config: teachers in another order"][0](copy)
    assert planned(copy, target) == {f"sweep: distil {point} (seed 42)"}


def test_a_model_deleted_to_make_room_comes_back_only_when_it_is_asked_for(copy):
    shutil.rmtree(copy / "results/micro/systems/ours-imp/seed-42/model")
    assert planned(copy) == set()
    assert planned(copy, "students") == each("distil", {"ours-imp"})


SHARDED = {
    "logits": ["systems/teacher-es/seed-42/logits.parquet"],
    "prediction": [
        "systems/baseline/seed-42/predictions/mlqa.test.en.hi.json",
        "systems/baseline/seed-42/predictions.manifest.json",
    ],
    "translation": ["translation/es.questions.parquet", "examples/squad.es.parquet"],
}
SHARDS = {
    "logits": "systems/teacher-es/seed-42/logits.{}-of-2.manifest.json",
    "prediction": "systems/baseline/seed-42/predictions.{}-of-2.manifest.json",
    "translation": "manifests/translate.es.{}-of-2.json",
}
SHARED = {
    "logits": each("logits", {"teacher-es"}),
    "prediction": each("predict", {"baseline"}),
    "translation": each("translate", {"es"}),
}


@pytest.mark.parametrize(
    "stage",
    ["logits", *(pytest.param(x, marks=pytest.mark.slow) for x in ("prediction", "translation"))],
)
def test_only_missing_shards_are_made_again_and_all_give_the_same_bytes(copy, stage):
    root = Path("results/micro")
    files = [str(root / name) for name in SHARDED[stage]]
    before = results(copy)
    configure(shards={stage: 2})(copy)
    for file in files:
        (copy / file).unlink()
    first, second = (str(root / SHARDS[stage].format(number)) for number in (1, 2))
    assert len(planned(copy, "--", *files)) == 3
    snakemake(copy, "--notemp", "--", first)
    left = planned(copy, "--", *files)
    assert len(left) == 2 and left > SHARED[stage]
    assert "2-of-2" in min(left - SHARED[stage])
    snakemake(copy, "--", *files)
    assert not (copy / first).exists() and not (copy / second).exists()
    assert results(copy) == before
    # tables and report read the manifest of the predictions, which names when they were made
    assert planned(copy) == (only("tables", "report") if stage == "prediction" else set())
