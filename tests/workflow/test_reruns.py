"""A change costs what it changes: the exact jobs that `snakemake -n` plans after each edit."""

import re
import shutil
from collections.abc import Callable
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
    "curves": "recovery funnel and training curves",
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
    """What follows from other models: their answers, their scores, tables and curves."""
    jobs = each("predict", systems) | each("score", systems) | AFTER_SCORES
    return jobs | {MESSAGES["curves"]}


def planned(folder: Path, *arguments: str) -> set[str]:
    output = snakemake(folder, "-n", *arguments)
    return set(re.findall(r"^Job \d+: (.*)$", output, re.MULTILINE))


def append(name: str, text: str = "\nADDED = 1\n") -> Callable[[Path], None]:
    def edit(folder: Path) -> None:
        with (folder / name).open("a", encoding="utf-8") as file:
            file.write(text)

    return edit


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
    config["training"] |= {"save_minutes": 5, "recompute": True, "processes": 2}


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


def another_benchmark_language(config: dict) -> None:
    config["benchmarks"]["xquad"]["languages"].append("tr")


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

EDITS = {
    "a comment in README": (append("README.md", "\nMore words.\n"), set()),
    "a comment in the Snakefile": (append("Snakefile", "\n# more words\n"), set()),
    "touch": (touch, set()),
    "a fresh clone over old results": (clone, set()),
    "a copy that keeps no times": (forget_times, set()),
    "lbmrc/cli.py": (append("lbmrc/cli.py"), set()),
    "lbmrc/evaluation/metrics.py": (
        append("lbmrc/evaluation/metrics.py"),
        each("score", SCORED) | AFTER_SCORES,
    ),
    "lbmrc/distillation/losses.py": (append("lbmrc/distillation/losses.py"), DISTILLED),
    "lbmrc/distillation/task.py": (append("lbmrc/distillation/task.py"), DISTILLED),
    "lbmrc/lakm/masking.py": (
        append("lbmrc/lakm/masking.py"),
        each("train", {"lakm"}) | scored({"lakm"}) - {MESSAGES["comparisons"]},
    ),
    "lbmrc/training/trainer.py": (
        append("lbmrc/training/trainer.py"),
        each("train", TRAINED) | TAUGHT | scored(SCORED),
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
    "another way to train the same": (configure(other_execution), set()),
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
        | each("branch", {"ru"})
        | each("windows", {"branch.ru"})
        | each("phrases", {"ru"})
        | ALL_BUT_BASELINE,
    ),
    "another beam size of one engine": (
        configure(more_beams),
        each("translate", {"de"})
        | each("windows", {"squad.de"})
        | each("phrases", {"de"})
        | ALL_BUT_BASELINE,
    ),
}


@pytest.fixture
def copy(finished, tmp_path) -> Path:
    """The finished run in another folder, its files' times kept."""
    return shutil.copytree(finished[0], tmp_path / "copy")


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_plans_the_jobs_that_it_changes_and_no_other(copy, edit):
    change, expected = EDITS[edit]
    change(copy)
    assert planned(copy) == expected


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
