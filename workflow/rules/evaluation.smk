# Section 4: every system answers every benchmark file, and is scored by the official rules.

SPLITS = sorted({cell[:2] for cell in BENCHMARK_CELLS})


def of_cells(template, cells=BENCHMARK_CELLS):
    """One path a benchmark file, by default those of the tables."""
    return [template.replace("<cell>", ".".join(cell)) for cell in cells]


def cells_of(wildcards):
    """The files of one benchmark's split: what the tables and a sweep are made of."""
    cells = dict.fromkeys(BENCHMARK_CELLS + CONFIG.sweep_cells())
    return [cell for cell in cells if cell[:2] == (wildcards.benchmark, wildcards.split)]


BENCHMARK_FILES = [CONFIG.benchmark_file(*cell) for cell in BENCHMARK_CELLS]
SCORE_FILES = [
    file
    for system, seed in RUNS
    for file in of_cells(f"{RESULTS}/systems/{system}/seed-{seed}/scores/<cell>.json")
]


rule benchmark_windows:
    """Windows of all files of a benchmark, each distinct text tokenized once."""
    input:
        files=lambda wildcards: [CONFIG.benchmark_file(*cell) for cell in cells_of(wildcards)],
        tokenizer=checkpoint(CONFIG.backbone),
    output:
        windows="<results>/windows/benchmarks/{benchmark}.{split}.arrow",
        manifest="<results>/manifests/windows.{benchmark}.{split}.json",
    log:
        "<logs>/windows/{benchmark}.{split}.log",
    benchmark:
        "<benchmarks>/windows/{benchmark}.{split}.tsv"
    threads: 1
    resources:
        mem_mb=growing(16_000),
        runtime=growing(240),
    params:
        cells=lambda wildcards: json.dumps([cell[2:] for cell in cells_of(wildcards)]),
        policy=CONFIG.data.on_bad_example,
        settings=settings(CONFIG.windows),
        tokenizer=identity(CONFIG.backbone),
        code=code("benchmark_windows.py"),
    message:
        "windows of {wildcards.benchmark} {wildcards.split}"
    shell:
        "python workflow/scripts/benchmark_windows.py --files {input.files}"
        " --cells {params.cells:q} --on-bad-example {params.policy} --tokenizer {input.tokenizer}"
        " --settings {params.settings:q} --dataset {wildcards.benchmark}.{wildcards.split}"
        " --target {output.windows} --manifest {output.manifest} --code {params.code}"
        " > {log} 2>&1"


rule predict:
    """One model answers all benchmarks in one job: the best span of each question, as text."""
    input:
        model=ancient("<results>/systems/{system}/seed-{seed}/model"),
        trained="<results>/systems/{system}/seed-{seed}/manifest.json",
        windows=ancient(
            [f"<results>/windows/benchmarks/{name}.{split}.arrow" for name, split in SPLITS]
        ),
        cut=[f"<results>/manifests/windows.{name}.{split}.json" for name, split in SPLITS],
        files=BENCHMARK_FILES,
    output:
        predictions=of_cells("<results>/systems/{system}/seed-{seed}/predictions/<cell>.json"),
        manifest="<results>/systems/{system}/seed-{seed}/predictions.manifest.json",
    log:
        "<logs>/predict/{system}.seed-{seed}.log",
    benchmark:
        "<benchmarks>/predict/{system}.seed-{seed}.tsv"
    threads: CONFIG.device.threads
    resources:
        mem_mb=growing(16_000),
        runtime=growing(480),
        gpu=GPUS,
    params:
        benchmarks=json.dumps(SPLITS),
        decoding=settings(CONFIG.decoding),
        code=code("predict.py"),
    message:
        "{wildcards.system} (seed {wildcards.seed}) answers every benchmark"
    shell:
        "python workflow/scripts/predict.py --model {input.model} --windows {input.windows}"
        " --benchmarks {params.benchmarks:q} --decoding {params.decoding:q}"
        " --device {CONFIG.device.kind} --targets {output.predictions}"
        " --manifest {output.manifest} --code {params.code} > {log} 2>&1"


rule score:
    """Exact match and F1 of one system: of every benchmark file, and of every question."""
    input:
        predictions=of_cells("<results>/systems/{system}/seed-{seed}/predictions/<cell>.json"),
        files=BENCHMARK_FILES,
    output:
        scores=of_cells("<results>/systems/{system}/seed-{seed}/scores/<cell>.json"),
        questions="<results>/systems/{system}/seed-{seed}/scores/questions.parquet",
    log:
        "<logs>/score/{system}.seed-{seed}.log",
    benchmark:
        "<benchmarks>/score/{system}.seed-{seed}.tsv"
    threads: 1
    resources:
        mem_mb=growing(8_000),
        runtime=growing(120),
    params:
        metrics=json.dumps({name: b.metric for name, b in CONFIG.benchmarks.items()}),
        code=code("score.py"),
    message:
        "score {wildcards.system} (seed {wildcards.seed}) by the official rules"
    shell:
        "python workflow/scripts/score.py --files {input.files} --predictions {input.predictions}"
        " --system {wildcards.system} --seed {wildcards.seed} --metrics {params.metrics:q}"
        " --targets {output.scores} --questions {output.questions} > {log} 2>&1"
