"""`lbmrc plan`: counts, operations and disk against figures worked out by hand."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from lbmrc.cli import main
from lbmrc.common.errors import UserError
from lbmrc.config.loading import load, load_merged
from lbmrc.planning import plan
from lbmrc.planning.plan import Shape, jobs, peak_disk, report, share_of_rate
from lbmrc.planning.workload import (
    ASSUMED,
    COUNTED,
    MEASURED,
    Load,
    dataset_load,
    training_size,
)
from lbmrc.windows.arrow_files import write_arrow
from lbmrc.windows.files import SCHEMA

REPOSITORY = Path(__file__).parents[3]
XLM_15 = Shape(layers=12, width=1024, vocabulary=95_000, positions=512 + 15, mark=ASSUMED)


@pytest.fixture
def paper(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # where nothing was fetched
    return load(REPOSITORY / "config/config.yaml")


def write_windows(config, dataset: str, sizes: list[int], settings: dict) -> Path:
    """A window file of windows of these lengths."""
    path = Path(f"results/{config.run}/windows/{dataset}.arrow")
    path.parent.mkdir(parents=True, exist_ok=True)
    ids = [np.zeros(size, np.int32) for size in sizes]
    empty = {f.name: pa.nulls(len(sizes), f.type) for f in SCHEMA}
    columns = empty | {"input_ids": pa.array(ids, SCHEMA.field("input_ids").type)}
    # as a file says it: `auto` is resolved by the backbone
    identity = {"dataset": dataset, "windows": settings | {"special_tokens": "double"}}
    schema = SCHEMA.with_metadata({b"lbmrc": json.dumps(identity)})
    batch = pa.RecordBatch.from_arrays(list(columns.values()), schema=SCHEMA)
    write_arrow(path, schema, [batch])
    return path


def test_the_parameters_of_xlm_15():
    # the checkpoint has 248,976,384; the span head's weights and biases come on top
    assert XLM_15.parameters == 248_976_384 + 2 * 1024 + 2


def test_operations_of_a_pass_layer_by_layer():
    length, width = 10, 1024
    projections = 4 * 2 * length * width * width
    attention = 2 * 2 * length * length * width
    feed_forward = 2 * 2 * length * width * 4 * width
    by_hand = 12 * (projections + attention + feed_forward)
    assert XLM_15.forward(Load(1, length, length**2, COUNTED)) == by_hand


def test_the_paper_before_anything_is_fetched(paper):
    size, mark = training_size(paper)
    assert (size.questions, mark) == (87_599, COUNTED)
    examples = {
        "squad.de": 87_599,
        "branch.es": 3 * 87_599,
        "mixed": 3 * (87_599 + 18_896),
    }
    for dataset, expected in examples.items():
        found = dataset_load(paper, dataset)
        assert found.mark == ASSUMED
        assert found.windows == pytest.approx(1.07 * expected)
        assert found.tokens == pytest.approx(211 * 1.07 * expected)


def test_every_training_and_every_teachers_logits_once(paper):
    trained = {job.name: job.runs for job in jobs(paper) if job.stage in ("train", "distil")}
    assert trained == {name: 3 if name == "mixmrc" else 1 for name in paper.systems}
    logits = [path for job in jobs(paper) if job.stage == "logits" for path in job.files]
    assert len(logits) == len(set(logits)) == 6
    predicted = {job.name: job.runs for job in jobs(paper) if job.stage == "predict"}
    assert predicted == dict.fromkeys(paper.systems, 1)


def test_a_training_is_three_passes_an_epoch_and_as_many_steps_as_allowed(paper):
    def baseline(*overrides):
        config = load_merged([REPOSITORY / "config/config.yaml"], overrides)
        return next(job for job in jobs(config) if job.name == "baseline")

    windows = 1.07 * 87_599
    assert baseline().load.windows == pytest.approx(10 * windows)
    one_epoch = XLM_15.forward(Load(windows, 211 * windows, 211**2 * windows, ASSUMED))
    assert baseline().flops == pytest.approx(3 * 10 * one_epoch)
    assert baseline("training={max_steps: 12}").load.windows == pytest.approx(12 * 32)
    assert baseline("training={max_steps: 10000000}") == baseline()


def test_gradient_checkpointing_is_a_fourth_pass_but_of_no_head(paper):
    def flops(name, *overrides):
        config = load_merged([REPOSITORY / "config/config.yaml"], overrides)
        return next(job.flops for job in jobs(config) if job.name == name)

    again = "training={gradient_checkpointing: true}"
    for name in ("baseline", "ours-imp"):
        assert flops(name, again) == pytest.approx(flops(name) * 4 / 3)
    assert flops("lakm") < flops("lakm", again) < flops("lakm") * 4 / 3


def test_each_process_expands_the_teachers_logits(paper):
    def working(name, processes):
        override = f"training={{num_processes: {processes}}}"
        config = load_merged([REPOSITORY / "config/config.yaml"], [override])
        return next(job.working for job in jobs(config) if job.name == name)

    one, four = working("ours-imp", 1), working("ours-imp", 4)
    union = 9 * 87_599 * 1.07 * 211
    assert four - one == pytest.approx(3 * 3 * 4 * union)  # of three teachers, four bytes a token
    assert working("baseline", 1) == working("baseline", 4)


def test_masked_phrases_are_a_second_batch_for_each(paper):
    planned = {job.name: job for job in jobs(paper) if job.stage == "train"}
    assert planned["lakm"].load.windows == pytest.approx(2 * 3 * planned["baseline"].load.windows)
    assert planned["lakm"].flops > 2 * 3 * planned["baseline"].flops


def test_windows_that_are_there_are_counted(paper):
    write_windows(paper, "squad.en", [10, 20, 384], paper.windows.model_dump())
    assert dataset_load(paper, "squad.en") == Load(3, 414, 100 + 400 + 384**2, COUNTED)
    assert dataset_load(paper, "squad.es").mark == ASSUMED
    write_windows(paper, "squad.en", [10], paper.windows.model_dump() | {"stride": 64})
    assert dataset_load(paper, "squad.en").mark == ASSUMED


@pytest.mark.parametrize("damage", [lambda whole: whole[:-300], lambda whole: b"no windows"])
def test_damaged_windows_are_named(paper, damage):
    path = write_windows(paper, "squad.en", [10, 20, 384], paper.windows.model_dump())
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(UserError, match=r"squad.en.arrow.*delete it"):
        dataset_load(paper, "squad.en")


def test_a_file_of_unknown_size_is_counted_or_asked_for(paper, tmp_path):
    data = "data={source: {kind: folder}, folder: d}"
    config = load_merged([REPOSITORY / "config/config.yaml"], [data])
    with pytest.raises(UserError, match=r"d/squad/train-v1.1.json: not there.*snakemake fetch"):
        list(jobs(config))
    file = tmp_path / "d/squad/train-v1.1.json"
    file.parent.mkdir(parents=True)
    article = {"title": "T", "paragraphs": [{"qas": [{}, {}]}, {"qas": [{}]}]}
    file.write_text(json.dumps({"data": [article]}))
    assert training_size(config) == ((1, 2, 3), COUNTED)
    for content, problem in [
        ("{}", 'no list "data" at the top'),
        (
            '{"data": [{"title": "T"}]}',
            r"not in SQuAD's format .*paragraphs is missing",
        ),
    ]:
        file.write_text(content)
        with pytest.raises(UserError, match=rf"train-v1.1.json: {problem}"):
            training_size(config)


def test_disk_of_a_model_is_its_weights_and_three_states(paper):
    teacher = "results/paper/systems/teacher-en/seed-42/model"
    assert peak_disk(list(jobs(paper)), {teacher}) == (4 + 3 * 12) * XLM_15.parameters
    assert peak_disk(list(jobs(paper)), set()) == 0
    models = 21 * 4 * XLM_15.parameters
    union = 9 * 87_599 * 1.07 * 211
    assert peak_disk(list(jobs(paper))) > models + 6 * 4 * union


def test_hours_need_a_rate_and_say_where_they_are_from(paper):
    assert "give --rate or --calibrate" in report(paper, None, ASSUMED)
    flops = sum(job.flops for job in jobs(paper))
    said = report(paper, flops / 3600, ASSUMED)  # at half its rate: two hours
    assert "device-hours 2 a" in said and "50% a" in said
    folder = Path("benchmarks/results")
    folder.mkdir(parents=True)
    measured = {"machine": {"gpu": "one"}, "shapes": {"wide": {"epochs": {"ours": {"mfu": 0.25}}}}}
    (folder / "training.json").write_text(json.dumps(measured))
    assert "device-hours 4 a" in report(paper, flops / 3600, ASSUMED)
    measured["machine"] = {}  # a CPU's share says nothing of a GPU's
    (folder / "training.json").write_text(json.dumps(measured))
    assert "device-hours 2 a" in report(paper, flops / 3600, ASSUMED)


@pytest.mark.parametrize(("precision", "share"), [("auto", 0.5), ("bf16", 1.25)])
def test_the_share_of_a_cpus_rate_is_that_of_its_precision(precision, share, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = Path("benchmarks/results/training.json")
    path.parent.mkdir(parents=True)
    epochs = {"ours, float32": {"mfu": 0.5}, "ours, bf16": {"mfu": 1.25}}
    path.write_text(json.dumps({"machine": {}, "shapes": {"wide": {"epochs": epochs}}}))
    override = f"training={{precision: {precision}}}"
    mini = load_merged([REPOSITORY / "config/mini.yaml"], [override])
    assert share_of_rate(mini) == (share, MEASURED)


@pytest.mark.parametrize("name", ["mini", "xquad", "config"])
def test_the_command(name, capsys, monkeypatch):
    monkeypatch.chdir(REPOSITORY)
    arguments = ["plan", "--configfile", f"config/{name}.yaml", "--config", "run=elsewhere"]
    assert main([*arguments, "--rate", "1e15"]) == 0
    said = capsys.readouterr().out
    assert "run `elsewhere`" in said
    for total in ("total", "device-hours", "peak disk"):
        assert f"\n{total} " in said


def test_the_rate_of_this_machine():
    mini = load(REPOSITORY / "config/mini.yaml")
    assert 1e8 < plan.calibrate(mini) < 1e16


def test_wrong_use(paper, capsys):
    assert main(["plan", "--configfile", "none.yaml"]) == 1
    assert "none.yaml: cannot be read" in capsys.readouterr().err
    with pytest.raises(UserError, match="--config seeds: not KEY=VALUE"):
        load_merged([REPOSITORY / "config/mini.yaml"], ["seeds"])
    with pytest.raises(SystemExit):
        main(["plan", "--rate", "-1"])


def test_no_torch_without_calibration():
    code = "import sys, lbmrc.planning.plan; sys.exit(bool({'torch', 'pandas'} & {*sys.modules}))"
    assert subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY).returncode == 0
