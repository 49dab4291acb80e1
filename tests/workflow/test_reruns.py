"""A change costs what it changes: the exact jobs that `snakemake -n` plans after each edit.

Each edit is made in a copy of the finished run (some 10 MB). The dry runs of all edits that are
tested start at the first test, as many at once as there are cores.
"""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
import yaml
from micro import WORKFLOW, checkout, snakemake

STUDENTS = {"ours-hyper", "ours-imp"}
ALL_STUDENTS = STUDENTS | {"ours-mix-teachers"}
TEACHERS = {"teacher-en", "teacher-es", "mixmrc", "mixmrc/43"}
TRAINED = {"baseline", "lakm"} | TEACHERS
SCORED = TRAINED - {"mixmrc/43"} | ALL_STUDENTS

MESSAGES = {
    "examples": "read the English training data, every answer checked at its offset",
    "translate": "translate questions and passages into {}, recover the answers",
    "branch": "language branch D_{}: its passages, each question in all languages",
    "windows": "windows of {}",
    "train": "train {} on gold labels",
    "logits": "logits of {} on the union D",
    "distil": "distil {} from its teachers",
    "predict": "{} answers every benchmark",
    "score": "score {} by the official rules",
    "mixed": "mixMRC: questions and passages of different languages, mixed",
    "phrases": "windows of {} passages that hold phrases",
    "weights": "how the impurity weights fall",
    "comparisons": "compare systems question by question",
    "gxlt": "passage language against question language",
    "answers": "boundaries of wrong predictions, scores by type and length of the answer",
    "recovery": "what became of the answers in translation",
    "losses": "losses of every system over training",
    "tables": "the tables, ours beside the paper",
    "report": "one page with everything: results/micro/report.html",
}
AFTER_SCORES = {
    MESSAGES[name] for name in ("comparisons", "gxlt", "answers", "tables", "report")
}  # fmt: skip


def each(stage: str, names: set[str]) -> set[str]:
    """The jobs of a stage: of languages, datasets or systems (s, or s/43 in another seed)."""
    if stage in ("train", "logits", "distil", "predict", "score"):
        runs = [name.partition("/") for name in names]
        names = {f"{system} (seed {seed or 42})" for system, _, seed in runs}
    masked = " and masked phrases"
    return {
        MESSAGES[stage].format(name) + masked * ((stage, name) == ("train", "lakm (seed 42)"))
        for name in names
    }


def scored(systems: set[str]) -> set[str]:
    """What follows from other models: their answers, their scores, tables and losses."""
    jobs = each("predict", systems) | each("score", systems) | AFTER_SCORES
    return jobs | {MESSAGES["losses"]}


def planned(folder: Path, *arguments: str) -> set[str]:
    output = snakemake(folder, "-n", *arguments)
    return set(re.findall(r"^Job \d+: (.*)$", output, re.MULTILINE))


def append(name: str, text: str = "\nADDED = 1\n") -> Callable[[Path], None]:
    def edit(folder: Path) -> None:
        with (folder / name).open("a", encoding="utf-8") as file:
            file.write(text)

    return edit


def replace(name: str, old: str, new: str) -> Callable[[Path], None]:
    def edit(folder: Path) -> None:
        path = folder / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return edit


def comment(folder: Path) -> None:
    """A comment at the end of every Python file."""
    for path in [*folder.glob("lbmrc/**/*.py"), *folder.glob("workflow/scripts/*.py")]:
        append(str(path.relative_to(folder)), "# more words\n")(folder)


def docstring(folder: Path) -> None:
    """Another docstring in every Python file."""
    for path in [*folder.glob("lbmrc/**/*.py"), *folder.glob("workflow/scripts/*.py")]:
        text = path.read_text(encoding="utf-8")
        assert text.startswith('"""')
        path.write_text('"""More words. ' + text.removeprefix('"""'), encoding="utf-8")


def touch_data(folder: Path) -> None:
    for path in (folder / "data/micro").rglob("*.json"):
        path.touch()


