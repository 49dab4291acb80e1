"""`lbmrc plan --languages`: the cost of K languages against sums over teachers and branches."""

from pathlib import Path

import pytest

from lbmrc.cli import main
from lbmrc.config.loading import load, load_merged
from lbmrc.planning.growth import growth_report, jobs_of
from lbmrc.planning.plan import jobs
from lbmrc.planning.workload import ASSUMED

PAPER = Path(__file__).parents[3] / "config/config.yaml"
PAIR = 87_599 * 1.07  # windows of the questions in one language on the passages in one


@pytest.fixture
def paper(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # where nothing was fetched
    return load(PAPER)


def in_stage(planned, stage):
    return [job for job in planned if job.stage == stage]


def test_three_languages_are_the_papers_own(paper):
    found = list(jobs_of(paper, 3, 3))
    own = {job.name: job for job in jobs(paper) if job.stage in ("train", "distil")}
    trained = {job.name: job.flops for job in in_stage(found, "train")}
    assert trained == pytest.approx(
        {
            f"teacher-{number}": own[f"teacher-{language}"].flops
            for number, language in enumerate(paper.languages, 1)
        }
    )
    (student,) = in_stage(found, "distil")
    assert student.flops == pytest.approx(own["ours-imp"].flops)
    assert student.working == pytest.approx(own["ours-imp"].working)


@pytest.mark.parametrize(("count", "asked"), [(1, 1), (3, 3), (9, 9), (9, 3), (40, 2)])
def test_what_grows_as_the_table_says(paper, count, asked):
    planned = list(jobs_of(paper, count, asked))
    union = sum(asked * PAIR for _branch in range(count))
    epochs = 10
    logits = in_stage(planned, "logits")
    assert [job.load.windows for job in logits] == pytest.approx([union] * count)
    trained = sum(job.load.windows for job in in_stage(planned, "train"))
    assert trained == pytest.approx(epochs * asked * (2 * count - 1) * PAIR)
    (student,) = in_stage(planned, "distil")
    assert student.load.windows == pytest.approx(epochs * union)
    assert in_stage(planned, "predict")[-1].runs == 1
    assert len(in_stage(planned, "predict")) == count + 1
    stored = sum(size for job in logits for size in job.files.values())
    assert stored == pytest.approx(4 * count * 211 * union)


def test_thinned_and_whole_are_side_by_side(paper, capsys):
    report = growth_report(paper, [9, 3, 9], None, ASSUMED)
    rows = [line.split()[:5] for line in report.splitlines() if line.startswith("K = ")]
    assert [" ".join(row[2:]).split(" ", 2)[0] for row in rows] == ["3,", "9,", "9,"]
    assert "K = 9, n = 3" in report and "K = 3, n" not in report
    thinner = load_merged([PAPER], ["branches={questions_per_passage: 2}"])
    assert "K = 3, n = 2" in growth_report(thinner, [3], 1e15, ASSUMED)
    arguments = ["plan", "--configfile", str(PAPER), "--languages", "3", "100", "--rate", "6e14"]
    assert main(arguments) == 0
    assert "K = 100, all" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main(["plan", "--configfile", str(PAPER), "--languages", "0"])


def test_a_thinned_run_is_planned_thinner(paper):
    thinner = load_merged([PAPER], ["branches={questions_per_passage: 2}"])

    def windows(config, name):
        return next(job.load.windows for job in jobs(config) if job.name == name)

    for name in ("teacher-es", "ours-imp", "mixmrc-full"):
        assert windows(thinner, name) == pytest.approx(2 / 3 * windows(paper, name))
    for name in ("baseline", "mixmrc"):
        assert windows(thinner, name) == windows(paper, name)
