# The checked config, and the nouns that the rules speak in.

import json
import signal
import sys
import time
from pathlib import Path

sys.path.insert(0, workflow.basedir)

from lbmrc.config.loading import load_in_workflow
from lbmrc.planning.backbone import check_backbone
from lbmrc.runtime.devices import gpu_count
from lbmrc.common.errors import UserError
from lbmrc.common.hashing import folder_fingerprint
from lbmrc.runtime.code_fingerprint import code_fingerprint
from lbmrc.planning.rerun_reasons import record_codes

# Slurm's warning before it takes a node away goes to every process. A training hears it, saves and
# stops; snakemake and other jobs, which would die of it, go on to the end of their grace.
signal.signal(signal.SIGUSR1, signal.SIG_IGN)

# Jobs find this Python and this lbmrc first, however snakemake itself was started. A shell that is
# asked to end waits for its job, which may have something to save.
shell.prefix(
    f'export PATH="{Path(sys.executable).parent}:$PATH" PYTHONPATH="{workflow.basedir}" '
    "HF_HUB_OFFLINE=1 TOKENIZERS_PARALLELISM=false; trap : TERM; set -euo pipefail; "
)


def checked_config():
    """The config, or an error that names file, key and remedy, before anything else happens."""
    try:
        checked = load_in_workflow(workflow.configfiles, workflow.config_settings.config, config)
        check_backbone(checked)
        return checked
    except UserError as error:
        sys.exit(f"error: {error}")


CONFIG = checked_config()
STARTED = time.time()


pathvars:
    results=f"results/{CONFIG.run}",
    logs=f"results/{CONFIG.run}/logs",
    benchmarks=f"results/{CONFIG.run}/benchmarks",
    data=CONFIG.data.folder,


RESULTS = f"results/{CONFIG.run}"
SOURCE, *TARGETS = CONFIG.languages
GOLD = [name for name, system in CONFIG.systems.items() if system.train]
WITH_LAKM = [name for name in GOLD if CONFIG.systems[name].lakm]
STUDENTS = [name for name, system in CONFIG.systems.items() if system.distil]
TEACHER_RUNS = CONFIG.teacher_runs()
RUNS = [(system, seed) for system in CONFIG.systems for seed in CONFIG.seeds_of(system)]
USES_GPU = CONFIG.device.kind == "cuda" or (CONFIG.device.kind == "auto" and gpu_count() > 0)
GPUS = int(USES_GPU)


def code(script):
    """Fingerprint of a stage's own code: the script and the lbmrc modules it imports."""
    root = Path(workflow.basedir)
    return code_fingerprint(root / "workflow/scripts" / script, root)


def settings(section, without=(), **more):
    """A part of the config as JSON, for `params` and the command line."""
    known = section.model_dump(mode="json", exclude=set(without))
    return json.dumps(known | more, ensure_ascii=False, sort_keys=True)


def training_of(wildcards):
    """How a system is trained; a point of the sweep, as its student."""
    system = wildcards.system if wildcards.system in CONFIG.systems else CONFIG.sweep.student
    return CONFIG.training_of(system)


def optimisation(wildcards):
    """The settings of a training that decide its result, as JSON."""
    training = training_of(wildcards)
    return settings(training, without=training.EXECUTION)


def execution(wildcards):
    """Those that decide nothing: a resource, since a param that changes has a job run again."""
    training = training_of(wildcards)
    return training.model_dump_json(include=training.EXECUTION)


def processes(wildcards):
    return training_of(wildcards).num_processes


def checkpoint(spec):
    """A checkpoint as input: known by its `identity`, which is a param, and not by its age."""
    return ancient(CONFIG.checkpoint_folder(spec))


def identity(spec):
    """What a checkpoint is: its pinned revision, or the content of its folder."""
    return spec.revision or folder_fingerprint(Path(spec.folder))


def one_of(names):
    """A wildcard constraint; matches nothing where there are no names."""
    return "|".join(map(re.escape, names)) or "(?!)"


def model(system, seed):
    return f"{RESULTS}/systems/{system}/seed-{seed}/model"


def growing(amount, times=lambda wildcards: 1):
    """A resource that grows with each attempt: what ran out of it is tried again with more.

    The rules' amounts (MiB, minutes) are requests to a cluster, generous for the paper's data and
    not measured on it; locally they limit nothing. A profile overrides them by `set-resources`.
    """
    return lambda wildcards, attempt: attempt * amount * times(wildcards)


def logits(runs):
    """The logit files of some (system, seed)."""
    return [f"{RESULTS}/systems/{system}/seed-{seed}/logits.parquet" for system, seed in runs]


wildcard_constraints:
    system=one_of(CONFIG.systems),
    seed=r"\d+",
    language=one_of(CONFIG.languages),
    dataset=one_of(set(CONFIG.dataset_names()) - {"union"}),
    benchmark=one_of(CONFIG.benchmarks),


def preflight():
    """Stop before any work if it needs what is not here; tell what it will take where GPUs work."""
    from lbmrc.planning.preflight import check, estimate, other_versions

    jobs = list(workflow.dag.needrun_jobs())
    made = {str(file) for job in jobs for file in job.output}
    here, on_gpu = workflow.local_exec, any(job.resources.get("gpu", 0) for job in jobs)
    try:
        check(CONFIG, made, here, on_gpu)
        if here and on_gpu:
            print(estimate(CONFIG), file=sys.stderr)
    except UserError as error:
        sys.exit(f"error: {error}")
    if others := other_versions():
        logger.warning(f"Packages of other versions than pinned: {', '.join(others)}")


def show_summary():
    """Print the tables, if this run made them."""
    summary = Path(RESULTS, "tables/summary.txt")
    if summary.exists() and summary.stat().st_mtime >= STARTED:
        print(summary.read_text(encoding="utf-8"))