def other_answers(folder: Path) -> None:
    """A benchmark file corrected by hand."""
    path = folder / "data/micro/xquad/xquad.ru.json"
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")


def configure(change: Callable[[dict], None]) -> Callable[[Path], None]:
    def edit(folder: Path) -> None:
        path = folder / "tests/micro.yaml"
        config = yaml.safe_load(path.read_text())
        change(config)
        path.write_text(yaml.safe_dump(config, sort_keys=False))

    return edit


def touch(folder: Path) -> None:
    for name in WORKFLOW:
        for path in [folder / name, *(folder / name).rglob("*")]:
            path.touch()


def clone(folder: Path) -> None:
    """The workflow anew, over what an older checkout made."""
    for name in WORKFLOW:
        path = folder / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    checkout(folder)
    touch(folder)


def forget_times(folder: Path) -> None:
    """As a copy does that keeps no times: the files in another order than they were made in."""
    for path in sorted(folder.rglob("*"), reverse=True):
        path.touch()


def other_execution(config):
    config["training"] |= {
        "checkpoint_minutes": 5,
        "gradient_checkpointing": True,
        "num_processes": 2,
    }


def on_any_device(config: dict) -> None:
    config["device"]["kind"] = "auto"


def more_threads(config: dict) -> None:
    config["device"]["threads"] = 2


def other_learning_rate(config: dict) -> None:
    config["training"]["learning_rate"] = 1e-4


def of_one_system(config: dict) -> None:
    config["systems"]["baseline"]["training"] = {"learning_rate": 1e-4}


def longer_answers(config: dict) -> None:
    config["decoding"] = {"max_answer_length": 10}


def shorter_windows(config: dict) -> None:
    config["windows"]["stride"] = 32


def other_weights(config: dict) -> None:
    config["systems"]["ours-hyper"]["distil"]["weights"] = [0.5, 0.5]


def other_teacher_seeds(config: dict) -> None:
    config["systems"]["ours-mix-teachers"]["distil"]["teacher_seeds"] = [42]


def teachers_in_another_order(config: dict) -> None:
    config["systems"]["ours-hyper"]["distil"]["teachers"].reverse()


def other_masks(config: dict) -> None:
    config["lakm"]["masking"]["max_length"] = 32


def the_papers_data(config: dict) -> None:
    config["same_data_as_paper"] = True


def larger_sweep(config: dict) -> None:
    config["sweep"]["grid"]["temperature"].append(8)


def other_temperature(config: dict) -> None:
    config["distillation"] = {"temperature": 5}


def more_beams(config: dict) -> None:
    config["translation"]["engines"]["de"]["beams"] = 2


def teacher_of_another_language(config: dict) -> None:
    config["systems"]["teacher-de"] = {"train": ["branch.en", "branch.de"]}
    for student in STUDENTS:
        distil = config["systems"][student]["distil"]
        distil["teachers"].append("teacher-de")
        distil["weights"] = "confident" if student == "ours-imp" else [0.2, 0.4, 0.4]


def another_language(config: dict) -> None:
    config["languages"].append("ru")
    config["translation"]["engines"]["ru"] = config["translation"]["engines"]["es"]


def one_comparison_less(config: dict) -> None:
    config["comparisons"].pop()


def teachers_in_another_order(config: dict) -> None:
    """The weights stay where they are, so each goes to the other teacher."""
    config["systems"]["ours-hyper"]["distil"]["teachers"].reverse()


def another_device(config: dict) -> None:
    config["device"]["kind"] = "auto"


def the_same_checkpoint_elsewhere(config: dict) -> None:
    config["backbone"] = {"folder": "lbmrc/miniworld/checkpoints/xlm"}


DISTILLED = each("distil", ALL_STUDENTS) | scored(ALL_STUDENTS)
TAUGHT = each("logits", TEACHERS) | {MESSAGES["weights"]} | DISTILLED
BRANCHES = each("branch", {"en", "es", "de"}) | {MESSAGES["mixed"]}
BRANCHES |= each("windows", {"branch.en", "branch.es", "branch.de", "mixed"})
# all but the baseline learn from a translation
ALL_BUT_BASELINE = (
    BRANCHES | each("train", TRAINED - {"baseline"}) | TAUGHT | scored(SCORED - {"baseline"})
)

