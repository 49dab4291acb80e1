"""A Slurm of one node, this machine, with two pretended GPUs: Debian's packages, run by root."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

PLACE = Path("/etc/slurm")  # where jobs look, to whom the plugin passes no SLURM_CONF on
FILES = ("slurm.conf", "gres.conf")
FOLDER = "lbmrc-slurm-of-one-node"
PACKAGES = ["slurm-wlm", "munge"]
PROGRAMS = ["slurmctld", "slurmd", "sbatch", "srun", "squeue", "scancel", "munged"]
SECONDS_TO_START = 60
SECONDS_TO_STOP = 30

CONFIG = """
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={port}
SlurmdPort={port_of_node}
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket,cred_expire=5
CredType=cred/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SlurmdParameters=config_overrides
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
SchedulerParameters=sched_interval=1,batch_sched_delay=0
MinJobAge=86400
ReturnToService=2
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
GresTypes=gpu
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} RealMemory=1000000 Gres=gpu:2 State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
PartitionName=urgent Nodes=ALL PriorityTier=10 MaxTime=INFINITE State=UP
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
KillWait=10
"""


def missing() -> str:
    """Why there can be no cluster here, or nothing."""
    if os.geteuid() != 0:
        return "a cluster is started by root"
    if _left_behind():
        _remove_links()
    if any(os.path.lexists(PLACE / name) for name in FILES):
        return f"this machine has a Slurm already ({PLACE})"
    if all(map(shutil.which, PROGRAMS)):
        return ""
    if not shutil.which("apt-get"):
        return "no Slurm here, and no apt to install it with"
    install = ["apt-get", "install", "--yes", "--no-install-recommends", *PACKAGES]
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    for command in (install, ["apt-get", "update"], install):
        ran = subprocess.run(command, capture_output=True, text=True, env=quiet)
        if ran.returncode == 0 and all(map(shutil.which, PROGRAMS)):
            return ""
    return f"apt could not install Slurm: {ran.stderr.strip()[-300:]}"


def _left_behind() -> bool:
    """Whether the links there are of a cluster of ours that was killed."""
    links = [PLACE / name for name in FILES if (PLACE / name).is_symlink()]
    ours = links and all(link.readlink().parent.name == FOLDER for link in links)
    return ours and subprocess.run(["scontrol", "ping"], capture_output=True).returncode != 0


@contextmanager
def cluster(folder: Path, cpus: int = 2) -> Iterator[None]:
    """Start it in a folder, and end it and all its jobs, however the tests end."""
    folder = folder / FOLDER
    for name in ("state", "spool"):
        (folder / name).mkdir(parents=True)
    for number in range(2):
        (folder / f"gpu{number}").symlink_to("/dev/null")
    host = os.uname().nodename.split(".")[0]
    port = 20000 + os.getpid() % 20000
    values = {"folder": folder, "host": host, "cpus": cpus, "port": port, "port_of_node": port + 1}
    (folder / "slurm.conf").write_text(CONFIG.format(**values))
    (folder / "gres.conf").write_text(f"NodeName={host} Name=gpu File={folder}/gpu[0-1]\n")
    key = folder / "munge.key"
    key.write_bytes(os.urandom(128))
    key.chmod(0o400)
    services = [
        [
            *("munged", "--foreground", "--force", f"--key-file={key}"),
            *(f"--socket={folder}/munge.socket", f"--pid-file={folder}/munge.pid"),
            *(f"--log-file={folder}/munge.log", f"--seed-file={folder}/munge.seed"),
        ],
        ["slurmctld", "-D", "-i"],
        ["slurmd", "-D", "-N", host],
    ]
    with ExitStack() as stack:
        stack.callback(_remove_links)
        PLACE.mkdir(exist_ok=True)
        for name in FILES:
            (PLACE / name).symlink_to(folder / name)
        for command in services:
            stack.enter_context(_service(command, folder / f"{command[0]}.out"))
            time.sleep(1)
        stack.callback(_end_jobs)
        _wait_for_the_node(folder)
        yield


@contextmanager
def _service(command: list[str], output: Path) -> Iterator[None]:
    """A process that ends with this one, also when this one is killed."""
    with output.open("wb") as file:
        process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", *command], stdout=file, stderr=subprocess.STDOUT
        )
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(timeout=SECONDS_TO_STOP)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _end_jobs() -> None:
    for partition in ("main", "urgent"):
        subprocess.run(["scancel", f"--partition={partition}"])
    for _ in range(SECONDS_TO_STOP):
        left = subprocess.run(["squeue", "--noheader"], capture_output=True, text=True)
        if not left.stdout.strip():
            return
        time.sleep(1)


def _remove_links() -> None:
    for name in FILES:
        (PLACE / name).unlink(missing_ok=True)


def _wait_for_the_node(folder: Path) -> None:
    for _ in range(SECONDS_TO_START):
        found = subprocess.run(
            ["sinfo", "--noheader", "--format=%T"], capture_output=True, text=True
        )
        if found.stdout.strip() == "idle":
            return
        time.sleep(1)
    logs = "\n".join(path.read_text()[-2000:] for path in folder.glob("slurm*.log"))
    raise RuntimeError(f"the node did not come up: {found.stdout}{found.stderr}\n{logs}")
