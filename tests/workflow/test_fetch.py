"""The paper's config from its downloads on: fetched here, computed where there is no network."""

import csv
import os
import shutil
import subprocess
import sys

import pytest
import yaml
from internet import cut, internet, paper, status
from micro import checkout

RUN = [sys.executable, "-m", "snakemake", "--cores", "2", "--configfile"]
RUN += ["config/config.yaml", "here.yaml", "--"]
SMALL = {"device": {"kind": "cpu", "threads": 1}}
SMALL |= {"training": {"epochs": 1, "max_steps": 2, "batch_size": 8, "warmup_steps": 1}}


def run(folder, *targets, inside=(), **environment):
    return subprocess.run(
        [*inside, *RUN, *targets],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | environment,
    )


@pytest.fixture(scope="module")
def no_network():
    """Where a command runs that shall reach nothing."""
    for command in (["unshare", "--net"], ["unshare", "--map-root-user", "--net"]):
        if shutil.which("unshare") and subprocess.run([*command, "true"]).returncode == 0:
            return command
    pytest.skip("this machine permits no network namespace of its own (unshare --net)")


@pytest.fixture(scope="module")
def fetched(tmp_path_factory):
    """A checkout after `snakemake fetch`, the server and what was printed."""
    folder = checkout(tmp_path_factory.mktemp("paper"))
    config = paper()
    with internet(config, tmp_path_factory.mktemp("corpus")) as host:
        (folder / "here.yaml").write_text(yaml.safe_dump(host.overrides | SMALL))
        paths = {name: f["url"] for name, f in config["data"]["source"]["files"].items()}
        of = {name: "/" + url.split("/", 3)[3] for name, url in paths.items()}
        elsewhere = f"{host.url}{of['xquad/xquad.ru.json']}"
        host.faults = {
            of["squad/train-v1.1.json"]: [cut],
            of["MLQA_V1.zip"]: [status(500), status(503)],
            of["xquad/xquad.es.json"]: [status(429, **{"Retry-After": "1"})],
            of["xquad/xquad.ru.json"]: [status(302, Location=elsewhere)],
        }
        environment = {"HF_ENDPOINT": host.url, "no_proxy": "127.0.0.1"}
        environment["HF_HOME"] = str(tmp_path_factory.mktemp("hub"))
        done = run(folder, "fetch", **environment)
        assert done.returncode == 0, done.stdout[-5000:]
        assert not any(host.faults.values())
        yield folder, host, done.stdout


def test_everything_comes_as_it_was_published(fetched):
    folder, host, said = fetched
    files = host.overrides["data"]["source"]["files"]
    for name, file in files.items():
        content = host.files["/" + file["url"].split("/", 3)[3]]
        assert (folder / "data/paper" / name).read_bytes() == content
    cells = list((folder / "data/paper/MLQA_V1/test").glob("*.json"))
    assert len(cells) == 36
    weights = list((folder / "models").rglob("model.safetensors"))
    assert len(weights) == 3
    assert said.count("licence mit") == 3


def test_a_second_fetch_asks_nobody(fetched):
    folder, host, _ = fetched
    before = len(host.asked)
    assert "Nothing to be done" in run(folder, "fetch").stdout
    assert len(host.asked) == before


def test_without_a_network_stages_run_and_only_fetch_cannot(fetched, no_network, tmp_path):
    folder = shutil.copytree(fetched[0], tmp_path / "copy")
    stages = ["results/paper/windows/squad.en.arrow", "results/paper/translation/es.recovery.json"]
    done = run(folder, *stages, inside=no_network)
    assert done.returncode == 0, done.stdout[-5000:]
    (folder / "data/paper/xquad/xquad.en.json").unlink()
    refused = run(folder, "data/paper/xquad/xquad.en.json", inside=no_network)
    assert refused.returncode == 1
    assert "hosts do not answer" in refused.stdout
    assert "name mirrors in the config" in refused.stdout


@pytest.mark.slow
def test_without_a_network_the_paper_runs_to_its_tables(fetched, no_network):
    folder, *_ = fetched
    done = run(folder, inside=no_network)
    assert done.returncode == 0, done.stdout[-5000:]
    assert "Table 1" in done.stdout
    run_folder = folder / "results/paper"
    assert "Table 6" in (run_folder / "tables/tables.txt").read_text(encoding="utf-8")
    assert (run_folder / "report.html").stat().st_size > 10_000
    for number in range(1, 7):
        with (run_folder / f"tables/table{number}.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        ours = [row for row in rows if not row["system"].startswith("lewis-")]
        assert ours
        assert all(row["seeds"] == "1" and row["f1"] for row in ours)
    assert "Nothing to be done" in run(folder).stdout