ANALYSES = {MESSAGES[name] for name in ("gxlt", "answers", "weights", "curves")}
TABLES = {MESSAGES["tables"], MESSAGES["report"]}
TRAINED_ANEW = each("train", TRAINED) | TAUGHT | scored(SCORED)
WINDOWS = {"squad.en", "squad.de", "branch.en", "branch.es", "branch.de", "mixed"}
WINDOWS |= {"mlqa test", "xquad test"}
CUT_ANEW = each("windows", WINDOWS) | each("phrases", {"en", "es", "de"}) | TRAINED_ANEW
TRANSLATED = each("translate", {"es", "de"}) | each("windows", {"squad.de"})
TRANSLATED |= each("phrases", {"es", "de"}) | ALL_BUT_BASELINE

NOTHING = {
    "README": append("README.md", "\nMore words.\n"),
    "a comment in the Snakefile": append("Snakefile", "\n# more words\n"),
    "a comment in a file of rules": append("workflow/rules/training.smk", "\n# more words\n"),
    "a comment in a rule": replace(
        "workflow/rules/distillation.smk", "    threads:", "    # more words\n    threads:"
    ),
    "memory of a rule": replace(
        "workflow/rules/training.smk", "mem_mb=growing(", "mem_mb=growing(1 + "
    ),
    "a profile": append("profiles/default/config.yaml", "\nkeep-going: true\n"),
    "a caption of Snakemake's report": append("workflow/report/table.rst", "More words.\n"),
    "touch": touch,
    "a fresh clone over old results": clone,
    "a copy that keeps no times": forget_times,
    "data touched": touch_data,
    "a comment in every module": comment,
    "a docstring in every module": docstring,
    "the version": replace("pyproject.toml", 'version = "', 'version = "9.'),
    "an error text": replace("lbmrc/windows/files.py", "these are not windows", "not windows"),
    "a message to the log": replace("lbmrc/training/trainer.py", "resuming from", "continuing"),
    "imports in another order": replace(
        "lbmrc/windows/build.py",
        "import numpy as np\nimport pyarrow as pa\n",
        "import pyarrow as pa\nimport numpy as np\n",
    ),
    "the module of errors": append("lbmrc/common/errors.py"),
    "the progress bar": append("lbmrc/common/progress.py"),
    "manifests": append("lbmrc/runtime/manifest.py"),
    "command lines": append("lbmrc/runtime/stage.py"),
    "GPU locks": append("lbmrc/runtime/gpu_locks.py"),
    "code fingerprints": append("lbmrc/runtime/code_fingerprint.py"),
    "lbmrc/cli.py": append("lbmrc/cli.py"),
    "lbmrc/planning": append("lbmrc/planning/plan.py"),
    "lbmrc/config/schema.py": append("lbmrc/config/schema.py"),
    "another way to train the same": configure(other_execution),
    "more threads": configure(more_threads),
    # Results stay: manifests and tables name the device of each.
    "another device": configure(on_any_device),
    "a larger sweep": configure(larger_sweep),
    "the ranking of a sweep": append("lbmrc/analysis/sweep.py"),
}

