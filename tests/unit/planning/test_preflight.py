"""What stands in the way of a run is said before it starts, on pretended GPUs, disks and hosts."""

import ctypes
import os
import shutil
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest

from lbmrc.common.errors import UserError
from lbmrc.config.loading import load, load_merged
from lbmrc.planning import preflight
from lbmrc.planning.plan import backbone_shape
from lbmrc.planning.preflight import check, other_versions, training_memory
from lbmrc.runtime import devices

REPOSITORY = Path(__file__).parents[3]
TEACHER = "results/paper/systems/teacher-en/seed-42/model"


@pytest.fixture
def paper(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return load(REPOSITORY / "config/config.yaml")


@pytest.fixture
def machine(monkeypatch):
    """Pretend a driver's GPUs, the build of torch and the free disk."""

    def pretend(gpus=(80e9,), cuda=(13, 0), build="13.0", free=1e13):
        found = devices.Driver(cuda, [devices.Gpu("H200", int(size)) for size in gpus])
        monkeypatch.setattr(preflight, "driver", lambda: found)
        monkeypatch.setattr(preflight, "run_path", lambda path: {"cuda": build})
        usage = shutil.disk_usage(".")._replace(free=int(free))
        monkeypatch.setattr(preflight.shutil, "disk_usage", lambda path: usage)

    return pretend


def problems(config, made=(), here=True, on_gpu=True) -> list[str]:
    with pytest.raises(UserError) as caught:
        check(config, made, here, on_gpu)
    return str(caught.value).splitlines()


class FakeDriver:
    """libcuda's calls, as two GPUs answer them."""

    def cuInit(self, flags):
        return 0

    def cuDriverGetVersion(self, version):
        version._obj.value = 12_080

    def cuDeviceGetCount(self, count):
        count._obj.value = 2
        return 0

    def cuDeviceGet(self, device, number):
        device._obj.value = 10 + number

    def cuDeviceGetName(self, name, size, device):
        name.value = f"GPU at {device.value}".encode()

    def cuDeviceTotalMem_v2(self, memory, device):
        memory._obj.value = device.value * 2**32


def test_the_driver_is_asked_for_names_and_memory(monkeypatch):
    monkeypatch.setattr(ctypes, "CDLL", lambda name: FakeDriver())
    gpus = [("GPU at 10", 10 * 2**32), ("GPU at 11", 11 * 2**32)]
    assert devices.driver() == ((12, 8), gpus)
    assert devices.gpu_count() == 2


def test_no_driver_is_no_gpu(monkeypatch):
    def missing(name):
        raise OSError(f"{name}: cannot open shared object file")

    monkeypatch.setattr(ctypes, "CDLL", missing)
    assert devices.driver() is None
    assert devices.gpu_count() == 0


def test_a_machine_that_has_it_all_may_start(paper, machine):
    machine()
    check(paper, {TEACHER}, here=True, on_gpu=True)
    machine(gpus=(), free=0)
    check(paper, {TEACHER}, here=False, on_gpu=True)


def test_memory_of_a_training_by_hand(paper):
    weights = 18 * backbone_shape(paper).parameters
    assert training_memory(paper, ["baseline"]) == weights + 52 * 32 * 384 * 12 * 1024
    shared = load_merged([REPOSITORY / "config/config.yaml"], ["training={num_processes: 3}"])
    assert training_memory(shared, ["baseline"]) == weights + 52 * 11 * 384 * 12 * 1024
    frugal = load_merged(
        [REPOSITORY / "config/config.yaml"], ["training={gradient_checkpointing: true}"]
    )
    activations = (52 + 12 * 4) * 32 * 384 * 1024
    assert training_memory(frugal, ["baseline"]) == pytest.approx(weights + activations)


def test_all_that_is_wrong_is_said_at_once(paper, machine):
    machine(gpus=(80e9, 8e9), cuda=(12, 8), free=1e9)
    gpu, build, disk = problems(paper, {TEACHER})
    assert gpu.startswith("GPU 1 (H200) has 8.0 GB, and a training needs about 12.3 GB")
    assert "built for CUDA 13.0, and the driver serves CUDA 12.8" in build
    assert disk.endswith("on a larger disk (`lbmrc plan` shows what needs it).")
    assert "needs up to 10.0 GB there, and 1.0 GB are free" in disk


def test_memory_is_asked_for_by_trainings_alone(paper, machine):
    machine(gpus=(8e9,))
    assert len(problems(paper, {TEACHER})) == 1
    check(paper, {"results/paper/systems/teacher-en/seed-42/logits.parquet"}, True, True)


def test_no_remedy_that_is_taken_already(machine, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    machine(gpus=(2e9, 2e9))
    settings = ["training={gradient_checkpointing: true, num_processes: 2}"]
    said, _ = problems(load_merged([REPOSITORY / "config/config.yaml"], settings), {TEACHER})
    assert said.endswith("a training needs about 5.1 GB: hide it (CUDA_VISIBLE_DEVICES).")


def test_a_full_disk_stops_runs_without_a_gpu_too(paper, machine):
    machine(gpus=(), free=1e9)
    (problem,) = problems(paper, {TEACHER}, on_gpu=False)
    assert "are free; free some space" in problem


def test_no_gpu_says_what_to_run_instead(paper, machine):
    machine(gpus=())
    (problem,) = problems(paper, {TEACHER})
    assert "This machine has no GPU" in problem and "make mini" in problem
    assert "12.3 GB or more" in problem


def test_a_cpu_build_of_torch(paper, machine):
    machine(build=None)
    (problem,) = problems(paper, {TEACHER})
    assert "is a CPU build: install the CUDA build" in problem


def test_the_build_of_this_torch_is_read():
    import torch

    said = torch.version.cuda
    assert preflight._cuda_of_torch() == (said and tuple(map(int, said.split("."))))


def test_more_processes_than_gpus(machine, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    machine()
    config = load_merged([REPOSITORY / "config/config.yaml"], ["training={num_processes: 4}"])
    (problem,) = problems(config, {TEACHER})
    assert "training.num_processes is 4, and this machine shows 1 GPUs" in problem


@pytest.fixture
def closed():
    """An address where nobody listens."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{unused.getsockname()[1]}"


@pytest.fixture
def refusing():
    """A host that answers, if only by 403: whether it has the file is the download's to see."""

    class Host(BaseHTTPRequestHandler):
        def do_HEAD(self):
            self.send_error(403)

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Host)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_missing_file_needs_one_host_that_answers(paper, closed, refusing, monkeypatch):
    def fetching(*addresses):
        url, *mirrors = (f"{address}/train-v1.1.json" for address in addresses)
        train = paper.data.source.files["squad/train-v1.1.json"]
        files = {"squad/train-v1.1.json": train.model_copy(update={"url": url, "mirrors": mirrors})}
        source = paper.data.source.model_copy(update={"files": files})
        data = paper.data.model_copy(update={"source": source})
        return paper.model_copy(update={"data": data})

    made = {"data/paper/squad/train-v1.1.json"}
    said, host, remedy = problems(fetching(closed), made, here=False)
    assert said == "Files are to be fetched, and their hosts do not answer:"
    assert host.startswith(f"  {closed} (squad/train-v1.1.json): ") and "refused" in host
    assert "snakemake fetch" in remedy
    assert len(problems(fetching(closed, closed), made, here=False)) == 4
    check(fetching(closed, refusing), made, here=False, on_gpu=True)
    check(fetching(closed), {TEACHER}, here=False, on_gpu=True)

    monkeypatch.setenv("HF_ENDPOINT", closed)
    _, host, _ = problems(paper, {f"models/{paper.backbone.id}/x"}, here=False)
    assert host.startswith(f"  {closed} (models/FacebookAI/xlm-mlm-tlm-xnli15-1024/x): ")


def test_versions_that_are_not_as_pinned(monkeypatch, tmp_path):
    pins = tmp_path / "requirements.txt"
    pins.write_text(
        f"# a comment\ntorch==1.0.0\nno-such-package==3\npytest=={pytest.__version__}\n"
    )
    monkeypatch.setattr(preflight, "_PINS", pins)
    torch, missing = other_versions()
    assert torch.startswith("torch 2.") and torch.endswith("(pinned: 1.0.0)")
    assert missing == "no-such-package missing (pinned: 3)"


def test_the_estimate_is_made_by_a_process_of_its_own(tmp_path, monkeypatch):
    config = load(REPOSITORY / "config/mini.yaml")
    assert "device-hours" in preflight.estimate(config)
    monkeypatch.chdir(tmp_path)
    unknown = load_merged([REPOSITORY / "config/mini.yaml"], ["data={source: {kind: folder}}"])
    assert preflight.estimate(unknown).startswith("No plan yet: data/mini/squad/train-v1.1.json")
    broken = SimpleNamespace(device=SimpleNamespace(kind="cuda", threads=1))
    with pytest.raises(UserError, match="sees no GPU"):
        preflight.estimate(broken)


def test_inputs_dated_in_the_future_are_named_with_the_remedy(paper, machine):
    machine()
    for name, shift in (("now.json", 0), ("early.json", 86_400), ("made.json", 86_400)):
        Path(name).touch()
        os.utime(name, (at := time.time() + shift, at))
    folder = Path("model")
    folder.mkdir()
    os.utime(folder, (at, at))
    inputs = ["now.json", "early.json", "made.json", "missing.json", "model"]
    with pytest.raises(UserError) as caught:
        check(paper, ["made.json"], here=False, on_gpu=False, inputs=inputs)
    first, second = str(caught.value).splitlines()
    assert first.startswith("early.json is dated in the future (20")
    assert "`touch early.json`" in first and "`touch model`" in second
    # as Snakemake dates a folder of its own
    (folder / ".snakemake_timestamp").touch()
    Path("early.json").touch()
    check(paper, ["made.json"], here=False, on_gpu=False, inputs=inputs)