EDITS = {
    **{name: (edit, set()) for name, edit in NOTHING.items()},
    "data changed": (
        other_answers,
        each("windows", {"xquad test"}) | scored(SCORED) - {MESSAGES["curves"]},
    ),
    "lbmrc/evaluation/metrics.py": (
        append("lbmrc/evaluation/metrics.py"),
        each("score", SCORED) | AFTER_SCORES,
    ),
    "lbmrc/report/charts/losses.py": (
        append("lbmrc/report/charts/losses.py"),
        {MESSAGES["losses"], MESSAGES["report"]},
    ),
    "lbmrc/evaluation/prediction.py": (
        append("lbmrc/evaluation/prediction.py"),
        scored(SCORED) - {MESSAGES["curves"]},
    ),
    "lbmrc/distillation/losses.py": (append("lbmrc/distillation/losses.py"), DISTILLED),
    "lbmrc/distillation/task.py": (append("lbmrc/distillation/task.py"), DISTILLED),
    # one module writes and reads logits today
    "lbmrc/distillation/logits.py": (append("lbmrc/distillation/logits.py"), TAUGHT),
    "lbmrc/lakm/masking.py": (
        append("lbmrc/lakm/masking.py"),
        each("train", {"lakm"}) | scored({"lakm"}) - {MESSAGES["comparisons"]},
    ),
    # the reader of phrase windows is in the module that cuts them today
    "lbmrc/lakm/build_windows.py": (
        append("lbmrc/lakm/build_windows.py"),
        each("phrases", {"en", "es", "de"})
        | each("train", {"lakm"})
        | scored({"lakm"}) - {MESSAGES["comparisons"]},
    ),
    "lbmrc/training/trainer.py": (append("lbmrc/training/trainer.py"), TRAINED_ANEW),
    "lbmrc/tokenization/moses.py": (append("lbmrc/tokenization/moses.py"), CUT_ANEW),
    "lbmrc/windows/build.py": (append("lbmrc/windows/build.py"), CUT_ANEW),
    "lbmrc/translation/recovery/lenient.py": (
        append("lbmrc/translation/recovery/lenient.py"),
        TRANSLATED,
    ),
    "lbmrc/branches.py": (
        append("lbmrc/branches.py"),
        BRANCHES
        | each("train", TRAINED - {"baseline", "lakm"})
        | TAUGHT
        | scored(SCORED - {"baseline", "lakm"}),
    ),
    "lbmrc/analysis/gxlt.py": (
        append("lbmrc/analysis/gxlt.py"),
        ANALYSES | {MESSAGES["report"]},  # all figures are drawn by one module
    ),
    "lbmrc/report/charts.py": (append("lbmrc/report/charts.py"), ANALYSES | {MESSAGES["report"]}),
    "lbmrc/report/page.py": (append("lbmrc/report/page.py"), {MESSAGES["report"]}),
    "lbmrc/report/table_formats.py": (append("lbmrc/report/table_formats.py"), TABLES),
    "the script of the tables": (append("workflow/scripts/tables.py"), TABLES),
    "the command of a rule": (
        replace("workflow/rules/report.smk", "--style", " --style"),
        {MESSAGES["report"]},
    ),
    # the paper's scores are no input of the tables today
    "paper_tables.csv": (append("lbmrc/report/paper_tables.csv", "\n"), set()),
    "a caption on the page": (
        append("workflow/report/gxlt.rst", "More words.\n"),
        {MESSAGES["report"]},
    ),
    "style of the page": (append("workflow/report/report.css", "\n"), {MESSAGES["report"]}),
    "another learning rate": (configure(other_learning_rate), TRAINED_ANEW),
    "another learning rate of one system": (
        configure(of_one_system),
        each("train", {"baseline"}) | scored({"baseline"}),
    ),
    "lbmrc/report/paper_tables.csv": (
        append("lbmrc/report/paper_tables.csv", "\n"),
        {MESSAGES["tables"], MESSAGES["report"]},
    ),
    "a caption": (append("workflow/report/boundaries.rst", "More.\n"), {MESSAGES["report"]}),
    "another device": (configure(another_device), set()),
    "the backbone by its folder": (configure(the_same_checkpoint_elsewhere), set()),
    "teachers in another order": (
        configure(teachers_in_another_order),
        # the report lists each system's teachers in their order
        each("distil", {"ours-hyper"})
        | scored({"ours-hyper"}) - {MESSAGES["comparisons"]}
        | {MESSAGES["weights"]},
    ),
    "another temperature": (configure(other_temperature), DISTILLED),
    "other teacher weights": (
        configure(other_weights),
        each("distil", {"ours-hyper"}) | scored({"ours-hyper"}) - {MESSAGES["comparisons"]},
    ),
    "teachers of one seed": (
        configure(other_teacher_seeds),
        each("distil", {"ours-mix-teachers"})
        | scored({"ours-mix-teachers"}) - {MESSAGES["comparisons"]}
        | {MESSAGES["weights"]},
    ),
    # wrong today: the weights are those of other teachers now, and the student stays
    "teachers in another order": (
        configure(teachers_in_another_order),
        {MESSAGES["weights"], MESSAGES["report"]},
    ),
    "shorter answers": (configure(longer_answers), scored(SCORED) - {MESSAGES["curves"]}),
    "another stride": (
        configure(shorter_windows),
        CUT_ANEW - each("phrases", {"en", "es", "de"}),
    ),
    "other masks": (
        configure(other_masks),
        each("phrases", {"en", "es", "de"})
        | each("train", {"lakm"})
        | scored({"lakm"}) - {MESSAGES["comparisons"]},
    ),
    "the paper's data": (configure(the_papers_data), TABLES),
    "one comparison less": (
        configure(one_comparison_less),
        {MESSAGES[name] for name in ("comparisons", "tables", "report")},
    ),
    "a teacher of one more branch": (
        configure(teacher_of_another_language),
        each("train", {"teacher-de"})
        | each("logits", {"teacher-de"})
        | each("distil", STUDENTS)
        | scored(STUDENTS | {"teacher-de"})
        | {MESSAGES["weights"]},
    ),
    # D_k asks each passage of k in all K languages, so a language more is another D_k for every k:
    # all that is trained on a branch changes, and the baseline alone stays
    "one more language": (
        configure(another_language),
        each("translate", {"ru"})
        | {MESSAGES["recovery"]}
        | each("branch", {"ru"})
        | each("windows", {"branch.ru"})
        | each("phrases", {"ru"})
        | ALL_BUT_BASELINE,
    ),
    "another beam size of one engine": (
        configure(more_beams),
        each("translate", {"de"})
        | {MESSAGES["recovery"]}
        | each("windows", {"squad.de"})
        | each("phrases", {"de"})
        | ALL_BUT_BASELINE,
    ),
}


@pytest.fixture
def copy(finished, tmp_path) -> Path:
    """The finished run in another folder, its files' times kept."""
    return shutil.copytree(finished[0], tmp_path / "copy")


@pytest.fixture(scope="module")
def plans(request, finished, tmp_path_factory) -> Iterator[dict[str, Future]]:
    """The jobs planned after each edit that is tested."""

    def plan(edit: str) -> set[str]:
        folder = shutil.copytree(finished[0], tmp_path_factory.mktemp("edit") / "copy")
        EDITS[edit][0](folder)
        jobs = planned(folder)
        shutil.rmtree(folder)
        return jobs

    tested = [item.callspec.params for item in request.session.items if hasattr(item, "callspec")]
    edits = [params["edit"] for params in tested if "edit" in params and params["edit"] in EDITS]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield {edit: pool.submit(plan, edit) for edit in edits}


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_plans_the_jobs_that_it_changes_and_no_other(plans, edit):
    assert plans[edit].result() == EDITS[edit][1]


def test_results_moved_without_snakemakes_records_are_taken_as_they_are(copy):
    shutil.rmtree(copy / ".snakemake")
    assert planned(copy) == set()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("--forcerun", "tabulate_scores"), {MESSAGES["tables"], MESSAGES["report"]}),
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
    configure(teachers_in_another_order)(copy)
    assert planned(copy, target) == {f"sweep: distil {point} (seed 42)"}


def test_a_model_deleted_to_make_room_comes_back_only_when_it_is_asked_for(copy):
    shutil.rmtree(copy / "results/micro/systems/ours-imp/seed-42/model")
    assert planned(copy) == set()
    assert planned(copy, "students") == each("distil", {"ours-imp"})
